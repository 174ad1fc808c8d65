package org.datdot.hypercore;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Namespaces;
import org.datdot.crypto.XSalsa20;

/**
 * Encrypts the blocks of a core: 8 bytes in front of each hold the blinded fork number, which with the index is the nonce of
 * the rest. Nothing is authenticated here, the core's signature does that. Source: npm hypercore
 * lib/default-encryption.js.
 *
 * @param blockKey key of the blocks
 * @param blindingKey key of the fork numbers
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record BlockCipher(byte[] blockKey, byte[] blindingKey) implements BlockEncryption {
    /** By how much a block grows. */
    static final int PADDING_BYTES = 8;

    private static final byte[] ENCRYPTION = Namespaces.derive("hypercore", 5)[0];

    /**
     * Derives the keys.
     *
     * @param compat whether the core's key is its signer's public key
     */
    static BlockCipher of(EncryptionKey secret, CoreKey core, boolean compat) {
        byte[] block;
        if (secret.isOfBlocks()) block = secret.bytes();
        else if (compat) block = Blake2b.hash(32, core.bytes(), secret.bytes());
        else block = blockKey(secret, core);
        return new BlockCipher(block, Blake2b.hash(block));
    }

    static byte[] blockKey(EncryptionKey secret, CoreKey core) {
        return Blake2b.hash(ENCRYPTION, core.bytes(), secret.bytes());
    }

    @Override
    public int paddingBytes() {
        return PADDING_BYTES;
    }

    @Override
    public byte[] encrypt(long index, long fork, byte[] plain) {
        byte[] block = new byte[PADDING_BYTES + plain.length];
        ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).putLong(fork);
        byte[] nonce = nonce(index);
        XSalsa20.xor(block, 0, block, 0, PADDING_BYTES, nonce, blindingKey);
        System.arraycopy(block, 0, nonce, 8, PADDING_BYTES);
        XSalsa20.xor(block, PADDING_BYTES, plain, 0, plain.length, nonce, blockKey);
        return block;
    }

    @Override
    public byte[] decrypt(long index, byte[] block) {
        if (block.length < PADDING_BYTES) {
            throw new IllegalStateException("block " + index + " is not encrypted: it has " + block.length + " bytes");
        }
        byte[] nonce = nonce(index);
        System.arraycopy(block, 0, nonce, 8, PADDING_BYTES);
        byte[] plain = new byte[block.length - PADDING_BYTES];
        byte[] body = Arrays.copyOfRange(block, PADDING_BYTES, block.length);
        XSalsa20.xor(plain, 0, body, 0, plain.length, nonce, blockKey);
        return plain;
    }

    private static byte[] nonce(long index) {
        byte[] nonce = new byte[XSalsa20.NONCE_BYTES];
        ByteBuffer.wrap(nonce).order(ByteOrder.LITTLE_ENDIAN).putLong(index);
        return nonce;
    }
}
