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
    public static final Codec<Genesis> CODEC = new Codec<>(
            (encoder, value) ->
                    encoder.fixed(value.treasury().bytes()).list(value.endowments(), Endowment.CODEC.write()),
            decoder -> new Genesis(
                    Codecs.ACCOUNT.read().apply(decoder), List.copyOf(decoder.list(Endowment.CODEC.read()))));

    /** Units of one account at the beginning. */
    public record Endowment(AccountId account, long units) {
        static final Codec<Endowment> CODEC = new Codec<>(
                (encoder, value) -> encoder.fixed(value.account().bytes()).compact(value.units()),
                decoder -> new Endowment(Codecs.ACCOUNT.read().apply(decoder), decoder.compact()));
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
