package org.datdot.ledger;

/**
 * The numbers about time and work per block that version 1 adds (docs/protocol.md 5.1).
 *
 * @param blockMs how long a block takes about, milliseconds
 * @param performanceDelay blocks from one performance challenge of a hoster to the next
 * @param measuringDuration blocks in which attestors of a performance challenge measure and commit
 * @param revealDuration blocks in which they reveal
 * @param accusationDelay blocks in which an accused provider may contradict
 * @param sourceRetryDelay blocks until a plan whose sources could not be reached is tried again; doubles each time
 * @param growthDelay blocks in which heads of a followed feed are gathered before plans grow
 * @param pauseAllowance blocks a provider may pause in each period
 * @param pausePeriod blocks of such a period
 * @param positionsPerTask positions paid, dropped or ended in one step
 * @param maxPositions positions a hoster holds at most
 * @param sealedBytesPerBlock bytes of a sealed contract that give its encoders one more block, where plain ones have FollowupBytesPerBlock
 * @param absenceAllowance blocks in each period after which a hoster that missed a storage challenge may still come back with the answer
 * @param absencePeriod blocks of such a period
 */
public record Periods(
        long blockMs,
        long performanceDelay,
        long measuringDuration,
        long revealDuration,
        long accusationDelay,
        long sourceRetryDelay,
        long growthDelay,
        long pauseAllowance,
        long pausePeriod,
        long positionsPerTask,
        long maxPositions,
        long sealedBytesPerBlock,
        long absenceAllowance,
        long absencePeriod) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Periods> CODEC = Codec.of(Periods.class);

    /** For blocks of 6 s: a performance challenge each hour, a pause of 36 minutes each day, absences of a day in a week. */
    public static Periods defaults() {
        return new Periods(6_000, 600, 50, 10, 20, 50, 10, 360, 14_400, 64, 4_096, 1L << 20, 14_400, 100_800);
    }

    /** For blocks of 250 ms on one machine. */
    public static Periods devnet() {
        return new Periods(250, 40, 30, 12, 12, 12, 4, 360, 14_400, 64, 4_096, 1L << 16, 20, 14_400);
    }
}
