package org.datdot.crypto;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A cryptographic operation refused its input (a tag, point or header that does not check out) or could not be had at all
 * (the native library does not load here). The message says which, and never contains key material.
 */
public final class CryptoException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was refused, or what is missing and what to do
     */
    public CryptoException(String message) {
        super(message);
    }

    /**
     * @param message what was refused, or what is missing and what to do
     * @param cause what the platform said
     */
    public CryptoException(@Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
