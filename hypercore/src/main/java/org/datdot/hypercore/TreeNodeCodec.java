package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;

/** Tree nodes as they travel and are stored: uint index, uint size, 32-byte hash (npm hypercore lib/messages.js). */
public final class TreeNodeCodec {
    private static final int SMALLEST = 34;

    private TreeNodeCodec() {}

    /** Appends one node. */
    public static void encode(CompactEncoder out, TreeNode node) {
        out.uint(node.index()).uint(node.size()).fixed(node.hash().bytes());
    }

    /** Appends a list with its count. */
    public static void encodeList(CompactEncoder out, List<TreeNode> nodes) {
        out.uint(nodes.size());
        for (TreeNode node : nodes) encode(out, node);
    }

    /** Reads one node. */
    public static TreeNode decode(CompactDecoder in) {
        return new TreeNode(in.uint(), in.uint(), new TreeHash(in.fixed(32)));
    }

    /** Reads a list with its count; refuses a count that cannot fit before allocating. */
    public static List<TreeNode> decodeList(CompactDecoder in) {
        int count = in.count(SMALLEST);
        List<TreeNode> nodes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) nodes.add(decode(in));
        return nodes;
    }
}
