package org.datdot.encoding;

import java.io.Serial;

/**
 * Bytes or text did not follow the format they were said to be in. The message says what was expected and where.
 *
 * <p>Thrown for input from outside (a peer, a file, a person), so whoever reads that input is expected to catch it and to
 * give up on that input only: a connection is closed, a typed key is asked for again.
 */
public final class DecodingException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was expected, what was found, and at which byte or character
     */
    public DecodingException(String message) {
        super(message);
    }
}
