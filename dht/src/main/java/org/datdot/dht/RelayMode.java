package org.datdot.dht;

import org.datdot.encoding.DecodingException;

/** Which part of its way a relayed message is on (npm {@code hyperdht}, {@code lib/router.js}). */
enum RelayMode {
    /** From the client to a node that knows the way, or to the server itself. */
    FROM_CLIENT(0),
    /** From the server to the node that relayed to it. */
    FROM_SERVER(1),
    /** From a node to the server, or to a second node. */
    FROM_RELAY(2),
    /** From the second node to the server. */
    FROM_SECOND_RELAY(3),
    /** To the client. */
    REPLY(4);

    private final int code;

    RelayMode(int code) {
        this.code = code;
    }

    /** The number on the wire. */
    int code() {
        return code;
    }

    static RelayMode of(long code) {
        for (RelayMode known : values()) if (known.code == code) return known;
        throw new DecodingException("there is no relay mode " + code);
    }
}
