package org.datdot.hypercore;

import java.util.List;
import org.datdot.crypto.TreeNode;

/**
 * Tells whether a proof shows that the core's signer has signed two different histories of one fork. Source: checkConflict
 * in npm hypercore lib/core.js.
 */
final class ConflictCheck {
    private ConflictCheck() {}

    /**
     * Checks a proof of a whole tree against the tree known here.
     *
     * @param head our head, which is verified
     * @return false as well when the proof is about another fork or more blocks than are known here
     * @throws InvalidProofException when the proof is not signed
     */
    static boolean contradicts(PreparedProof prepared, TreeHead head, NodeSource nodes, Verifier signatures) {
        Proof proof = prepared.proof();
        Proof.DataUpgrade upgrade = proof.upgrade();
        if (upgrade == null || upgrade.start() != 0 || proof.block() != null || proof.hash() != null) return false;
        if (proof.seek() != null || proof.fork() != head.fork() || upgrade.length() > head.length()) return false;
        MerkleTreeBatch batch = new MerkleTreeBatch(new TreeHead(head.fork(), 0, List.of(), new byte[0]));
        batch.verifyUpgrade(proof.fork(), upgrade, null, signatures.prologue());
        byte[] signature = upgrade.signature();
        if (signature == null || !signatures.verify(batch, signature)) {
            throw new InvalidProofException("the signature of length " + batch.length() + " is not valid");
        }
        for (TreeNode root : upgrade.nodes()) {
            TreeNode ours = nodes.node(root.index());
            if (ours != null && !ours.equals(root)) return true;
        }
        return false;
    }
}
