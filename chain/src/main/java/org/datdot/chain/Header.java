package org.datdot.chain;

import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Signature;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;

/**
 * The head of a block (docs/protocol.md 6): what everybody needs to check the block and the author's right to make it.
 *
 * <p>SCALE: fields in this order, {@code number} and {@code timestampMs} compact, the rest as they are. The hash is
 * BLAKE2b-256 of all of it. The genesis header is not signed: its hash is what a chain is known by.
 *
 * @param parentHash the hash of the previous header, zeros at genesis
 * @param number blocks before this one
 * @param timestampMs milliseconds since 1970, later than the parent's
 * @param stateRoot the hash chain over all changes of state up to and with this block
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
                && Ed25519.verify(signable(genesis), signature, authority);
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
        encodeUnsigned(out);
        out.fixed(signature.bytes());
    }

    /**
     * Reads a header.
     *
     * @throws org.datdot.encoding.DecodingException when the bytes are none
     */
    public static Header decode(ScaleDecoder in) {
        return new Header(
                hash(in), in.compact(), in.compact(), hash(in), hash(in), hash(in), signature(in), signature(in));
    }

    private byte[] signable(Hash genesis) {
        ScaleEncoder out = new ScaleEncoder().string("datdot/v1/header").fixed(genesis.bytes());
        encodeUnsigned(out);
        return out.toBytes();
    }

    private void encodeUnsigned(ScaleEncoder out) {
        out.fixed(parentHash.bytes())
                .compact(number)
                .compact(timestampMs)
                .fixed(stateRoot.bytes())
                .fixed(extrinsicsRoot.bytes())
                .fixed(entropy.bytes())
                .fixed(entropySignature.bytes());
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
