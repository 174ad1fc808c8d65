package org.datdot.chain;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Signature;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;

/**
 * The head of a block (docs/protocol.md 6): what everybody needs to check the block and the author's right to make it.
 *
 * <p>SCALE: a header of Substrate's (crate {@code sp-runtime}, {@code generic/header.rs}), so that its clients name blocks as we do: {@code parentHash},
 * {@code number} compact, {@code stateRoot}, {@code extrinsicsRoot}, and a digest of two items of the engine {@code "ddot"}: before the seal
 * {@code timestampMs} compact, {@code entropy} and {@code entropySignature}, in the seal {@code signature}. The hash is BLAKE2b-256 of all of it. The
 * genesis header is not signed: its hash is what a chain is known by.
 *
 * @param parentHash the hash of the previous header, zeros at genesis
 * @param number blocks before this one
 * @param timestampMs milliseconds since 1970, later than the parent's
 * @param stateRoot the root of the state after this block, against which entries can be proven ({@link StateProof})
 * @param extrinsicsRoot BLAKE2b-256 of the SCALE list of extrinsics
 * @param entropy the block's randomness, BLAKE2b-256 of {@code entropySignature}
 * @param entropySignature the author's signature of the previous entropy and this number; proves that entropy was not chosen
 * @param signature the author's signature of all other fields
 */
public record Header(
        Hash parentHash,
        long number,
        long timestampMs,
        Hash stateRoot,
        Hash extrinsicsRoot,
        Hash entropy,
        Signature entropySignature,
        Signature signature) {
    private static final byte[] ENGINE = "ddot".getBytes(StandardCharsets.US_ASCII);
    private static final int SEAL = 5;
    private static final int PRE_RUNTIME = 6;
    private static final Signature NOT_SIGNED = new Signature(new byte[Signature.BYTES]);

    /** The header of block 0. */
    static Header genesis(long timestampMs, Hash stateRoot, Hash extrinsicsRoot, Hash entropy) {
        Hash noParent = new Hash(new byte[Hash.BYTES]);
        return new Header(noParent, 0, timestampMs, stateRoot, extrinsicsRoot, entropy, NOT_SIGNED, NOT_SIGNED);
    }

    /** This header with the author's signature. */
    Header signedBy(KeyPair author, Hash genesis) {
        Signature signed = Ed25519.sign(signable(genesis), author.secretKey());
        return new Header(
                parentHash, number, timestampMs, stateRoot, extrinsicsRoot, entropy, entropySignature, signed);
    }

    /** A header yet to be signed, for an engine where entropy and header need no signatures of one author. */
    static Header unsigned(Round round, Hash stateRoot, Hash extrinsicsRoot) {
        return new Header(
                round.parent(),
                round.number(),
                round.timestampMs(),
                stateRoot,
                extrinsicsRoot,
                round.entropy(),
                NOT_SIGNED,
                NOT_SIGNED);
    }

    /** A header yet to be signed. */
    static Header unsigned(
            Header parent, long timestampMs, Hash stateRoot, Hash extrinsicsRoot, Signature entropySignature) {
        Hash entropy = entropyOf(entropySignature);
        return new Header(
                parent.hash(),
                parent.number + 1,
                timestampMs,
                stateRoot,
                extrinsicsRoot,
                entropy,
                entropySignature,
                NOT_SIGNED);
    }

    /** Whether {@code authority} signed this header and its entropy after {@code parent} on the chain {@code genesis}. */
    public boolean verify(PublicKey authority, Hash genesis, Header parent) {
        byte[] entropySignable = entropySignable(genesis, parent.entropy, number);
        return entropy.equals(entropyOf(entropySignature))
                && Ed25519.verify(entropySignable, entropySignature, authority)
                && isSealedBy(authority, genesis);
    }

    /** Whether {@code authority} signed this header; its entropy is not looked at, for that takes the parent. */
    boolean isSealedBy(PublicKey authority, Hash genesis) {
        return Ed25519.verify(signable(genesis), signature, authority);
    }

    /** What an author signs to get the entropy of block {@code number}. */
    static byte[] entropySignable(Hash genesis, Hash previousEntropy, long number) {
        return new ScaleEncoder()
                .string("datdot/v1/entropy")
                .fixed(genesis.bytes())
                .fixed(previousEntropy.bytes())
                .compact(number)
                .toBytes();
    }

    static Hash entropyOf(Signature entropySignature) {
        return new Hash(Blake2b.hash(entropySignature.bytes()));
    }

    /** The name of the block. */
    public Hash hash() {
        return new Hash(Blake2b.hash(encode()));
    }

    /** The header's bytes. */
    public byte[] encode() {
        ScaleEncoder out = new ScaleEncoder();
        encodeTo(out);
        return out.toBytes();
    }

    void encodeTo(ScaleEncoder out) {
        encodeSubstance(out);
        out.compact(2);
        out.fixed(preRuntime());
        out.fixed(seal());
    }

    /** The items of the digest, as they are written. */
    List<byte[]> digest() {
        return List.of(preRuntime(), seal());
    }

    private byte[] preRuntime() {
        byte[] content = new ScaleEncoder()
                .compact(timestampMs)
                .fixed(entropy.bytes())
                .fixed(entropySignature.bytes())
                .toBytes();
        return new ScaleEncoder().u8(PRE_RUNTIME).fixed(ENGINE).bytes(content).toBytes();
    }

    private byte[] seal() {
        return new ScaleEncoder()
                .u8(SEAL)
                .fixed(ENGINE)
                .bytes(signature.bytes())
                .toBytes();
    }

    /**
     * Reads a header.
     *
     * @throws DecodingException when the bytes are none
     */
    public static Header decode(ScaleDecoder in) {
        Hash parentHash = hash(in);
        long number = in.compact();
        Hash stateRoot = hash(in);
        Hash extrinsicsRoot = hash(in);
        if (in.compact() != 2) {
            throw new DecodingException("expected a header with two digest items");
        }
        ScaleDecoder pre = item(in, PRE_RUNTIME);
        long timestampMs = pre.compact();
        Hash entropy = hash(pre);
        Signature entropySignature = signature(pre);
        pre.requireEnd();
        ScaleDecoder seal = item(in, SEAL);
        Signature signature = signature(seal);
        seal.requireEnd();
        return new Header(
                parentHash, number, timestampMs, stateRoot, extrinsicsRoot, entropy, entropySignature, signature);
    }

    private static ScaleDecoder item(ScaleDecoder in, int kind) {
        int found = in.u8();
        if (found != kind || !Arrays.equals(in.fixed(ENGINE.length), ENGINE)) {
            throw new DecodingException(
                    "expected a digest item of kind " + kind + " and the engine ddot, found " + found);
        }
        return new ScaleDecoder(in.bytes());
    }

    private byte[] signable(Hash genesis) {
        ScaleEncoder out = new ScaleEncoder().string("datdot/v1/header").fixed(genesis.bytes());
        encodeUnsigned(out);
        return out.toBytes();
    }

    private void encodeUnsigned(ScaleEncoder out) {
        encodeSubstance(out);
        out.fixed(preRuntime());
    }

    private void encodeSubstance(ScaleEncoder out) {
        out.fixed(parentHash.bytes()).compact(number).fixed(stateRoot.bytes()).fixed(extrinsicsRoot.bytes());
    }

    private static Hash hash(ScaleDecoder in) {
        return new Hash(in.fixed(Hash.BYTES));
    }

    private static Signature signature(ScaleDecoder in) {
        return new Signature(in.fixed(Signature.BYTES));
    }

    @Override
    public String toString() {
        return "block " + number + " " + hash().hex().substring(0, 16);
    }
}
