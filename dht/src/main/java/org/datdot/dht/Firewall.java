package org.datdot.dht;

/** What a peer knows of the network address translation in front of it (npm {@code hyperdht}, {@code lib/constants.js}). */
public enum Firewall {
    /** Not known yet. */
    UNKNOWN(0),
    /** None: everybody reaches it. */
    OPEN(1),
    /** It is seen under the same address and port by everybody it writes to. */
    CONSISTENT(2),
    /** It is seen under another port by everybody it writes to. */
    RANDOM(3);

    private final int code;

    Firewall(int code) {
        this.code = code;
    }

    /** The number on the wire. */
    int code() {
        return code;
    }

    /** Whether one address serves for all peers. */
    boolean consistent() {
        return this == OPEN || this == CONSISTENT;
    }

    /** What a number on the wire means; one of a later version of the protocol counts as random, as it does there. */
    static Firewall of(long code) {
        for (Firewall known : values()) if (known.code == code) return known;
        return RANDOM;
    }
}
