package org.datdot.ledger;

import java.util.List;
import org.datdot.crypto.TreeNode;

/**
 * A signed tree head of a feed.
 *
 * @param fork fork number
 * @param length length in blocks
 * @param roots the roots of the Merkle tree, left to right
 * @param signature as the manifest asks for it
 */
public record FeedHead(long fork, long length, List<TreeNode> roots, Bytes signature) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<FeedHead> CODEC = Codec.of(FeedHead.class);

    /** The feed's bytes up to this head. */
    public long byteLength() {
        long sum = 0;
        for (TreeNode root : roots) {
            sum = Math.addExact(sum, root.size());
        }
        return sum;
    }
}
