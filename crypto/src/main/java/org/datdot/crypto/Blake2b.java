package org.datdot.crypto;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * BLAKE2b (RFC 7693) as libsodium's {@code crypto_generichash}: 16 to 64 bytes out, optionally keyed with 16 to 64 bytes.
 * Hypercore's hash is the unkeyed one of 32 bytes. Parts are hashed one after the other without being joined in memory.
 */
public final class Blake2b {
    /** The length of Hypercore's hashes. */
    public static final int HASH_BYTES = 32;

    private static final int MIN_BYTES = 16;
    private static final int MAX_BYTES = 64;

    private Blake2b() {}

    /** The 32-byte hash of all parts as if they were one. */
    public static byte[] hash(byte[]... parts) {
        return hash(HASH_BYTES, null, parts);
    }

    /** The 32-byte hash of a part of an array, which is not copied. */
    public static byte[] hash(byte[] data, int offset, int lengthBytes) {
        return hash(HASH_BYTES, null, data, offset, lengthBytes);
    }

    /**
     * The hash of all parts as if they were one.
     *
     * @param outLength how many bytes to make, 16 to 64
     * @param key 16 to 64 bytes, or none
     */
    public static byte[] hash(int outLength, byte @Nullable [] key, byte[]... parts) {
        if (parts.length == 1) {
            return hash(outLength, key, parts[0], 0, parts[0].length);
        }
        Hasher hasher = new Hasher(outLength, key);
        for (byte[] part : parts) {
            hasher.update(part);
        }
        return hasher.digest();
    }

    /** A hash over parts which come one after the other. */
    public static Hasher hasher() {
        return new Hasher(HASH_BYTES, null);
    }

    private static byte[] hash(int outLength, byte @Nullable [] key, byte[] data, int offset, int lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, data.length);
        if (lengthBytes > Sodium.CRITICAL_BYTES) {
            return new Hasher(outLength, key).update(data, offset, lengthBytes).digest();
        }
        requireLengths(outLength, key);
        byte[] out = new byte[outLength];
        Sodium.hash(out, data, offset, lengthBytes, key);
        return out;
    }

    private static void requireLengths(int outLength, byte @Nullable [] key) {
        if (outLength < MIN_BYTES || outLength > MAX_BYTES) {
            throw new IllegalArgumentException("BLAKE2b makes 16 to 64 bytes here, not " + outLength);
        }
        if (key != null && (key.length < MIN_BYTES || key.length > MAX_BYTES)) {
            throw new IllegalArgumentException("a BLAKE2b key has 16 to 64 bytes here, not " + key.length);
        }
    }

    /** Hashes parts as they come. For one thread and one hash: after {@link #digest()} it takes no more. */
    public static final class Hasher {
        private final long[] state = new long[Sodium.HASH_STATE_LONGS];
        private final int outLength;
        private boolean done;

        /**
         * @param outLength how many bytes to make, 16 to 64
         * @param key 16 to 64 bytes, or none
         */
        public Hasher(int outLength, byte @Nullable [] key) {
            requireLengths(outLength, key);
            this.outLength = outLength;
            Sodium.hashInit(state, key, outLength);
        }

        /** Adds a part. */
        public Hasher update(byte[] part) {
            return update(part, 0, part.length);
        }

        /** Adds a part of an array, which is not copied. */
        public Hasher update(byte[] source, int offset, int lengthBytes) {
            Objects.checkFromIndexSize(offset, lengthBytes, source.length);
            requireNotDone();
            Sodium.hashUpdate(state, source, offset, lengthBytes);
            return this;
        }

        /** The hash of all parts so far. */
        public byte[] digest() {
            requireNotDone();
            done = true;
            byte[] out = new byte[outLength];
            Sodium.hashFinal(state, out);
            return out;
        }

        private void requireNotDone() {
            if (done) {
                throw new IllegalStateException("this hash has been taken already");
            }
        }
    }
}
