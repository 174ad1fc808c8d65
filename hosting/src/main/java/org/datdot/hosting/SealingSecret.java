package org.datdot.hosting;

import java.math.BigInteger;
import org.datdot.crypto.Entropy;

/**
 * The secret half of a sealing: puts the trapdoor permutation on pieces of 256 bytes. An RSA key of six primes, which makes the root nine times cheaper in theory than with
 * two; 341 bits are twenty digits more than the longest factor elliptic curves ever found. Made for one replica and never written anywhere: it is gone with this object. Safe
 * for concurrent use.
 */
final class SealingSecret {
    private static final int PRIMES = 6;
    private static final int PRIME_BITS = 8 * SealingKey.BYTES / PRIMES;
    private static final int LAST_PRIME_CHOICE_BITS = 232;
    private static final int CERTAINTY = 100;

    private final SealingKey key;
    private final BigInteger[] primes;
    private final BigInteger[] exponents = new BigInteger[PRIMES];
    private final BigInteger[] weights = new BigInteger[PRIMES];

    private SealingSecret(BigInteger[] primes) {
        this.primes = primes;
        BigInteger modulus = BigInteger.ONE;
        for (BigInteger prime : primes) modulus = modulus.multiply(prime);
        this.key = new SealingKey(modulus);
        for (int i = 0; i < PRIMES; i++) {
            exponents[i] = SealingKey.EXPONENT.modInverse(primes[i].subtract(BigInteger.ONE));
            BigInteger others = modulus.divide(primes[i]);
            weights[i] = others.multiply(others.modInverse(primes[i]));
        }
    }

    /** A fresh one; takes some tenths of a second. */
    static SealingSecret generate(Entropy entropy) {
        BigInteger[] primes = new BigInteger[PRIMES];
        BigInteger product = BigInteger.ONE;
        for (int i = 0; i < PRIMES - 1; i++) {
            // The two highest bits are ones, so that the last prime has hardly more bits than the others.
            BigInteger high = BigInteger.valueOf(3).shiftLeft(PRIME_BITS - 2);
            primes[i] = prime(entropy, high, PRIME_BITS - 2);
            product = product.multiply(primes[i]);
        }
        BigInteger top = BigInteger.ONE.shiftLeft(8 * SealingKey.BYTES);
        BigInteger least = top.subtract(top.shiftRight(SealingKey.LEADING_ONES))
                .divide(product)
                .add(BigInteger.ONE);
        primes[PRIMES - 1] = prime(entropy, least, LAST_PRIME_CHOICE_BITS);
        return new SealingSecret(primes);
    }

    /** A random prime from {@code least} on, less than two to that many bits above it, whose group has an inverse of the exponent. */
    private static BigInteger prime(Entropy entropy, BigInteger least, int choiceBits) {
        while (true) {
            BigInteger candidate =
                    least.add(new BigInteger(1, entropy.bytes(choiceBits / 8))).setBit(0);
            boolean invertible = candidate.mod(SealingKey.EXPONENT).compareTo(BigInteger.ONE) != 0;
            if (invertible && candidate.isProbablePrime(CERTAINTY)) return candidate;
        }
    }

    /** What takes off again what this puts on. */
    SealingKey key() {
        return key;
    }

    /** Puts the permutation on the piece at that place. */
    void seal(byte[] buffer, int offset) {
        BigInteger piece = SealingKey.read(buffer, offset);
        if (piece.compareTo(key.modulus()) >= 0) return;
        BigInteger root = BigInteger.ZERO;
        for (int i = 0; i < PRIMES; i++) {
            root = root.add(piece.mod(primes[i]).modPow(exponents[i], primes[i]).multiply(weights[i]));
        }
        SealingKey.write(root.mod(key.modulus()), buffer, offset);
    }
}
