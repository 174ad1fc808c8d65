package org.datdot.hypercore;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Signature;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * Checks and makes the signatures over a core's tree. What is signed is {@code TREE || context || treeHash || length ||
 * fork} with the manifest's hash as context (version 0: the signer's namespace; compat cores: no context). Source: npm
 * hypercore lib/verifier.js and lib/caps.js.
 */
final class Verifier {
    private final CoreKey key;
    private final Manifest manifest;
    private final boolean compat;

    Verifier(CoreKey key, Manifest manifest) {
        this.key = key;
        this.manifest = manifest;
        this.compat = manifest.isCompat(key);
    }

    /** The fixed beginning, null when there is none or the core is a compat one. */
    Manifest.@Nullable Prologue prologue() {
        return compat ? null : manifest.prologue();
    }

    boolean verify(TreeHead head) {
        return verify(new MerkleTreeBatch(head), head.signature());
    }

    boolean verify(MerkleTreeBatch batch, byte[] signature) {
        if (bare()) return verifySigner(0, batch, signature);
        if (manifest.version() == 0) return verifyMulti(batch, signature);
        Manifest.Prologue prologue = manifest.prologue();
        if (prologue != null && batch.length() <= prologue.length()) {
            return batch.length() == prologue.length() && batch.treeHash().equals(prologue.hash());
        }
        return verifyMulti(batch, signature);
    }

    /** Throws an {@link IllegalArgumentException} when a tree ends inside the fixed beginning. */
    void requireBeyondPrologue(long length) {
        Manifest.Prologue fixed = prologue();
        if (fixed != null && length < fixed.length()) {
            throw new IllegalArgumentException("the first " + fixed.length() + " blocks of core " + key
                    + " are fixed, so it cannot have a length of " + length);
        }
    }

    /**
     * The signature of a core that one signer is enough for, as it travels on the wire.
     *
     * @throws IllegalStateException when one is not enough
     */
    byte[] sign(long fork, long length, TreeHash treeHash, KeyPair keyPair) {
        SignatureShare share = share(fork, length, treeHash, keyPair);
        if (!compat && manifest.quorum() != 1) {
            throw new IllegalStateException("core " + key + " must be signed by " + manifest.quorum() + " of its "
                    + manifest.signers().size()
                    + " signers: put their shares together (Manifest.sign and assemble) and hand in the signature");
        }
        return assemble(List.of(share));
    }

    /** What the signer whose key this is contributes to a signature. */
    SignatureShare share(long fork, long length, TreeHash treeHash, KeyPair keyPair) {
        for (int i = 0; i < manifest.signers().size(); i++) {
            if (!manifest.signers().get(i).publicKey().equals(keyPair.publicKey())) continue;
            byte[] signable = signable(i, fork, length, treeHash);
            return new SignatureShare(
                    i, Ed25519.sign(signable, keyPair.secretKey()).bytes());
        }
        throw new IllegalArgumentException("the key pair is not one of the core's signers");
    }

    /** The bytes of a signature made of shares, of the first ones that the quorum asks for. */
    byte[] assemble(List<SignatureShare> shares) {
        if (bare()) return shares.getFirst().signature().clone();
        MultiSignature multi = MultiSignature.of(shares);
        return manifest.version() == 0 ? multi.encodeVersion0(shares) : multi.encode();
    }

    /** Whether a signature is nothing but the 64 bytes of the only signer. */
    private boolean bare() {
        return compat
                || (manifest.version() == 0
                        && !manifest.allowPatch()
                        && manifest.signers().size() == 1);
    }

    private boolean verifyMulti(MerkleTreeBatch batch, byte[] bytes) {
        long quorum = manifest.quorum();
        if (quorum == 0 || bytes.length == 0) return false;
        MultiSignature multi;
        try {
            multi = manifest.version() == 0 ? MultiSignature.decodeVersion0(bytes) : MultiSignature.decode(bytes);
        } catch (DecodingException e) {
            return false;
        }
        if (multi.proofs().size() < quorum) return false;

        boolean[] tried = new boolean[manifest.signers().size()];
        for (MultiSignature.PartialSignature part : multi.proofs().subList(0, (int) quorum)) {
            MerkleTreeBatch signed = batch;
            if (part.patchBlocks() > 0 && manifest.allowPatch()) {
                signed = patched(batch, multi.patch(), part.patchBlocks());
                if (signed == null) return false;
            }
            if (part.signer() < 0 || part.signer() >= tried.length || tried[(int) part.signer()]) return false;
            tried[(int) part.signer()] = true;
            if (!verifySigner((int) part.signer(), signed, part.signature())) return false;
        }
        return true;
    }

    /** The batch lifted by the patch to the length this signer signed, or null when the patch does not fit. */
    private static @Nullable MerkleTreeBatch patched(MerkleTreeBatch batch, List<TreeNode> patch, long blocks) {
        Map<Long, TreeNode> nodes = new HashMap<>();
        for (TreeNode node : patch) nodes.put(node.index(), node);
        MerkleTreeBatch lifted = batch.copy();
        try {
            long start = batch.length();
            List<TreeNode> path = TreeProof.upgradeNodes(nodes::get, start * 2, Math.addExact(start, blocks) * 2);
            Proof.DataUpgrade upgrade = new Proof.DataUpgrade(start, blocks, path, List.of(), null);
            return lifted.verifyUpgrade(batch.fork(), upgrade, null, null) ? lifted : null;
        } catch (InvalidProofException | InvalidRequestException | MissingNodeException | ArithmeticException e) {
            return null;
        }
    }

    private boolean verifySigner(int signer, MerkleTreeBatch batch, byte[] signature) {
        if (signature.length != 64 || signer >= manifest.signers().size()) return false;
        byte[] signable = signable(signer, batch.fork(), batch.length(), batch.treeHash());
        Manifest.Signer by = manifest.signers().get(signer);
        return Ed25519.verify(signable, new Signature(signature), by.publicKey());
    }

    /** What every signer of the core signs: manifests of version 1 and newer, and compat cores. */
    byte[] signable(long fork, long length, TreeHash treeHash) {
        if (!compat && manifest.version() == 0) {
            throw new IllegalStateException("the signers of core " + key + " sign each something else");
        }
        return signable(0, fork, length, treeHash);
    }

    private byte[] signable(int signer, long fork, long length, TreeHash treeHash) {
        ByteBuffer out = ByteBuffer.allocate(compat ? 80 : 112).order(ByteOrder.LITTLE_ENDIAN);
        out.put(Manifest.TREE.bytes());
        if (!compat) {
            boolean byNamespace = manifest.version() == 0;
            out.put(byNamespace ? manifest.signers().get(signer).namespace().bytes() : key.bytes());
        }
        out.put(treeHash.bytes()).putLong(length).putLong(fork);
        return Arrays.copyOf(out.array(), out.position());
    }
}
