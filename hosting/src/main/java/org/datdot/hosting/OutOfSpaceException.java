package org.datdot.hosting;

import java.io.IOException;

/** A replica does not fit: into what the provider offers, or onto its disk. The message says which and how much is left. */
public final class OutOfSpaceException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What a disk must keep free for everything else: logs, databases, meta files. */
    static final long SPARE_BYTES = 64L << 20;

    /** Says what does not fit. */
    public OutOfSpaceException(String message) {
        super(message);
    }
}
