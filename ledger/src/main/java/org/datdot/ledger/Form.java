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
 * @param hours hours of the week in which it works
 * @param uploadBytesPerSecond what it may send; 0 means it does not say
 * @param downloadBytesPerSecond what it may receive; 0 means it does not say
 */
public record Form(
        long storageBytes,
        long pricePerGibHour,
        long capacity,
        String address,
        List<String> regions,
        long fromMs,
        long untilMs,
        Hours hours,
        long uploadBytesPerSecond,
        long downloadBytesPerSecond) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Form> CODEC = Codec.of(Form.class);

    /** An offer for all hours that says nothing of bandwidth. */
    public Form(
            long storageBytes,
            long pricePerGibHour,
            long capacity,
            String address,
            List<String> regions,
            long fromMs,
            long untilMs) {
        this(storageBytes, pricePerGibHour, capacity, address, regions, fromMs, untilMs, Hours.ALWAYS, 0, 0);
    }

    /** Who runs it, as far as the address tells: the first three numbers of an IPv4 address, or the host's name. */
    public String network() {
        String host = address.substring(0, Math.max(0, address.lastIndexOf(':')));
        return ipv4(host) ? host.substring(0, host.lastIndexOf('.')) : host;
    }

    /** Whether it is four numbers with points in between; every draw asks this of all it looks at. */
    private static boolean ipv4(String host) {
        int points = 0;
        int digits = 0;
        for (int i = 0; i < host.length(); i++) {
            char each = host.charAt(i);
            if (each == '.' && digits > 0) {
                points++;
                digits = 0;
            } else if (each >= '0' && each <= '9') {
                digits++;
            } else {
                return false;
            }
        }
        return points == 3 && digits > 0;
    }

    /** Whether the offer lasts during all of {@code [beginMs, endMs)}, whatever the hours. */
    public boolean lasts(long beginMs, long endMs) {
        return fromMs <= beginMs && (untilMs == 0 || untilMs >= endMs);
    }

    /** Whether the provider works during all of {@code [beginMs, endMs)}. */
    public boolean covers(long beginMs, long endMs) {
        return lasts(beginMs, endMs) && hours.covers(beginMs, endMs);
    }
}
