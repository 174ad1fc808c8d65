package org.datdot.chain;

import java.math.BigInteger;
import java.util.Arrays;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Signature;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Call;
import org.jspecify.annotations.Nullable;

/**
 * A signed call in Substrate's extrinsic format 4 (crate {@code sp-runtime}, {@code generic/unchecked_extrinsic.rs}; npm
 * {@code @polkadot/types}, {@code extrinsic/v4}): an Ed25519 signature over the
 * call, the {@link Terms}, the versions of the rules, the chain and the block from which on it is valid.
 *
 * <p>Immutable and in exactly one encoding, so that its hash names it.
 */
public final class Extrinsic {
    /** The runtime's version; a signature of another version does not count. Raised when rules or metadata change: SpecVersionTest tells when that was forgotten. */
    public static final int SPEC_VERSION = 3;

    /** The version of calls and signed payload. Raised when old signers would sign something else than they mean. */
    public static final int TRANSACTION_VERSION = 1;

    /** Payloads longer than this are hashed before they are signed. */
    private static final int MAX_PLAIN_PAYLOAD_BYTES = 256;

    private static final int SIGNED_FORMAT_4 = 0x84;
    private static final int ADDRESS_IS_ACCOUNT_ID = 0;
    private static final int SIGNATURE_IS_ED25519 = 0;
    private static final long MAX_NONCE = 0xffff_fffeL;

    private final AccountId signer;
    private final Signature signature;
    private final Terms terms;
    private final Call call;
    private final byte[] encoded;
    private final Hash hash;

    /**
     * What a signer says beside the call: the signed extensions, in this order.
     *
     * @param era in which blocks it may be
     * @param nonce how many extrinsics of the signer come before this one
     * @param tip units paid to the treasury for being included
     */
    public record Terms(Era era, long nonce, long tip) {
        /** Refuses what has no encoding. */
        public Terms {
            if (nonce < 0 || nonce > MAX_NONCE) {
                throw new IllegalArgumentException("a nonce is 0 to 2^32 - 2, not " + nonce);
            }
            if (tip < 0) {
                throw new IllegalArgumentException("a tip is at least 0, not " + tip);
            }
        }

        /** Valid for ever, without a tip. */
        public static Terms immortal(long nonce) {
            return new Terms(Era.immortal(), nonce, 0);
        }

        private void encodeTo(ScaleEncoder out) {
            era.encodeTo(out);
            out.compact(nonce).compact(tip);
        }

        private static Terms decode(ScaleDecoder in) {
            Era era = Era.decode(in);
            long nonce = in.compact();
            BigInteger tip = in.compactBig();
            if (nonce > MAX_NONCE || tip.bitLength() > 63) {
                throw new DecodingException(
                        "expected a nonce of at most 2^32 - 2 and a tip below 2^63, found " + nonce + " and " + tip);
            }
            return new Terms(era, nonce, tip.longValue());
        }
    }

    private Extrinsic(AccountId signer, Signature signature, Terms terms, Call call, byte[] encoded) {
        this.signer = signer;
        this.signature = signature;
        this.terms = terms;
        this.call = call;
        this.encoded = encoded;
        this.hash = new Hash(Blake2b.hash(encoded));
    }

    /** Signs a call with an account's chain key, valid for ever and without a tip. */
    public static Extrinsic sign(KeyPair chainKey, long nonce, Call call, Hash genesis) {
        return sign(chainKey, Terms.immortal(nonce), call, genesis, genesis);
    }

    /**
     * Signs a call with an account's chain key.
     *
     * @param birth the hash of the block the era begins with; for an immortal one the genesis hash
     */
    public static Extrinsic sign(KeyPair chainKey, Terms terms, Call call, Hash genesis, Hash birth) {
        Signature signature = Ed25519.sign(payload(terms, call, genesis, birth), chainKey.secretKey());
        return of(AccountId.of(chainKey.publicKey()), signature, terms, call);
    }

    /** An extrinsic with a signature made elsewhere; whether it fits is for {@link #verify} to say. */
    public static Extrinsic of(AccountId signer, Signature signature, Terms terms, Call call) {
        ScaleEncoder body = new ScaleEncoder()
                .u8(SIGNED_FORMAT_4)
                .u8(ADDRESS_IS_ACCOUNT_ID)
                .fixed(signer.bytes())
                .u8(SIGNATURE_IS_ED25519)
                .fixed(signature.bytes());
        terms.encodeTo(body);
        body.fixed(call.encode());
        return new Extrinsic(
                signer,
                signature,
                terms,
                call,
                new ScaleEncoder().bytes(body.toBytes()).toBytes());
    }

    /** The bytes an account signs: as they are, or their BLAKE2b-256 where there are more than 256. */
    public static byte[] payload(Terms terms, Call call, Hash genesis, Hash birth) {
        ScaleEncoder out = new ScaleEncoder().fixed(call.encode());
        terms.encodeTo(out);
        byte[] payload = out.u32(SPEC_VERSION)
                .u32(TRANSACTION_VERSION)
                .fixed(genesis.bytes())
                .fixed(birth.bytes())
                .toBytes();
        return payload.length > MAX_PLAIN_PAYLOAD_BYTES ? Blake2b.hash(payload) : payload;
    }

    /** Whether the signer signed this call on these terms for this chain and the block after those of {@code hashes}. */
    boolean verify(Hash genesis, BlockHashes hashes) {
        Hash birth = birth(genesis, hashes);
        return birth != null && verify(genesis, birth);
    }

    /** The hash the signature covers for the block after those of {@code hashes}, or null when it cannot be in that block. */
    @Nullable
    Hash birth(Hash genesis, BlockHashes hashes) {
        return terms.era() instanceof Era.Immortal
                ? genesis
                : hashes.of(terms.era().birth(hashes.blockNumber()));
    }

    /** Whether the signer signed this call on these terms, from the block {@code birth} on: the genesis hash for an immortal one. */
    public boolean verify(Hash genesis, Hash birth) {
        return Ed25519.verify(payload(terms, call, genesis, birth), signature, signer.chainKey());
    }

    /**
     * Reads an extrinsic with its length in front.
     *
     * @throws DecodingException when the bytes are none of this version
     */
    public static Extrinsic decode(byte[] bytes) {
        ScaleDecoder in = new ScaleDecoder(bytes);
        Extrinsic extrinsic = decode(in);
        in.requireEnd();
        return extrinsic;
    }

    static Extrinsic decode(ScaleDecoder in) {
        byte[] body = in.bytes();
        ScaleDecoder at = new ScaleDecoder(body);
        requireByte(at, SIGNED_FORMAT_4, "a signed extrinsic of format 4 (0x84)");
        requireByte(at, ADDRESS_IS_ACCOUNT_ID, "an account id as the signer's address (0)");
        AccountId signer = new AccountId(at.fixed(AccountId.BYTES));
        requireByte(at, SIGNATURE_IS_ED25519, "an Ed25519 signature (0)");
        Signature signature = new Signature(at.fixed(Signature.BYTES));
        Terms terms = Terms.decode(at);
        Call call = Call.decode(at);
        at.requireEnd();
        Extrinsic extrinsic = of(signer, signature, terms, call);
        if (!Arrays.equals(extrinsic.encoded, new ScaleEncoder().bytes(body).toBytes())) {
            throw new DecodingException("expected an extrinsic in its only encoding");
        }
        return extrinsic;
    }

    /**
     * The call of an extrinsic whose costs are asked for: clients put a made-up signature of any of Substrate's kinds into it.
     *
     * @throws DecodingException when the bytes are no such extrinsic
     */
    static Call decodeUnsettled(ScaleDecoder in) {
        ScaleDecoder at = new ScaleDecoder(in.bytes());
        requireByte(at, SIGNED_FORMAT_4, "a signed extrinsic of format 4 (0x84)");
        requireByte(at, ADDRESS_IS_ACCOUNT_ID, "an account id as the signer's address (0)");
        at.fixed(AccountId.BYTES);
        int kind = at.u8();
        if (kind > 2) {
            throw new DecodingException("expected a signature of kind 0 to 2, found " + kind);
        }
        // The third kind, ECDSA, says in one byte more which of two keys it was.
        at.fixed(kind == 2 ? Signature.BYTES + 1 : Signature.BYTES);
        Terms.decode(at);
        Call call = Call.decode(at);
        at.requireEnd();
        return call;
    }

    private static void requireByte(ScaleDecoder in, int expected, String what) {
        int found = in.u8();
        if (found != expected) {
            throw new DecodingException("expected " + what + ", found " + found);
        }
    }

    /** Who signed, and whose nonce it uses. */
    public AccountId signer() {
        return signer;
    }

    /** The signature of {@link #payload}. */
    public Signature signature() {
        return signature;
    }

    /** How many extrinsics of the signer come before this one. */
    public long nonce() {
        return terms.nonce();
    }

    /** All the signer says beside the call. */
    public Terms terms() {
        return terms;
    }

    /** What is to be done. */
    public Call call() {
        return call;
    }

    /** BLAKE2b-256 of {@link #encode()}, as in Substrate. */
    public Hash hash() {
        return hash;
    }

    /** The bytes, with their length in front. */
    public byte[] encode() {
        return encoded.clone();
    }

    /** The bytes themselves, for reading only, inside this package. */
    byte[] encoded() {
        return encoded;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Extrinsic that && Arrays.equals(encoded, that.encoded);
    }

    @Override
    public int hashCode() {
        return hash.hashCode();
    }

    @Override
    public String toString() {
        return "extrinsic " + hash.hex().substring(0, 16) + " "
                + call.getClass().getSimpleName() + " nonce " + nonce();
    }
}
