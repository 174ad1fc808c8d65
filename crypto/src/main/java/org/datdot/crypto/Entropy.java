package org.datdot.crypto;

import java.security.SecureRandom;

/**
 * Where random bytes come from. Handed in wherever a key, a nonce or a seed is made, so that tests can repeat a run; only
 * {@link #system()} is fit for keys that matter.
 */
@FunctionalInterface
public interface Entropy {
    /** Fills a whole array with random bytes. */
    void fill(byte[] target);

    /** So many random bytes. */
    default byte[] bytes(int lengthBytes) {
        byte[] out = new byte[lengthBytes];
        fill(out);
        return out;
    }

    /** The operating system's randomness. Safe for use by several threads. */
    static Entropy system() {
        SecureRandom random = new SecureRandom();
        return random::nextBytes;
    }
}
