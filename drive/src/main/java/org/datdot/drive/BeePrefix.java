package org.datdot.drive;

import java.util.Arrays;

/**
 * What all keys of a sub-database begin with: its name and those of the ones around it, each followed by a separator (npm
 * hyperbee index.js, sub and prefixEncoding). The bee itself has the empty one.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record BeePrefix(byte[] bytes) {

    static final BeePrefix NONE = new BeePrefix(new byte[0]);

    BeePrefix sub(byte[] name, byte[] separator) {
        return new BeePrefix(concat(concat(bytes, name), separator));
    }

    byte[] add(byte[] key) {
        return bytes.length == 0 ? key : concat(bytes, key);
    }

    boolean covers(byte[] key) {
        return key.length >= bytes.length && Arrays.equals(key, 0, bytes.length, bytes, 0, bytes.length);
    }

    BeeEntry remove(BeeEntry entry) {
        if (bytes.length == 0) {
            return entry;
        }
        byte[] key = entry.key();
        return new BeeEntry(entry.seq(), Arrays.copyOfRange(key, bytes.length, key.length), entry.value());
    }

    /**
     * The range in the whole bee. Without a lower bound a sub-database starts after its key {@code 0x00}, as in stock: what
     * is put there under the empty key, or that one, is found by get alone.
     */
    BeeRange add(BeeRange range) {
        if (bytes.length == 0) {
            return range;
        }
        BeeRange added = range;
        if (range.lower == null) {
            added = added.gt(add(new byte[1]));
        } else {
            byte[] lower = add(range.lower);
            added = range.lowerIncluded ? added.gte(lower) : added.gt(lower);
        }
        if (range.upper != null) {
            byte[] upper = add(range.upper);
            return range.upperIncluded ? added.lte(upper) : added.lt(upper);
        }
        byte[] end = bytes.clone();
        for (int i = end.length - 1; i >= 0; i--) {
            if (++end[i] != 0) {
                return added.lt(Arrays.copyOf(end, i + 1));
            }
        }
        return added;
    }

    private static byte[] concat(byte[] head, byte[] tail) {
        byte[] both = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, both, head.length, tail.length);
        return both;
    }
}
