package org.datdot.dht;

import java.util.Set;

/** The numbers of requests: those of the DHT itself (npm {@code dht-rpc}, {@code lib/commands.js}). */
final class Command {
    static final int PING = 0;
    static final int PING_NAT = 1;
    static final int FIND_NODE = 2;
    static final int DOWN_HINT = 3;
    static final int DELAYED_PING = 4;

    private Command() {}

    /** The numbers of requests about records (npm {@code hyperdht}, {@code lib/constants.js}). */
    static final class Records {
        static final int PEER_HANDSHAKE = 0;
        static final int PEER_HOLEPUNCH = 1;
        static final int FIND_PEER = 2;
        static final int LOOKUP = 3;
        static final int ANNOUNCE = 4;
        static final int UNANNOUNCE = 5;
        static final int MUTABLE_PUT = 6;
        static final int MUTABLE_GET = 7;
        static final int IMMUTABLE_PUT = 8;
        static final int IMMUTABLE_GET = 9;

        /** Those that have something stored or forgotten, or checked for that. */
        static final Set<Integer> WRITES = Set.of(ANNOUNCE, UNANNOUNCE, MUTABLE_PUT, IMMUTABLE_PUT);

        private Records() {}
    }
}
