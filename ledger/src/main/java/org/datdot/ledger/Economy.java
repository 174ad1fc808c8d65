package org.datdot.ledger;

/**
 * The numbers about units (docs/protocol.md 5.4). No issuance at all is a genesis without endowments and a block reward of 0.
 *
 * @param blockReward units made in each block, for the treasury
 * @param rewardHalvingBlocks blocks after which the reward is half of it; 0 means it stays
 * @param feePerWeight units for one unit of a call's weight
 * @param feePerByte units for one byte of a call
 * @param collateralHours hours of a position's price a hoster leaves as collateral
 * @param collateralPerGib units of collateral for one GiB, at least
 * @param slashToPlanPercent percents of a slashed collateral that go to the plan; the treasury has the rest
 * @param servicePercent percents of a hoster's price paid by how well it serves
 * @param performanceFee units for each report of a performance challenge
 * @param sealingPricePerGib units paid for encoding and sealing one GiB, which takes a core the better part of an hour
 */
public record Economy(
        long blockReward,
        long rewardHalvingBlocks,
        long feePerWeight,
        long feePerByte,
        long collateralHours,
        long collateralPerGib,
        long slashToPlanPercent,
        long servicePercent,
        long performanceFee,
        long sealingPricePerGib) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Economy> CODEC = Codec.of(Economy.class);

    /** Of a chain that makes no units after genesis. */
    public static Economy defaults() {
        return new Economy(0, 0, 100, 1, 72, 10_000_000L, 50, 30, 1000, 500_000_000L);
    }

    /** The same without fees: for tests that count other units. */
    public Economy withoutFees() {
        return new Economy(
                blockReward,
                rewardHalvingBlocks,
                0,
                0,
                collateralHours,
                collateralPerGib,
                slashToPlanPercent,
                servicePercent,
                performanceFee,
                sealingPricePerGib);
    }
}
