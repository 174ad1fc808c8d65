package org.datdot.drive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The sequence of operations that drive-bee-vectors.js ran on the stock package, applied to a bee and to a TreeMap. */
record BeeOperations(int seed, int operations, int keys, int batch, int deletions) {

    static final Comparator<byte[]> ORDER = Arrays::compareUnsigned;

    NavigableMap<byte[], byte[]> applyTo(Hyperbee bee) {
        NavigableMap<byte[], byte[]> expected = new TreeMap<>(ORDER);
        Numbers numbers = new Numbers(seed);
        int done = 0;
        while (done < operations) {
            BeeBatch open = batch == 1 ? null : bee.batch();
            int end = Math.min(operations, done + 1 + numbers.next() % batch);
            for (; done < end; done++) {
                byte[] key = ("key-" + numbers.next() % keys).getBytes(StandardCharsets.UTF_8);
                if (numbers.next() % 8 < deletions) {
                    boolean removed = open == null ? bee.del(key) : open.del(key);
                    if (removed != (expected.remove(key) != null)) {
                        throw new AssertionError("seed " + seed + ", operation " + done + ": del returned " + removed);
                    }
                } else {
                    byte[] value = value(numbers.next() % 40, "v" + done);
                    expected.put(key, value);
                    if (open == null) {
                        bee.put(key, value);
                    } else {
                        open.put(key, value);
                    }
                }
            }
            if (open != null) {
                open.flush();
            }
        }
        return expected;
    }

    private static byte[] value(int length, String pattern) {
        byte[] fill = pattern.getBytes(StandardCharsets.UTF_8);
        byte[] value = new byte[length];
        for (int i = 0; i < length; i++) {
            value[i] = fill[i % fill.length];
        }
        return value;
    }

    private static final class Numbers {
        private int state;

        Numbers(int seed) {
            state = seed;
        }

        int next() {
            state = state * 1664525 + 1013904223;
            return state >>> 8;
        }
    }
}
