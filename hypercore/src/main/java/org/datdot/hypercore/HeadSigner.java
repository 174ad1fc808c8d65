package org.datdot.hypercore;

import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.jspecify.annotations.Nullable;

/**
 * Puts the signature on a head that is made here: by the core's key pair, or one that its signers made elsewhere, or none
 * on the fixed beginning of a core, which needs none. Used with the core's lock held.
 */
final class HeadSigner {
    private final CoreKeys keys;
    private final @Nullable KeyPair pair;
    private final byte @Nullable [] signature;

    private HeadSigner(CoreKeys keys, @Nullable KeyPair pair, byte @Nullable [] signature) {
        this.keys = keys;
        this.pair = pair;
        this.signature = signature;
    }

    /**
     * Signs for a core.
     *
     * @param signature made elsewhere; null to use the core's key pair
     * @throws IllegalStateException when there is nothing to sign with
     */
    static HeadSigner of(CoreKeys keys, byte @Nullable [] signature) {
        if (signature != null) return new HeadSigner(keys, null, signature.clone());
        Verifier rules = keys.verifier();
        boolean fixed = rules != null && rules.prologue() != null;
        return new HeadSigner(keys, fixed ? keys.keyPair() : keys.signer(), null);
    }

    /**
     * The signed head of a tree.
     *
     * @throws IllegalArgumentException when the signature is not of this tree, or the tree ends inside a fixed beginning
     * @throws IllegalStateException when more than the core's key pair must sign
     */
    TreeHead sign(MerkleTreeBatch tree) {
        KeyPair by = pair;
        Verifier rules = by == null ? known() : keys.rulesOf(by);
        rules.requireBeyondPrologue(tree.length());
        byte[] made = signature;
        Manifest.Prologue fixed = rules.prologue();
        if (fixed != null && tree.length() == fixed.length()) {
            if (tree.treeHash().equals(fixed.hash())) return tree.head(new byte[0]);
            throw new IllegalArgumentException(
                    "core " + keys.key() + " must begin with " + fixed.length() + " other blocks");
        }
        if (made == null) {
            made = rules.sign(tree.fork(), tree.length(), tree.treeHash(), by == null ? keys.signer() : by);
        } else if (!rules.verify(tree, made)) {
            throw new IllegalArgumentException("the signature is not valid for core " + keys.key() + " of length "
                    + tree.length() + " and fork " + tree.fork());
        }
        return tree.head(made);
    }

    private Verifier known() {
        Verifier rules = keys.verifier();
        if (rules != null) return rules;
        Manifest single = Manifest.single(new PublicKey(keys.key().bytes()));
        if (!single.matches(keys.key())) {
            throw new IllegalStateException("the manifest of core " + keys.key() + " is not known here");
        }
        keys.learn(single);
        return new Verifier(keys.key(), single);
    }
}
