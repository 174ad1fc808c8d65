package org.datdot.ledger;

/**
 * What executing an extrinsic came to (crate {@code frame-support}, {@code dispatch.rs}). {@link Fees#info} makes it.
 *
 * @param weight time and proof size
 * @param dispatchClass what kind of extrinsic it was
 * @param paysFee whether its signer paid
 */
@TypePath("frame_support::dispatch::DispatchInfo")
public record DispatchInfo(
        Weight weight, @Scale(name = "class") DispatchClass dispatchClass, Pays paysFee) {
    /** Picoseconds of reference hardware, and bytes. */
    @TypePath("sp_weights::weight_v2::Weight")
    public record Weight(long refTime, long proofSize) {}

    /** Kinds of extrinsics. */
    @TypePath("frame_support::dispatch::DispatchClass")
    public enum DispatchClass {
        /** Anybody's. */
        NORMAL,
        /** Of those who run the chain. */
        OPERATIONAL,
        /** Part of making a block. */
        MANDATORY
    }

    /** Whether a fee is due. */
    @TypePath("frame_support::dispatch::Pays")
    public enum Pays {
        /** It is. */
        YES,
        /** It is not. */
        NO
    }
}
