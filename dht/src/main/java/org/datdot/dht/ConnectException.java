package org.datdot.dht;

import java.io.IOException;

/** Why a peer could not be connected to by its key. */
public final class ConnectException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What went wrong, for programs. */
    public enum Reason {
        /** No node of the DHT knows it: it does not listen, or is cut off. */
        NOT_FOUND,
        /** Nodes know it, but it does not answer: it has left without a word, or its firewall hook says no. */
        NO_ANSWER,
        /** It answered that it does not want to, or speaks another version of the protocol. */
        REFUSED,
        /** Neither side can be reached from outside, and no hole could be punched. */
        NOT_REACHABLE,
        /** This node was suspended or closed, or too much is under way. */
        UNAVAILABLE
    }

    private final Reason reason;

    /** Says what went wrong. */
    public ConnectException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** What went wrong. */
    public Reason reason() {
        return reason;
    }
}
