package org.datdot.udx;

/** Why a stream is over. */
public enum CloseReason {
    /** Both sides ended it, and all was acknowledged. */
    ENDED,
    /** This side dropped it. */
    DESTROYED,
    /** The other side dropped it. */
    RESET,
    /** The other side acknowledged nothing for too long. */
    TIMED_OUT,
    /** It went through a relay, and that one, or the other side behind it, is gone. */
    RELAY_LOST,
    /** The socket was closed, or failed. */
    SOCKET_CLOSED,
    /** A callback of the stream's owner threw. */
    FAILED
}
