package org.datdot.ledger;

/**
 * How often a provider did not do its part of a kind of job, less how often it did: each time more keeps it out of draws for twice as long
 * (docs/protocol.md 5.5). Kept by kind, so that nobody pays for leaving one kind undone by doing much of another.
 *
 * @param attesting setups it was to attest
 * @param working setups it was to encode or host for
 * @param measuring hosters it was to measure
 */
public record Strikes(long attesting, long working, long measuring) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Strikes> CODEC = Codec.of(Strikes.class);

    /** Nothing was left undone. */
    public static final Strikes NONE = new Strikes(0, 0, 0);

    private static final long MOST = 1_000;
    private static final long MOST_DOUBLINGS = 16;

    /** A kind of job. */
    enum Kind {
        ATTESTING,
        WORKING,
        MEASURING
    }

    long of(Kind kind) {
        return switch (kind) {
            case ATTESTING -> attesting;
            case WORKING -> working;
            case MEASURING -> measuring;
        };
    }

    Strikes plus(Kind kind, long more) {
        long now = Math.clamp(of(kind) + more, 0, MOST);
        return switch (kind) {
            case ATTESTING -> new Strikes(now, working, measuring);
            case WORKING -> new Strikes(attesting, now, measuring);
            case MEASURING -> new Strikes(attesting, working, now);
        };
    }

    /** How often the pause for so many strikes is doubled. */
    static long doublings(long strikes) {
        return Math.clamp(strikes - 1, 0, MOST_DOUBLINGS);
    }
}
