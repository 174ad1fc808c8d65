package org.datdot.chain;

import org.datdot.crypto.Hash;

/** What became of an extrinsic the pool took, as Substrate's {@code TransactionStatus} (crate {@code sc-transaction-pool-api}). */
public sealed interface ExtrinsicStatus {
    /**
     * It is in a block, applied or rejected: the block's events say which.
     *
     * @param blockHash the block
     * @param blockNumber the block's number
     * @param index the extrinsic's place in the block
     */
    record InBlock(Hash blockHash, long blockNumber, int index) implements ExtrinsicStatus {}

    /**
     * It can never be in a block any more.
     *
     * @param reason why
     */
    record Invalid(String reason) implements ExtrinsicStatus {}

    /**
     * The pool gave it up; sending it again is possible.
     *
     * @param reason why
     */
    record Dropped(String reason) implements ExtrinsicStatus {}
}
