package org.datdot.ledger;

import java.util.Arrays;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.encoding.ScaleEncoder;

/** Numbers drawn from a block's entropy for one purpose: the same for everybody, unknown before the block (docs/protocol.md 5.5). */
final class Chance {
    /** The seed, and a counter of eight bytes behind it. */
    private final byte[] content;

    private long counter;

    Chance(Hash entropy, String purpose, long id) {
        byte[] seed = Blake2b.hash(
                entropy.bytes(), new ScaleEncoder().string(purpose).compact(id).toBytes());
        content = Arrays.copyOf(seed, seed.length + Long.BYTES);
    }

    /** A number from 0 to {@code bound - 1}, each as likely. */
    long below(long bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("nothing to draw from: " + bound);
        }
        long limit = Long.MAX_VALUE - Long.MAX_VALUE % bound;
        while (true) {
            long value = next();
            if (value < limit) {
                return value % bound;
            }
        }
    }

    private long next() {
        for (int i = 0; i < Long.BYTES; i++) {
            content[content.length - Long.BYTES + i] = (byte) (counter >>> (8 * i));
        }
        counter++;
        byte[] block = Blake2b.hash(content);
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value |= (block[i] & 0xffL) << (8 * i);
        }
        return value & Long.MAX_VALUE;
    }
}
