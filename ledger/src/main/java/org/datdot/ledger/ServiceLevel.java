package org.datdot.ledger;

/**
 * How well a plan wants to be served. What is 0 is not asked for.
 *
 * @param latencyMs time to the first byte, at most
 * @param bytesPerSecond throughput, at least
 * @param availabilityPermille attempts of a thousand that find the hoster, at least
 */
public record ServiceLevel(long latencyMs, long bytesPerSecond, long availabilityPermille) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<ServiceLevel> CODEC = Codec.of(ServiceLevel.class);

    /** Nothing is asked for. */
    public static final ServiceLevel ANY = new ServiceLevel(0, 0, 0);
}
