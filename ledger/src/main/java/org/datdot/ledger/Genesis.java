package org.datdot.ledger;

import java.util.List;

/**
 * The balances a chain begins with; no unit is made later.
 *
 * @param treasury who endows new users
 * @param endowments who owns what at first
 */
public record Genesis(AccountId treasury, List<Endowment> endowments) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Genesis> CODEC = Codec.of(Genesis.class);

    /** Units of one account at the beginning. */
    public record Endowment(AccountId account, long units) {
        static final Codec<Endowment> CODEC = Codec.of(Endowment.class);
    }

    /** The bytes of {@link #CODEC}. */
    public byte[] encode() {
        return CODEC.encode(this);
    }

    /**
     * Takes one off.
     *
     * @throws org.datdot.encoding.DecodingException when the bytes are none
     */
    public static Genesis decode(org.datdot.encoding.ScaleDecoder decoder) {
        return CODEC.read().apply(decoder);
    }
}
