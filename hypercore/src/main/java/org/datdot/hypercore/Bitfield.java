package org.datdot.hypercore;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which blocks are held: a sparse set of bits in pages of 32,768, the pages being what npm hypercore stores (4,096 bytes
 * of little-endian words, lowest bit first; lib/bitfield.js). Not thread-safe: a core's own bitfield is guarded by the
 * core's lock.
 */
public final class Bitfield {
    /** Bits in a stored page. */
    public static final int BITS_PER_PAGE = 32_768;

    private static final int PAGE_BYTES = BITS_PER_PAGE / 8;
    private static final int PAGE_WORDS = BITS_PER_PAGE / 64;
    private static final int PAGE_SHIFT = 15;
    private static final int PAGE_MASK = BITS_PER_PAGE - 1;

    private final TreeMap<Long, long[]> pages = new TreeMap<>();
    private long nearPage = -1;
    private long @Nullable [] near;

    /** Whether a bit is set. */
    public boolean get(long index) {
        long[] page = page(index >>> PAGE_SHIFT);
        int bit = (int) index & PAGE_MASK;
        return page != null && (page[bit >>> 6] >>> bit & 1) != 0;
    }

    /** Sets or clears the bits {@code [start, end)}. */
    public void setRange(long start, long end, boolean value) {
        long at = start;
        while (at < end) {
            long number = at >>> PAGE_SHIFT;
            int from = (int) at & PAGE_MASK;
            int to = (int) Math.min(end - (number << PAGE_SHIFT), BITS_PER_PAGE);
            long[] page = page(number);
            if (page == null && value) {
                page = new long[PAGE_WORDS];
                put(number, page);
            }
            if (page != null) fill(page, from, to, value);
            at = (number << PAGE_SHIFT) + to;
        }
    }

    /** The first set bit at or after {@code from}, -1 when there is none. */
    public long firstSet(long from) {
        long number = from >>> PAGE_SHIFT;
        int bit = (int) from & PAGE_MASK;
        for (Map.Entry<Long, long[]> entry : pages.tailMap(number, true).entrySet()) {
            int found = next(entry.getValue(), entry.getKey() == number ? bit : 0, true);
            if (found < BITS_PER_PAGE) return (entry.getKey() << PAGE_SHIFT) + found;
        }
        return -1;
    }

    /** The first unset bit at or after {@code from}. */
    public long firstUnset(long from) {
        long number = from >>> PAGE_SHIFT;
        int bit = (int) from & PAGE_MASK;
        while (true) {
            long[] page = page(number);
            int found = page == null ? bit : next(page, bit, false);
            if (found < BITS_PER_PAGE) return (number << PAGE_SHIFT) + found;
            number++;
            bit = 0;
        }
    }

    /** How many bits of {@code [start, end)} are set. */
    public long countSet(long start, long end) {
        long count = 0;
        long first = start >>> PAGE_SHIFT;
        for (Map.Entry<Long, long[]> entry : pages.tailMap(first, true).entrySet()) {
            long base = entry.getKey() << PAGE_SHIFT;
            if (base >= end) break;
            int from = (int) Math.max(0, start - base);
            int to = (int) Math.min(BITS_PER_PAGE, end - base);
            long[] page = entry.getValue();
            for (int w = from >>> 6; w <= (to - 1) >>> 6 && from < to; w++) {
                count += Long.bitCount(page[w] & mask(w, from, to));
            }
        }
        return count;
    }

    /** One behind the last set bit. */
    public long end() {
        for (Map.Entry<Long, long[]> entry : pages.descendingMap().entrySet()) {
            long[] page = entry.getValue();
            for (int w = PAGE_WORDS - 1; w >= 0; w--) {
                if (page[w] != 0) {
                    return (entry.getKey() << PAGE_SHIFT) + w * 64L + 64 - Long.numberOfLeadingZeros(page[w]);
                }
            }
        }
        return 0;
    }

    /**
     * The bits {@code [start, start + lengthBits)} as 32-bit words, lowest bit first, as in the wire message
     * {@code bitfield}; both bounds are multiples of 32.
     */
    public int[] words(long start, int lengthBits) {
        if ((start & 31) != 0 || (lengthBits & 31) != 0) {
            throw new IllegalArgumentException("bits " + start + " + " + lengthBits + " are not whole words");
        }
        int[] words = new int[lengthBits >>> 5];
        for (int i = 0; i < words.length; i++) {
            long at = start + i * 32L;
            long[] page = page(at >>> PAGE_SHIFT);
            int bit = (int) at & PAGE_MASK;
            if (page != null) words[i] = (int) (page[bit >>> 6] >>> (bit & 32));
        }
        return words;
    }

    /** A copy that changes independently. */
    public Bitfield copy() {
        Bitfield copy = new Bitfield();
        pages.forEach((number, page) -> copy.pages.put(number, page.clone()));
        return copy;
    }

    /**
     * A copy of a single page in an otherwise empty bitfield. Leaves the cache of the nearest page alone: the thread that
     * commits, the only one that changes bits, calls this without the core's lock.
     */
    Bitfield copyOfPage(long number) {
        Bitfield copy = new Bitfield();
        long[] page = pages.get(number);
        if (page != null) copy.pages.put(number, page.clone());
        return copy;
    }

    static long pageNumber(long index) {
        return index >>> PAGE_SHIFT;
    }

    /** A page's stored bytes. */
    byte[] pageBytes(long number) {
        byte[] bytes = new byte[PAGE_BYTES];
        long[] page = page(number);
        if (page != null) {
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(page);
        }
        return bytes;
    }

    /** Numbers of the pages that hold anything. */
    Iterable<Long> pageNumbers() {
        return pages.keySet();
    }

    /** Takes a page as it was stored; a shorter one is padded with zeros. */
    void loadPage(long number, byte[] bytes) {
        byte[] whole = bytes.length == PAGE_BYTES ? bytes : Arrays.copyOf(bytes, PAGE_BYTES);
        long[] page = new long[PAGE_WORDS];
        ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(page);
        put(number, page);
    }

    private long @Nullable [] page(long number) {
        if (number != nearPage) {
            near = pages.get(number);
            nearPage = number;
        }
        return near;
    }

    private void put(long number, long[] page) {
        pages.put(number, page);
        nearPage = number;
        near = page;
    }

    private static void fill(long[] page, int from, int to, boolean value) {
        for (int w = from >>> 6; w <= (to - 1) >>> 6; w++) {
            long mask = mask(w, from, to);
            if (value) page[w] |= mask;
            else page[w] &= ~mask;
        }
    }

    /** The bits of word {@code w} that lie in {@code [from, to)}. */
    private static long mask(int w, int from, int to) {
        long mask = -1L;
        int base = w << 6;
        if (from > base) mask &= -1L << (from - base);
        if (to < base + 64) mask &= -1L >>> (base + 64 - to);
        return mask;
    }

    private static int next(long[] page, int from, boolean value) {
        if (from >= BITS_PER_PAGE) return BITS_PER_PAGE;
        int w = from >>> 6;
        long word = (value ? page[w] : ~page[w]) & (-1L << from);
        while (word == 0) {
            if (++w == PAGE_WORDS) return BITS_PER_PAGE;
            word = value ? page[w] : ~page[w];
        }
        return (w << 6) + Long.numberOfTrailingZeros(word);
    }
}
