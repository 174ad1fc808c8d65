package org.datdot.dht;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Entropy;

/**
 * The tokens a node gives out: a hash of the receiver's host keyed with a secret which changes every 7.5 s; those of the
 * secret before are still taken (npm {@code dht-rpc}, {@code lib/io.js}). Nothing is kept per address.
 */
final class Tokens {
    static final long ROTATION_MS = 7_500;

    private byte[] current;
    private byte[] previous;
    private long rotatedMs;

    Tokens(Entropy entropy, long nowMs) {
        current = entropy.bytes(Blake2b.HASH_BYTES);
        previous = entropy.bytes(Blake2b.HASH_BYTES);
        rotatedMs = nowMs;
    }

    Token give(PeerAddress to, long nowMs) {
        rotate(nowMs);
        return token(to, current);
    }

    boolean accepts(Token token, PeerAddress from, long nowMs) {
        rotate(nowMs);
        byte[] bytes = token.bytes();
        return MessageDigest.isEqual(bytes, token(from, current).bytes())
                || MessageDigest.isEqual(bytes, token(from, previous).bytes());
    }

    private void rotate(long nowMs) {
        long steps = (nowMs - rotatedMs) / ROTATION_MS;
        for (long i = 0; i < Math.min(steps, 2); i++) {
            byte[] oldest = previous;
            previous = current;
            current = Blake2b.hash(oldest);
        }
        rotatedMs += steps * ROTATION_MS;
    }

    private static Token token(PeerAddress address, byte[] secret) {
        return new Token(
                Blake2b.hash(Blake2b.HASH_BYTES, secret, address.hostText().getBytes(US_ASCII)));
    }
}
