package org.datdot.ledger;

import java.util.List;

/**
 * What a provider offers.
 *
 * @param storageBytes disk it lends
 * @param pricePerGibHour units asked for one GiB stored and proven for one hour
 * @param capacity setup jobs it takes at the same time
 * @param address host:port where peers reach it
 * @param regions where it is, as labels plans may ask for
 * @param fromMs when it begins to work, milliseconds since 1970
 * @param untilMs when it stops; 0 means it does not
 */
public record Form(
        long storageBytes,
        long pricePerGibHour,
        long capacity,
        String address,
        List<String> regions,
        long fromMs,
        long untilMs) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Form> CODEC = Codec.of(Form.class);

    /** Whether the provider works during all of {@code [fromMs, untilMs)}. */
    public boolean covers(long beginMs, long endMs) {
        return fromMs <= beginMs && (untilMs == 0 || untilMs >= endMs);
    }
}
