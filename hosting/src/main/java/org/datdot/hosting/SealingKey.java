package org.datdot.hosting;

import java.math.BigInteger;
import org.datdot.ledger.Bytes;
import org.datdot.ledger.ReplicaStatement;

/**
 * The public half of a sealing: takes the trapdoor permutation off pieces of 256 bytes (docs/protocol.md 3, step 3). A piece below the modulus is raised to the
 * 257th power; one above, which chance never makes, stays. Big-endian. Immutable; safe for concurrent use.
 */
final class SealingKey {
    /** Bytes of a piece, and of the modulus. */
    static final int BYTES = ReplicaStatement.SEALING_KEY_BYTES;

    /**
     * The public exponent. With a small one a hoster could leave a share of each piece out and solve for it (Coppersmith: the share is one by the exponent);
     * a larger one makes serving slower.
     */
    static final BigInteger EXPONENT = BigInteger.valueOf(257);

    /** How many leading bits of the modulus are ones, so that all pieces but one of 2^64 are below it. */
    static final int LEADING_ONES = 64;

    private static final int PRIME_CERTAINTY = 20;
    private static final int SMALL_FACTORS_BELOW = 1000;
    private final BigInteger modulus;

    SealingKey(BigInteger modulus) {
        this.modulus = modulus;
    }

    /**
     * Reads a modulus, and refuses what anybody could invert.
     *
     * @throws InvalidReplicaException when it has not 2,048 bits beginning with 64 ones, is prime, or has a small factor
     */
    static SealingKey of(Bytes bytes) {
        BigInteger modulus = new BigInteger(1, bytes.bytes());
        boolean shaped = bytes.bytes().length == BYTES
                && modulus.shiftRight(8 * BYTES - LEADING_ONES)
                        .equals(BigInteger.ONE.shiftLeft(LEADING_ONES).subtract(BigInteger.ONE));
        if (!shaped || smallFactor(modulus) || modulus.isProbablePrime(PRIME_CERTAINTY)) {
            throw new InvalidReplicaException("a sealing key that seals nothing");
        }
        return new SealingKey(modulus);
    }

    private static boolean smallFactor(BigInteger modulus) {
        for (int factor = 2; factor < SMALL_FACTORS_BELOW; factor++) {
            if (modulus.mod(BigInteger.valueOf(factor)).signum() == 0) return true;
        }
        return false;
    }

    /** The modulus, {@link #BYTES} of it. */
    Bytes bytes() {
        byte[] out = new byte[BYTES];
        write(modulus, out, 0);
        return new Bytes(out);
    }

    BigInteger modulus() {
        return modulus;
    }

    /** Takes the permutation off the piece at that place. */
    void open(byte[] buffer, int offset) {
        BigInteger piece = read(buffer, offset);
        if (piece.compareTo(modulus) < 0) write(piece.modPow(EXPONENT, modulus), buffer, offset);
    }

    static BigInteger read(byte[] buffer, int offset) {
        return new BigInteger(1, buffer, offset, BYTES);
    }

    static void write(BigInteger value, byte[] buffer, int offset) {
        byte[] bytes = value.toByteArray();
        int from = Math.max(0, bytes.length - BYTES); // a leading zero for the sign
        int length = bytes.length - from;
        java.util.Arrays.fill(buffer, offset, offset + BYTES - length, (byte) 0);
        System.arraycopy(bytes, from, buffer, offset + BYTES - length, length);
    }
}
