package org.datdot.hosting;

import java.io.IOException;

/**
 * A replica on the local disk is no longer what was verified when it was stored. Its position will fail the next storage
 * challenge that touches the damage: check the disk; the ledger draws a replacement by itself.
 */
public final class DamagedReplicaException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Says which file is damaged and where. */
    public DamagedReplicaException(String message) {
        super(message);
    }

    /** Says which file is damaged and how it was found. */
    public DamagedReplicaException(String message, Throwable cause) {
        super(message, cause);
    }
}
