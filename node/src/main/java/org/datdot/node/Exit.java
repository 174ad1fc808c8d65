package org.datdot.node;

/** Exit codes of the command line; a script may rely on them. */
public enum Exit {
    /** Done. */
    OK(0, "done"),
    /** It was tried and failed; the message says why. */
    FAILED(1, "it was tried and failed"),
    /** The command line itself is wrong. */
    USAGE(2, "the command line is wrong"),
    /** The ledger cannot be reached. */
    NO_LEDGER(3, "the ledger cannot be reached"),
    /** No such key, plan or file. */
    NOT_FOUND(4, "no such key, plan, file or folder"),
    /** The ledger refused, for example a budget above the balance. */
    REFUSED(5, "the ledger refused"),
    /** The data directory is in use, damaged or full. */
    DATA_DIRECTORY(6, "the data directory is in use, damaged or full"),
    /** A port is in use or a peer cannot be reached. */
    NETWORK(7, "a port is in use or no peer can be reached"),
    /** Ended by Ctrl-C or SIGTERM. */
    INTERRUPTED(130, "ended by Ctrl-C");

    private final int code;
    private final String meaning;

    Exit(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** What the process returns. */
    public int code() {
        return code;
    }

    /** One line for the help. */
    public String meaning() {
        return meaning;
    }
}
