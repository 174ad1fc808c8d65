package org.datdot.hosting;

import java.io.IOException;

/** The peer that was asked for a replica, or to take a receipt, says no. */
final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long reason;

    RefusedException(ReplicaMessage.Refused refused) {
        super(refused.id() + " refused (" + refused.reason() + "): " + refused.text());
        this.reason = refused.reason();
    }

    /** Whether the peer will not change its mind: it failed, or the amendment is over. */
    boolean isFinal() {
        return reason != ReplicaMessage.Reason.NOT_YOURS.code();
    }
}
