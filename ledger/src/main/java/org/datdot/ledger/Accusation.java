package org.datdot.ledger;

/**
 * An attestor's word that a provider did not do its part of a setup. Who is silent about it until the deadline has failed; who contradicts makes
 * it a dispute, which counts for both.
 *
 * @param id its number
 * @param amendment the setup
 * @param position the position
 * @param accused the encoder or hoster of the position
 * @param attestor who accuses
 * @param untilBlock the last block in which a contradiction counts
 */
@Variant(7)
public record Accusation(long id, long amendment, int position, long accused, long attestor, long untilBlock)
        implements Item {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Accusation> CODEC = Codec.of(Accusation.class);
}
