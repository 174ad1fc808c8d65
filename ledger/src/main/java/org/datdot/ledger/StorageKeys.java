package org.datdot.ledger;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.datdot.crypto.Blake2b;

/** Keys of the state as Substrate makes them: {@code twox128(pallet) ‖ twox128(item)}, for maps followed by {@code blake2_128(key) ‖ key}. */
final class StorageKeys {
    static final int BLAKE2_128_BYTES = 16;

    private StorageKeys() {}

    static byte[] item(String pallet, String item) {
        return concat(twox128(pallet), twox128(item));
    }

    static byte[] entry(byte[] item, byte[] key) {
        return concat(item, Blake2b.hash(BLAKE2_128_BYTES, null, key), key);
    }

    /** The map key inside an entry's key. */
    static byte[] mapKey(byte[] entry) {
        return Arrays.copyOfRange(entry, 32 + BLAKE2_128_BYTES, entry.length);
    }

    static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    /** Two XXH64 with seeds 0 and 1, little-endian. */
    static byte[] twox128(String text) {
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        byte[] hash = new byte[16];
        for (int seed = 0; seed < 2; seed++) {
            long value = XxHash64.hash(data, seed);
            for (int i = 0; i < 8; i++) {
                hash[8 * seed + i] = (byte) (value >>> (8 * i));
            }
        }
        return hash;
    }
}
