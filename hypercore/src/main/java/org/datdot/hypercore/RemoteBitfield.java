package org.datdot.hypercore;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which blocks a peer claims to have: a contiguous start plus pages of bits for the rest. The peer decides what is in it,
 * so its memory is bounded: claims beyond {@value #MAX_PAGES} pages of {@value #PAGE_BITS} blocks are forgotten, which at
 * worst means that those blocks are not asked for from this peer. Source: npm hypercore lib/remote-bitfield.js.
 */
final class RemoteBitfield {
    static final int PAGE_BITS = 32_768;
    static final int MAX_PAGES = 1_024;
    private static final int PAGE_WORDS = PAGE_BITS / 64;

    private final TreeMap<Long, long[]> pages = new TreeMap<>();
    private long contiguous;

    /** The peer has all blocks before this one. */
    long contiguous() {
        return contiguous;
    }

    int pageCount() {
        return pages.size();
    }

    boolean get(long index) {
        if (index < contiguous) return true;
        long[] page = pages.get(index / PAGE_BITS);
        return page != null && (page[word(index)] & bit(index)) != 0;
    }

    /** The peer has, or has dropped, blocks {@code [start, end)}. */
    void setRange(long start, long end, boolean has) {
        if (start >= end) return;
        if (has) {
            if (start > contiguous) {
                fill(start, end, true);
            } else if (end > contiguous) {
                contiguous = end;
                pages.headMap(end / PAGE_BITS, false).clear();
            }
            return;
        }
        if (start < contiguous) {
            long old = contiguous;
            contiguous = start;
            fill(end, old, true);
        }
        fill(start, end, false);
    }

    /** Takes bits as the truth about their region; the least significant bit of the first word is block {@code start}. */
    void insert(long start, int[] words) {
        long end = start + 32L * words.length;
        if (start < contiguous) {
            long old = contiguous;
            contiguous = start;
            fill(end, old, true);
        }
        for (int i = 0; i < words.length; i++) {
            long index = start + 32L * i;
            long[] page = words[i] == 0 ? pages.get(index / PAGE_BITS) : page(index / PAGE_BITS);
            if (page == null) continue;
            int shift = (int) (index & 63);
            int at = word(index);
            page[at] = (page[at] & ~(0xffffffffL << shift)) | ((words[i] & 0xffffffffL) << shift);
        }
    }

    /** The first block in {@code [from, end)} the peer has, or -1. */
    long nextSet(long from, long end) {
        if (from >= end) return -1;
        if (from < contiguous) return from;
        for (Map.Entry<Long, long[]> entry :
                pages.tailMap(from / PAGE_BITS, true).entrySet()) {
            long offset = entry.getKey() * PAGE_BITS;
            if (offset >= end) return -1;
            long found = nextSetInPage(entry.getValue(), (int) Math.max(0, from - offset));
            if (found >= 0) return offset + found < end ? offset + found : -1;
        }
        return -1;
    }

    private static long nextSetInPage(long[] page, int from) {
        long mask = -1L << (from & 63);
        for (int i = from >> 6; i < PAGE_WORDS; i++) {
            long word = page[i] & mask;
            if (word != 0) return 64L * i + Long.numberOfTrailingZeros(word);
            mask = -1L;
        }
        return -1;
    }

    private void fill(long start, long end, boolean value) {
        long index = start;
        if (!value) {
            Map.Entry<Long, long[]> first = pages.ceilingEntry(index / PAGE_BITS);
            if (first == null) return;
            index = Math.max(index, first.getKey() * PAGE_BITS);
        }
        long stop = value || pages.isEmpty() ? end : Math.min(end, (pages.lastKey() + 1) * PAGE_BITS);
        while (index < stop) {
            long number = index / PAGE_BITS;
            long[] page = value ? page(number) : pages.get(number);
            if (page == null && value) return; // the budget is used up, later pages would not fit either
            long pageEnd = Math.min(stop, (number + 1) * PAGE_BITS);
            if (page != null)
                fillPage(page, (int) (index - number * PAGE_BITS), (int) (pageEnd - number * PAGE_BITS), value);
            if (page == null) {
                Long next = pages.ceilingKey(number);
                if (next == null) return;
                pageEnd = next * PAGE_BITS;
            }
            index = pageEnd;
        }
    }

    private static void fillPage(long[] page, int start, int end, boolean value) {
        int first = start >> 6;
        int last = (end - 1) >> 6;
        long head = -1L << (start & 63);
        long tail = -1L >>> (-end & 63);
        if (first == last) {
            apply(page, first, head & tail, value);
            return;
        }
        apply(page, first, head, value);
        Arrays.fill(page, first + 1, last, value ? -1L : 0L);
        apply(page, last, tail, value);
    }

    private static void apply(long[] page, int at, long mask, boolean value) {
        if (value) page[at] |= mask;
        else page[at] &= ~mask;
    }

    private long @Nullable [] page(long number) {
        long[] page = pages.get(number);
        if (page != null || pages.size() >= MAX_PAGES) return page;
        page = new long[PAGE_WORDS];
        pages.put(number, page);
        return page;
    }

    private static int word(long index) {
        return (int) (index % PAGE_BITS) >> 6;
    }

    private static long bit(long index) {
        return 1L << (index & 63);
    }
}
