package org.datdot.hosting;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;

/** A list of Hypercore tree nodes in compact encoding: {@code uint count}, then {@code uint index, uint size, hash32} each. */
final class TreeNodes {
    private static final int SMALLEST_NODE_BYTES = 34;

    private TreeNodes() {}

    static void encode(CompactEncoder out, List<TreeNode> nodes) {
        out.uint(nodes.size());
        for (TreeNode node : nodes)
            out.uint(node.index()).uint(node.size()).fixed(node.hash().bytes());
    }

    static List<TreeNode> decode(CompactDecoder in) {
        long count = in.uint();
        if (count > in.remaining() / SMALLEST_NODE_BYTES) {
            throw new DecodingException("a list of " + count + " tree nodes in " + in.remaining() + " bytes");
        }
        List<TreeNode> nodes = new ArrayList<>((int) count);
        for (int i = 0; i < count; i++) nodes.add(new TreeNode(in.uint(), in.uint(), new TreeHash(in.fixed(32))));
        return nodes;
    }
}
