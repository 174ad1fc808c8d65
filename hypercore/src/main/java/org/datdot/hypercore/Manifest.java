package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Namespaces;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.TreeHash;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * Who may sign a core, and how many of them must: the core's key is the hash of it. Versions 0 to 3, byte for byte as
 * npm hypercore lib/messages.js (wire) and lib/verifier.js (hash). An older "compat" core has its single signer's public
 * key as core key and no manifest of its own on the wire.
 *
 * @param version 0 to 3
 * @param allowPatch whether a signer may sign a shorter tree that patch nodes lift to the full length
 * @param quorum how many distinct signers must sign; 0 for a static core
 * @param signers who may sign
 * @param prologue a fixed beginning of the core, or null
 * @param linked keys of cores that belong to this one, or null (version 2 and newer)
 * @param userData free bytes, or null (version 2 and newer); shared, do not modify
 */
@SuppressWarnings("ArrayRecordComponent") // equals below compares the content
public record Manifest(
        int version,
        boolean allowPatch,
        long quorum,
        List<Signer> signers,
        @Nullable Prologue prologue,
        @Nullable List<CoreKey> linked,
        byte @Nullable [] userData) {

    static final Hash TREE = new Hash(Namespaces.derive("hypercore", 0)[0]);
    static final Hash DEFAULT_NAMESPACE = new Hash(Namespaces.derive("hypercore", 4)[0]);
    private static final Hash MANIFEST = new Hash(Namespaces.derive("hypercore", 3)[0]);

    private static final int ALLOW_PATCH = 1;
    private static final int PROLOGUE = 2;
    private static final int LINKED = 4;
    private static final int USER_DATA = 8;
    private static final int NEWEST_VERSION = 3;

    /**
     * One signer.
     *
     * @param namespace what a version 0 signature is bound to (later versions bind to the manifest's hash)
     * @param publicKey Ed25519 key
     */
    public record Signer(Hash namespace, PublicKey publicKey) {}

    /**
     * A fixed beginning: at {@code length} blocks the tree hash must be {@code hash}, no signature is needed up to there.
     *
     * @param hash tree hash
     * @param length length in blocks
     */
    public record Prologue(TreeHash hash, long length) {}

    /** Copies the lists and checks the quorum. */
    public Manifest {
        signers = List.copyOf(signers);
        linked = linked == null ? null : List.copyOf(linked);
        if (version < 0 || version > NEWEST_VERSION) {
            throw new IllegalArgumentException("unknown manifest version " + version);
        }
        if (quorum < 0) throw new IllegalArgumentException("negative quorum " + quorum);
    }

    /** The manifest npm hypercore makes for one signer: version 1, quorum 1, default namespace. */
    public static Manifest single(PublicKey publicKey) {
        return single(1, publicKey);
    }

    /** As {@link #single(PublicKey)} with another version, 0 to 3. */
    public static Manifest single(int version, PublicKey publicKey) {
        return new Manifest(version, false, 1, List.of(new Signer(DEFAULT_NAMESPACE, publicKey)), null, null, null);
    }

    /** A manifest (version 1) for several signers of whom {@code quorum} must sign. */
    public static Manifest multi(List<PublicKey> publicKeys, int quorum, boolean allowPatch) {
        return multi(1, publicKeys, quorum, allowPatch);
    }

    /** As {@link #multi(List, int, boolean)} with another version, 0 to 3. */
    public static Manifest multi(int version, List<PublicKey> publicKeys, int quorum, boolean allowPatch) {
        if (quorum > publicKeys.size()) {
            throw new IllegalArgumentException("quorum " + quorum + " of only " + publicKeys.size() + " signers");
        }
        List<Signer> signers =
                publicKeys.stream().map(k -> new Signer(DEFAULT_NAMESPACE, k)).toList();
        return new Manifest(version, allowPatch, quorum, signers, null, null, null);
    }

    /** The manifest (version 1) of a core whose content is fixed: nobody signs, the tree hash is known beforehand. */
    public static Manifest fixed(TreeHead head) {
        return fixed(head.treeHash(), head.length());
    }

    /** The same by the tree hash and the length in blocks. */
    public static Manifest fixed(TreeHash treeHash, long length) {
        return new Manifest(1, false, 0, List.of(), new Prologue(treeHash, length), null, null);
    }

    /** This manifest for a core that begins with the blocks of a head. */
    public Manifest beginning(TreeHead head) {
        Prologue fixed = new Prologue(head.treeHash(), head.length());
        return new Manifest(version, allowPatch, quorum, signers, fixed, linked, userData);
    }

    /** The core key this manifest hashes to. */
    public CoreKey coreKey() {
        return new CoreKey(Blake2b.hash(MANIFEST.bytes(), encode()));
    }

    /** Whether a core with this key is an older one whose key is the public key of its only signer. */
    public boolean isCompat(CoreKey key) {
        return signers.size() == 1
                && Arrays.equals(signers.getFirst().publicKey().bytes(), key.bytes());
    }

    /** Whether this is the manifest of the core with that key. */
    public boolean matches(CoreKey key) {
        return coreKey().equals(key) || isCompat(key);
    }

    /** Whether the head is validly signed for the core this manifest hashes to. */
    public boolean verify(TreeHead head) {
        return new Verifier(coreKey(), this).verify(head);
    }

    /** Whether the head is validly signed for the core with that key (which decides about compat signatures). */
    public boolean verify(CoreKey key, TreeHead head) {
        return matches(key) && new Verifier(key, this).verify(head);
    }

    /**
     * What a signer contributes to the signature of a head.
     *
     * @param key the core's key
     * @throws IllegalArgumentException when the key pair is not one of the signers'
     */
    public SignatureShare sign(CoreKey key, TreeHead head, KeyPair signer) {
        return new Verifier(key, this).share(head.fork(), head.length(), head.treeHash(), signer);
    }

    /**
     * What the signers sign of a head. With a manifest of version 0 each signs something else, see {@link #sign}.
     *
     * @param key the core's key
     * @throws IllegalStateException when it is of version 0
     */
    public byte[] signable(CoreKey key, TreeHead head) {
        return new Verifier(key, this).signable(head.fork(), head.length(), head.treeHash());
    }

    /**
     * Puts shares together to the signature that goes with a head. The first {@link #quorum} of them count.
     *
     * @param key the core's key
     * @throws IllegalArgumentException when there are too few
     */
    public byte[] assemble(CoreKey key, List<SignatureShare> shares) {
        if (shares.isEmpty() || shares.size() < quorum) {
            throw new IllegalArgumentException(shares.size() + " signatures of " + quorum + " that are needed");
        }
        return new Verifier(key, this).assemble(shares);
    }

    /**
     * How long a core can become when its signers have signed these lengths: the longest that a quorum has reached.
     *
     * @param signedLengths lengths in blocks
     * @return 0 when there are too few
     */
    public long signableLength(List<Long> signedLengths) {
        int needed = (int) Math.max(1, quorum);
        if (needed > signedLengths.size()) return 0;
        return signedLengths.stream()
                .sorted(Comparator.reverseOrder())
                .skip(needed - 1L)
                .findFirst()
                .orElse(0L);
    }

    /** The wire bytes: what is hashed and what travels in {@code data} messages. */
    public byte[] encode() {
        CompactEncoder out = new CompactEncoder();
        encodeTo(out);
        return out.toBytes();
    }

    /** Appends the wire bytes. */
    public void encodeTo(CompactEncoder out) {
        out.uint(version);
        if (version == 0) encodeVersion0(out);
        else encodeFields(out);
    }

    /** The bytes hypercore-storage keeps: the layout of version 1 for every version, fields in the same order. */
    void encodeStoredTo(CompactEncoder out) {
        out.uint(version);
        encodeFields(out);
    }

    private void encodeFields(CompactEncoder out) {
        int flags = (allowPatch ? ALLOW_PATCH : 0)
                | (prologue != null ? PROLOGUE : 0)
                | (linked != null ? LINKED : 0)
                | (userData != null ? USER_DATA : 0);
        out.uint(flags).uint(0).uint(quorum);
        encodeSigners(out);
        if (prologue != null) out.fixed(prologue.hash().bytes()).uint(prologue.length());
        if (linked != null) {
            out.uint(linked.size());
            for (CoreKey key : linked) out.fixed(key.bytes());
        }
        if (userData != null) out.buffer(userData);
    }

    private void encodeVersion0(CompactEncoder out) {
        out.uint(0);
        if (prologue != null && signers.isEmpty()) {
            out.uint(0).fixed(prologue.hash().bytes());
        } else if (quorum == 1 && signers.size() == 1 && !allowPatch) {
            out.uint(1);
            encodeSigner(out, signers.getFirst());
        } else {
            out.uint(2).uint(allowPatch ? 1 : 0).uint(quorum);
            encodeSigners(out);
        }
    }

    private void encodeSigners(CompactEncoder out) {
        out.uint(signers.size());
        for (Signer signer : signers) encodeSigner(out, signer);
    }

    private static void encodeSigner(CompactEncoder out, Signer signer) {
        out.uint(0).fixed(signer.namespace().bytes()).fixed(signer.publicKey().bytes());
    }

    /**
     * Reads wire bytes.
     *
     * @throws DecodingException when they are not a manifest
     */
    public static Manifest decode(byte[] bytes) {
        CompactDecoder in = new CompactDecoder(bytes);
        Manifest manifest = decode(in);
        in.requireEnd();
        return manifest;
    }

    /**
     * Reads wire bytes, leaving the decoder behind them.
     *
     * @throws DecodingException when they are not a manifest
     */
    public static Manifest decode(CompactDecoder in) {
        int version = decodeVersion(in);
        return version == 0 ? decodeVersion0(in) : decodeFields(version, in);
    }

    /** Reads what {@link #encodeStoredTo} wrote. */
    static Manifest decodeStored(CompactDecoder in) {
        return decodeFields(decodeVersion(in), in);
    }

    private static int decodeVersion(CompactDecoder in) {
        long version = in.uint();
        if (version > NEWEST_VERSION) throw new DecodingException("unknown manifest version " + version);
        return (int) version;
    }

    private static Manifest decodeFields(int version, CompactDecoder in) {
        long flags = in.uint();
        requireZero(in.uint(), "hash type");
        long quorum = in.uint();
        List<Signer> signers = decodeSigners(in);
        Prologue prologue = (flags & PROLOGUE) == 0 ? null : new Prologue(new TreeHash(in.fixed(32)), in.uint());
        List<CoreKey> linked = null;
        if ((flags & LINKED) != 0) {
            int count = in.count(32);
            linked = new ArrayList<>();
            for (int i = 0; i < count; i++) linked.add(new CoreKey(in.fixed(32)));
        }
        byte[] userData = (flags & USER_DATA) == 0 ? null : in.buffer();
        return new Manifest(version, (flags & ALLOW_PATCH) != 0, quorum, signers, prologue, linked, userData);
    }

    private static Manifest decodeVersion0(CompactDecoder in) {
        requireZero(in.uint(), "hash type");
        long type = in.uint();
        if (type == 0) {
            Prologue prologue = new Prologue(new TreeHash(in.fixed(32)), 0);
            return new Manifest(0, false, 0, List.of(), prologue, null, null);
        }
        if (type == 1) return new Manifest(0, false, 1, List.of(decodeSigner(in)), null, null, null);
        if (type != 2) throw new DecodingException("unknown manifest type " + type);
        boolean allowPatch = (in.uint() & 1) != 0;
        long quorum = in.uint();
        return new Manifest(0, allowPatch, quorum, decodeSigners(in), null, null, null);
    }

    private static List<Signer> decodeSigners(CompactDecoder in) {
        int count = in.count(65);
        List<Signer> signers = new ArrayList<>();
        for (int i = 0; i < count; i++) signers.add(decodeSigner(in));
        return signers;
    }

    private static Signer decodeSigner(CompactDecoder in) {
        requireZero(in.uint(), "signature type");
        return new Signer(new Hash(in.fixed(32)), new PublicKey(in.fixed(32)));
    }

    private static void requireZero(long value, String what) {
        if (value != 0) throw new DecodingException("unknown manifest " + what + " " + value);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Manifest that && version == that.version && Arrays.equals(encode(), that.encode());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encode());
    }
}
