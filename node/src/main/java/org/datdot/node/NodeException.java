package org.datdot.node;

/** Something a person must know about, with an exit code; the message says what happened and what to do. */
public final class NodeException extends RuntimeException {
    private final transient Exit exit;

    /** With a message that stands alone on one line. */
    public NodeException(Exit exit, String message) {
        super(message);
        this.exit = exit;
    }

    /** With the cause, for the log. */
    public NodeException(Exit exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    /** What the process should return. */
    public Exit exit() {
        return exit;
    }
}
