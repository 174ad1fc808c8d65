package org.datdot.drive;

/**
 * Finds where to cut a file into blocks by its content alone (a gear hash: Xia and others, FastCDC, 2016), so that equal
 * parts of two files give equal blocks wherever they lie: 16 to 256 KiB, about 64 KiB each. Where exactly is this program's
 * own choice; a stock reader takes blocks of any length.
 */
final class ContentCuts {

    static final int MAX_BYTES = 256 << 10;
    private static final int MIN_BYTES = 16 << 10;
    /** 15 bits: one cut in 32 KiB after the minimum, on the average. */
    private static final long MASK = 0xfffe_0000_0000_0000L;

    private static final long[] GEAR = gear();

    private long hash;
    private int length;

    private static long[] gear() {
        long[] gear = new long[256];
        long state = 0;
        for (int i = 0; i < gear.length; i++) {
            // SplitMix64 (Steele and others, 2014).
            state += 0x9e3779b97f4a7c15L;
            long mixed = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
            mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
            gear[i] = mixed ^ (mixed >>> 31);
        }
        return gear;
    }

    boolean cutAfter(byte next) {
        hash = (hash << 1) + GEAR[next & 0xff];
        length++;
        return length == MAX_BYTES || (length >= MIN_BYTES && (hash & MASK) == 0);
    }

    void restart() {
        hash = 0;
        length = 0;
    }
}
