package org.datdot.ledger;

/**
 * A provider's own pauses: so many blocks in each period cost nothing.
 *
 * @param periodBlock when the period in progress began
 * @param usedBlocks blocks of pauses in it
 * @param untilBlock when the pause in progress, or the last one, ends
 */
public record PauseAllowance(long periodBlock, long usedBlocks, long untilBlock) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<PauseAllowance> CODEC = Codec.of(PauseAllowance.class);

    /** Never paused. */
    public static final PauseAllowance UNUSED = new PauseAllowance(0, 0, 0);
}
