package org.datdot.hypercore;

import org.datdot.crypto.CoreKey;
import org.datdot.crypto.DiscoveryKey;
import org.datdot.crypto.KeyPair;
import org.jspecify.annotations.Nullable;

/**
 * Who a core is: its key, and what becomes known of it with time, the manifest with its rules, the key pair that signs and
 * the key its blocks are encrypted with. Written with the core's lock held, read without.
 */
final class CoreKeys {
    private final CoreKey key;
    private final DiscoveryKey discoveryKey;
    private volatile @Nullable KeyPair keyPair;
    private volatile byte @Nullable [] encryptionKey;
    private volatile @Nullable Verifier verifier;
    private volatile @Nullable Manifest manifest;

    CoreKeys(StoreRecord.CoreAuth stored) {
        this.key = stored.key();
        this.discoveryKey = stored.discoveryKey();
        this.keyPair = stored.keyPair();
        this.encryptionKey = stored.encryptionKey();
        Manifest known = stored.manifest();
        if (known != null) learn(known);
    }

    /** What is stored of all this. */
    StoreRecord.CoreAuth record() {
        return new StoreRecord.CoreAuth(key, discoveryKey, manifest, keyPair, encryptionKey);
    }

    CoreKey key() {
        return key;
    }

    DiscoveryKey discoveryKey() {
        return discoveryKey;
    }

    @Nullable
    KeyPair keyPair() {
        return keyPair;
    }

    byte @Nullable [] encryptionKey() {
        return encryptionKey;
    }

    @Nullable
    Manifest manifest() {
        return manifest;
    }

    /** The rules of the manifest, null while that is unknown. */
    @Nullable
    Verifier verifier() {
        return verifier;
    }

    void learn(Manifest known) {
        manifest = known;
        verifier = new Verifier(key, known);
    }

    /** The key pair that may sign here. */
    KeyPair signer() {
        KeyPair pair = keyPair;
        if (pair == null) {
            throw new IllegalStateException("core " + key + " belongs to someone else: it cannot be written");
        }
        return pair;
    }

    /** The rules to sign by; a manifest not known yet is that of the signer alone. */
    Verifier rulesOf(KeyPair signer) {
        Verifier known = verifier;
        if (known != null) return known;
        learn(manifestOf(signer));
        return new Verifier(key, manifestOf(signer));
    }

    private Manifest manifestOf(KeyPair signer) {
        Manifest single = Manifest.single(signer.publicKey());
        if (!single.matches(key)) throw new IllegalStateException("the key pair is not that of core " + key);
        return single;
    }

    /** The manifest a proof is verified with: the known one, the one that came along, or a compat core's. */
    Manifest manifestFor(Proof proof) {
        return proof.rules(key, manifest);
    }

    /**
     * Takes a key pair, once it is known.
     *
     * @return whether it was not known before
     */
    boolean adopt(KeyPair pair) {
        if (keyPair != null) return false;
        Manifest known = manifest;
        if (known == null) known = manifestOf(pair);
        if (known.signers().stream().noneMatch(s -> s.publicKey().equals(pair.publicKey()))) {
            throw new IllegalStateException("the key pair is not that of a signer of core " + key);
        }
        keyPair = pair;
        if (manifest == null) learn(known);
        return true;
    }

    /** Takes the key the blocks are encrypted with. */
    void encryptWith(byte[] secret) {
        encryptionKey = secret;
    }
}
