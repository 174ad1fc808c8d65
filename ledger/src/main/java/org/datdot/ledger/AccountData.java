package org.datdot.ledger;

/**
 * What an account owns, and how many extrinsics it has sent.
 *
 * @param nonce extrinsics sent so far
 * @param free units it may spend
 * @param reserved units set aside for its plans
 */
public record AccountData(long nonce, long free, long reserved) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<AccountData> CODEC = new Codec<>(
            (encoder, value) -> {
                encoder.compact(value.nonce());
                encoder.compact(value.free());
                encoder.compact(value.reserved());
            },
            decoder -> new AccountData(decoder.compact(), decoder.compact(), decoder.compact()));

    /** Nothing sent, nothing owned. */
    public static final AccountData EMPTY = new AccountData(0, 0, 0);

    /** Free and reserved. */
    public long total() {
        return Math.addExact(free, reserved);
    }
}
