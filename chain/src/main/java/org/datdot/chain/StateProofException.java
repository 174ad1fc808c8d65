package org.datdot.chain;

import org.jspecify.annotations.Nullable;

/** A proof of the state does not prove what is asked of it. Ask another node, or this one again for just these keys. */
public final class StateProofException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StateProofException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
