package org.datdot.dht;

/** What a reply's error means (npm {@code dht-rpc}, {@code lib/errors.js}; npm {@code hyperdht}, {@code lib/constants.js}). */
final class ErrorCode {
    static final int UNKNOWN_COMMAND = 1;
    static final int INVALID_TOKEN = 2;
    static final int SEQ_REUSED = 16;
    static final int SEQ_TOO_LOW = 17;

    private ErrorCode() {}
}
