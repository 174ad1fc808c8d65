package org.datdot.node;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** Tells how many bytes were read. */
final class ProgressInput extends FilterInputStream {
    private final LongConsumer told;
    private long bytes;

    /**
     * @param told hears of the bytes read so far, after each read
     */
    ProgressInput(InputStream in, LongConsumer told) {
        super(in);
        this.told = told;
    }

    @Override
    public int read() throws IOException {
        int next = super.read();
        count(next < 0 ? -1 : 1);
        return next;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = super.read(target, offset, length);
        count(count);
        return count;
    }

    private void count(int read) {
        if (read > 0) {
            bytes += read;
            told.accept(bytes);
        }
    }
}
