package org.datdot.chain;

/**
 * How much waits and how much fits into a block.
 *
 * @param maxExtrinsicBytes the largest extrinsic taken
 * @param maxCount extrinsics waiting
 * @param maxBytes bytes of all extrinsics waiting
 * @param maxBytesPerAccount bytes of all extrinsics waiting of one account
 * @param maxPerAccount extrinsics waiting of one account, which is also how far ahead its nonces may be
 * @param maxWaitBlocks blocks after which an extrinsic that could not be included is dropped
 * @param maxBlockCount extrinsics in a block
 * @param maxBlockBytes bytes of all extrinsics in a block
 */
public record PoolLimits(
        int maxExtrinsicBytes,
        int maxCount,
        long maxBytes,
        long maxBytesPerAccount,
        int maxPerAccount,
        int maxWaitBlocks,
        int maxBlockCount,
        long maxBlockBytes) {
    private static final int MIB = 1 << 20;

    /** Limits that every extrinsic which is taken can get past, too. */
    public PoolLimits {
        if (maxExtrinsicBytes < 1
                || maxCount < 1
                || maxPerAccount < 1
                || maxWaitBlocks < 1
                || maxBlockCount < 1
                || maxBytes < maxExtrinsicBytes
                || maxBytesPerAccount < maxExtrinsicBytes
                || maxBlockBytes < maxExtrinsicBytes) {
            throw new IllegalArgumentException(
                    "limits are at least 1, and pool and block hold the largest extrinsic at least");
        }
    }

    /** For a chain with blocks of some seconds: 1 MiB an extrinsic, 32 MiB waiting, 4 MiB a block; its weight is bounded by the rules. */
    public static PoolLimits defaults() {
        return new PoolLimits(MIB, 8_192, 32L * MIB, 4L * MIB, 64, 64, 5_000, 4L * MIB);
    }
}
