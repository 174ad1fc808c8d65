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

/**
 * A signed call in Substrate's extrinsic format 4 (crate {@code sp-runtime}, {@code generic/unchecked_extrinsic.rs}; npm
 * {@code @polkadot/types}, {@code extrinsic/v4}): an Ed25519 signature, never expiring, without a tip.
 *
 * <p>Immutable and in exactly one encoding, so that its hash names it.
 */
public final class Extrinsic {
    /** The runtime's version; a signature of another version does not count. Raised when rules of the ledger change. */
    public static final int SPEC_VERSION = 1;

    /** The version of calls and signed payload. Raised when old signers would sign something else than they mean. */
    public static final int TRANSACTION_VERSION = 1;

    /** Payloads longer than this are hashed before they are signed. */
    private static final int MAX_PLAIN_PAYLOAD_BYTES = 256;

    private static final int SIGNED_FORMAT_4 = 0x84;
    private static final int ADDRESS_IS_ACCOUNT_ID = 0;
    private static final int SIGNATURE_IS_ED25519 = 0;
    private static final int ERA_IS_IMMORTAL = 0;
    private static final long MAX_NONCE = 0xffff_ffffL;

    private final AccountId signer;
    private final Signature signature;
    private final long nonce;
    private final Call call;
    private final byte[] encoded;
    private final Hash hash;

    private Extrinsic(AccountId signer, Signature signature, long nonce, Call call, byte[] encoded) {
        this.signer = signer;
        this.signature = signature;
        this.nonce = nonce;
        this.call = call;
        this.encoded = encoded;
        this.hash = new Hash(Blake2b.hash(encoded));
    }

    /** Signs a call with an account's chain key. */
    public static Extrinsic sign(KeyPair chainKey, long nonce, Call call, Hash genesis) {
        Signature signature = Ed25519.sign(payload(nonce, call, genesis), chainKey.secretKey());
        return of(AccountId.of(chainKey.publicKey()), signature, nonce, call);
    }

    /** An extrinsic with a signature made elsewhere; whether it fits is for {@link #verify} to say. */
    public static Extrinsic of(AccountId signer, Signature signature, long nonce, Call call) {
        if (nonce < 0 || nonce > MAX_NONCE) {
            throw new IllegalArgumentException("a nonce is 0 to 2^32 - 1, not " + nonce);
        }
        byte[] body = new ScaleEncoder()
                .u8(SIGNED_FORMAT_4)
                .u8(ADDRESS_IS_ACCOUNT_ID)
                .fixed(signer.bytes())
                .u8(SIGNATURE_IS_ED25519)
                .fixed(signature.bytes())
                .fixed(extensions(nonce))
                .fixed(call.encode())
                .toBytes();
        return new Extrinsic(
                signer, signature, nonce, call, new ScaleEncoder().bytes(body).toBytes());
    }

    /** The bytes an account signs: as they are, or their BLAKE2b-256 where there are more than 256. */
    public static byte[] payload(long nonce, Call call, Hash genesis) {
        byte[] payload = new ScaleEncoder()
                .fixed(call.encode())
                .fixed(extensions(nonce))
                .u32(SPEC_VERSION)
                .u32(TRANSACTION_VERSION)
                .fixed(genesis.bytes())
                // An immortal extrinsic is valid from the first block on; a mortal one would name a later one here.
                .fixed(genesis.bytes())
                .toBytes();
        return payload.length > MAX_PLAIN_PAYLOAD_BYTES ? Blake2b.hash(payload) : payload;
    }

    /** Whether the signer signed this call, with this nonce, for this chain. */
    public boolean verify(Hash genesis) {
        return Ed25519.verify(payload(nonce, call, genesis), signature, signer.chainKey());
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
        requireByte(at, ERA_IS_IMMORTAL, "an immortal extrinsic (era 0)");
        long nonce = at.compact();
        if (nonce > MAX_NONCE) {
            throw new DecodingException("expected a nonce of at most 2^32 - 1, found " + nonce);
        }
        BigInteger tip = at.compactBig();
        if (tip.signum() != 0) {
            throw new DecodingException("expected no tip (0), found " + tip);
        }
        Call call = Call.decode(at);
        at.requireEnd();
        Extrinsic extrinsic = of(signer, signature, nonce, call);
        if (!Arrays.equals(extrinsic.encoded, new ScaleEncoder().bytes(body).toBytes())) {
            throw new DecodingException("expected an extrinsic in its only encoding");
        }
        return extrinsic;
    }

    private static byte[] extensions(long nonce) {
        return new ScaleEncoder().u8(ERA_IS_IMMORTAL).compact(nonce).compact(0).toBytes();
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
        return nonce;
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
                + call.getClass().getSimpleName() + " nonce " + nonce;
    }
}
