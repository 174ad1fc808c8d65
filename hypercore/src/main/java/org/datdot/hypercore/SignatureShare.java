package org.datdot.hypercore;

import java.util.List;
import org.datdot.crypto.TreeNode;

/**
 * One signer's part of the signature of a core that several must sign. Signers may have signed trees of different
 * lengths, if the manifest allows patches: the core then gets the shortest, and the others' shares are {@link #lifted} so
 * that they prove themselves to be over a longer tree with the same beginning. {@link Manifest#assemble} puts shares
 * together. Source: npm hypercore lib/multisig.js.
 *
 * @param signer position in the manifest's list of signers
 * @param signature Ed25519 signature, 64 bytes; shared, do not modify
 * @param patchBlocks how many blocks longer the signed tree is than the core's, 0 for none
 * @param patch tree nodes which lift the core's tree to the signed one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SignatureShare(int signer, byte[] signature, long patchBlocks, List<TreeNode> patch) {

    /** Copies the nodes and checks the signature's size. */
    public SignatureShare {
        patch = List.copyOf(patch);
        if (signature.length != 64) throw new IllegalArgumentException("a signature of " + signature.length + " bytes");
    }

    /** A share over exactly the tree the core gets. */
    public SignatureShare(int signer, byte[] signature) {
        this(signer, signature, 0, List.of());
    }

    /**
     * This share for a core that becomes shorter than what was signed.
     *
     * @param length length in blocks the core gets
     * @param signedLength length in blocks that was signed
     * @param nodes the signed tree's nodes, or at least those that follow {@code length} in it
     * @throws MissingNodeException when one is not there
     * @throws IllegalArgumentException when less was signed than the core would have
     */
    public SignatureShare lifted(long length, long signedLength, NodeSource nodes) {
        if (length == signedLength) return new SignatureShare(signer, signature);
        if (length < 1 || length > signedLength) {
            throw new IllegalArgumentException(
                    "a signature of length " + signedLength + " is none of length " + length);
        }
        List<TreeNode> path = TreeProof.upgradeNodes(nodes, 2 * length, 2 * signedLength);
        return new SignatureShare(signer, signature, signedLength - length, path);
    }
}
