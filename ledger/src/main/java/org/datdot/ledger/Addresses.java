package org.datdot.ledger;

/** Network addresses as text, {@code host:port}. */
final class Addresses {
    private static final int MOST_CHARACTERS = 256;

    private Addresses() {}

    static boolean valid(String address) {
        int colon = address.lastIndexOf(':');
        if (colon < 1 || address.length() > MOST_CHARACTERS || address.length() - colon > 6) {
            return false;
        }
        int port = 0;
        for (int i = colon + 1; i < address.length(); i++) {
            char digit = address.charAt(i);
            if (digit < '0' || digit > '9') {
                return false;
            }
            port = 10 * port + (digit - '0');
        }
        boolean host = address.chars().limit(colon).allMatch(c -> c > ' ' && c < 127);
        return host && port > 0 && port < 65_536;
    }
}
