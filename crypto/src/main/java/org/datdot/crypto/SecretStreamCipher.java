package org.datdot.crypto;

import java.util.Objects;

/**
 * libsodium's {@code crypto_secretstream_xchacha20poly1305}: a sequence of encrypted messages of which none can be changed,
 * left out, repeated or moved. One side pushes, the other pulls; npm {@code sodium-secretstream} is the stock wrapper.
 *
 * <p>A ciphertext is {@value #OVERHEAD_BYTES} bytes longer than its message. Each object is for one direction and one thread.
 * Where input and output share an array they must not overlap, or must lie so that the message starts exactly one byte after
 * the ciphertext (then the work is done in place).
 */
public final class SecretStreamCipher {
    /** How many bytes longer a ciphertext is than its message. */
    public static final int OVERHEAD_BYTES = Sodium.STREAM_OVERHEAD_BYTES;

    /** How many bytes the pushing side sends before its first message. */
    public static final int HEADER_BYTES = Sodium.STREAM_HEADER_BYTES;

    private static final int KEY_BYTES = 32;

    private SecretStreamCipher() {}

    /** The sending side. */
    public static final class Push {
        private final byte[] state = new byte[Sodium.STREAM_STATE_BYTES];
        private final byte[] header = new byte[HEADER_BYTES];

        /** Starts a stream; its header comes from libsodium's randomness. */
        public Push(byte[] key32) {
            requireKey(key32);
            Sodium.streamInitPush(state, header, key32);
        }

        /** A copy of the 24 bytes the other side needs to start. */
        public byte[] header() {
            return header.clone();
        }

        /** Encrypts a message into a new array. */
        public byte[] push(byte[] plain) {
            byte[] cipher = new byte[Math.addExact(plain.length, OVERHEAD_BYTES)];
            push(plain, 0, plain.length, cipher, 0);
            return cipher;
        }

        /**
         * Encrypts a message into a caller's array.
         *
         * @return how many bytes were written from {@code outOffset} on: {@code lengthBytes} + 17
         */
        public int push(byte[] plain, int offset, int lengthBytes, byte[] out, int outOffset) {
            int outLength = Math.addExact(lengthBytes, OVERHEAD_BYTES);
            Objects.checkFromIndexSize(offset, lengthBytes, plain.length);
            Objects.checkFromIndexSize(outOffset, outLength, out.length);
            requireApart(plain, offset, lengthBytes, out, outOffset, outLength);
            Sodium.streamPush(state, plain, offset, lengthBytes, out, outOffset);
            return outLength;
        }

        @Override
        public String toString() {
            return "SecretStreamCipher.Push[hidden]";
        }
    }

    /** The receiving side. */
    public static final class Pull {
        private final byte[] state = new byte[Sodium.STREAM_STATE_BYTES];

        /** Starts a stream from the header the other side sent. */
        public Pull(byte[] key32, byte[] header) {
            requireKey(key32);
            if (header.length != HEADER_BYTES) {
                throw new CryptoException("a secret stream's header has 24 bytes, not " + header.length);
            }
            Sodium.streamInitPull(state, header, key32);
        }

        /**
         * Decrypts a message into a new array.
         *
         * @throws CryptoException when it is not the next message of this stream, unchanged; the stream cannot go on then
         */
        public byte[] pull(byte[] cipher) {
            requireCipher(cipher.length);
            byte[] plain = new byte[cipher.length - OVERHEAD_BYTES];
            pull(cipher, 0, cipher.length, plain, 0);
            return plain;
        }

        /**
         * Decrypts a message into a caller's array, which keeps its content when the message is refused.
         *
         * @return how many bytes were written from {@code outOffset} on: {@code lengthBytes} - 17
         * @throws CryptoException when it is not the next message of this stream, unchanged; the stream cannot go on then
         */
        public int pull(byte[] cipher, int offset, int lengthBytes, byte[] out, int outOffset) {
            requireCipher(lengthBytes);
            int outLength = lengthBytes - OVERHEAD_BYTES;
            Objects.checkFromIndexSize(offset, lengthBytes, cipher.length);
            Objects.checkFromIndexSize(outOffset, outLength, out.length);
            requireApart(out, outOffset, outLength, cipher, offset, lengthBytes);
            if (!Sodium.streamPull(state, cipher, offset, lengthBytes, out, outOffset)) {
                throw new CryptoException("an encrypted message was changed, out of order or made with another key");
            }
            return outLength;
        }

        @Override
        public String toString() {
            return "SecretStreamCipher.Pull[hidden]";
        }

        private static void requireCipher(int lengthBytes) {
            if (lengthBytes < OVERHEAD_BYTES) {
                throw new CryptoException("an encrypted message has at least 17 bytes, not " + lengthBytes);
            }
        }
    }

    private static void requireKey(byte[] key32) {
        if (key32.length != KEY_BYTES) {
            throw new IllegalArgumentException("a secret stream's key has 32 bytes, not " + key32.length);
        }
    }

    // Only one and the same array can overlap with itself; equal content does not matter here.
    @SuppressWarnings("ReferenceEquality")
    private static void requireApart(
            byte[] plain, int plainAt, int plainLength, byte[] cipher, int cipherAt, int cipherLength) {
        boolean overlap = plain == cipher && plainAt < cipherAt + cipherLength && cipherAt < plainAt + plainLength;
        if (overlap && plainAt != cipherAt + 1) {
            throw new IllegalArgumentException("to work in place the message starts one byte after the ciphertext");
        }
    }
}
