package org.datdot.hypercore;

import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.TreeNode;

/**
 * The verified parts of a core whose blocks live elsewhere, ready for {@link Corestore#host}. The nodes must be those of
 * the head's tree: at least the leaves of the held blocks and every node that proves them, each of which the caller has
 * verified (for example by {@link RangeProof#verify}).
 *
 * @param key the core's key
 * @param manifest the core's manifest
 * @param head the signed head
 * @param nodes tree nodes, in any order; iterated once, may be large
 * @param held which blocks the source can supply
 */
public record CoreImport(
        CoreKey key, Manifest manifest, TreeHead head, Iterable<TreeNode> nodes, List<BlockRange> held) {

    /** Copies the ranges. */
    public CoreImport {
        held = List.copyOf(held);
    }

    /** An import of a core whose key is the manifest's hash. */
    public static CoreImport of(Manifest manifest, TreeHead head, Iterable<TreeNode> nodes, List<BlockRange> held) {
        return new CoreImport(manifest.coreKey(), manifest, head, nodes, held);
    }
}
