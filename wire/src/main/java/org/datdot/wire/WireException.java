package org.datdot.wire;

import org.jspecify.annotations.Nullable;

/**
 * Why a connection between two peers was given up: what the other side sent, did not send, or could not take. Only the one
 * connection is affected. Unchecked, because it travels through the handlers of whatever runs on the connection.
 */
public final class WireException extends RuntimeException {
    /** What kind of failure it was, for callers which act differently on some of them. */
    public enum Reason {
        /** The Noise handshake failed: wrong bytes, a bad key, or a peer that speaks something else. */
        HANDSHAKE_FAILED,
        /** The peer proved a different public key than the one it was dialled for. */
        WRONG_KEY,
        /** The first message after the handshake was not the stream header that belongs to this handshake. */
        BAD_HEADER,
        /** A frame was longer than allowed, or too short to be one. */
        BAD_FRAME,
        /** A message did not decrypt: it was changed, repeated, dropped or reordered on its way. */
        BAD_MESSAGE,
        /** The decrypted message is not valid protomux, or not valid in the protocol of its channel. */
        PROTOCOL_VIOLATION,
        /** Code of ours that handles a message failed; the cause says where. */
        HANDLER_FAILED,
        /** More channels, connections or handshakes than allowed. */
        LIMIT_EXCEEDED,
        /** The peer reads slower than the handlers send, and the handlers ignored {@link Channel#writable()}. */
        OUTBOX_OVERFLOW,
        /** The peer said nothing for too long. */
        TIMED_OUT,
        /** The peer closed the connection, or the network did. */
        DISCONNECTED,
        /** This side closed the connection. */
        CLOSED
    }

    private final Reason reason;

    /** Makes a failure of the given kind. */
    public WireException(Reason reason, String message) {
        this(reason, message, null);
    }

    /** Makes a failure of the given kind which something else caused. */
    public WireException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** What kind of failure it was. */
    public Reason reason() {
        return reason;
    }
}
