package org.datdot.dht;

/** Why a peer does not go on with a handshake or a holepunch (npm {@code hyperdht}, {@code lib/constants.js}). */
final class ConnectError {
    static final int NONE = 0;
    static final int ABORTED = 1;
    static final int VERSION_MISMATCH = 2;
    static final int TRY_LATER = 3;

    private ConnectError() {}
}
