package org.datdot.chain;

import org.jspecify.annotations.Nullable;

/**
 * The pool of waiting extrinsics does not take an extrinsic. Numbers of the JSON-RPC answers are those of Substrate's
 * {@code author} calls (crate {@code sc-rpc-api}, {@code author/error.rs}).
 */
public final class PoolException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why it was not taken. */
    public enum Kind {
        /** The bytes are no extrinsic of this version. */
        BAD_FORMAT(1001, "BadFormat"),
        /** The signature is not one of this account over this call on this chain. */
        BAD_SIGNATURE(1010, "BadSignature"),
        /** The account has used this nonce already. */
        STALE_NONCE(1010, "StaleNonce"),
        /** The account has less than the call's fee. */
        CANNOT_PAY(1010, "CannotPay"),
        /** The nonce is further ahead than the pool keeps for one account. */
        FUTURE_NONCE(1010, "FutureNonce"),
        /** The extrinsic is larger or heavier than a block may be. */
        TOO_LARGE(1010, "ExhaustsResources"),
        /** The block it was to be in weighs as much as a block may without it; it can be in the next one. */
        BLOCK_FULL(1010, "BlockFull"),
        /** The same extrinsic is waiting already. */
        ALREADY_IMPORTED(1013, "AlreadyImported"),
        /** Another extrinsic with this account and nonce is waiting; it is not replaced. */
        NONCE_TAKEN(1014, "NonceTaken"),
        /** The account has as many extrinsics waiting as it may. */
        ACCOUNT_LIMIT(1016, "AccountLimit"),
        /** The ledger's rules failed at it, which is a mistake in the rules. */
        FAULT(1010, "Fault"),
        /** The ledger follows another one and makes no blocks. */
        READ_ONLY(-32_601, "ReadOnly"),
        /** The pool is full. */
        POOL_FULL(1016, "PoolFull");

        private final int code;
        private final String text;

        Kind(int code, String text) {
            this.code = code;
            this.text = text;
        }

        /** The JSON-RPC error code. */
        public int code() {
            return code;
        }

        /** The name, as written in the {@code data} of a JSON-RPC error. */
        public String text() {
            return text;
        }

        /** The kind a JSON-RPC error's {@code data} names, or null. */
        static @Nullable Kind named(String text) {
            for (Kind kind : values()) {
                if (kind.text.equals(text)) {
                    return kind;
                }
            }
            return null;
        }
    }

    private final Kind kind;

    PoolException(Kind kind, String detail) {
        super(kind.text + ": " + detail);
        this.kind = kind;
    }

    static PoolException notSigned(Extrinsic extrinsic) {
        return new PoolException(
                Kind.BAD_SIGNATURE,
                "the signature is not one of " + extrinsic.signer()
                        + " over this call, nonce and chain, or its era is over");
    }

    static PoolException cannotPay(long fee) {
        return new PoolException(Kind.CANNOT_PAY, "the fee is " + fee + " units, more than the account has free");
    }

    /** Why it was not taken. */
    public Kind kind() {
        return kind;
    }
}
