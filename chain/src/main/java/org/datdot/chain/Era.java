package org.datdot.chain;

import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;

/** In which blocks an extrinsic may be (crate {@code sp-runtime}, {@code generic/era.rs}). */
public sealed interface Era {
    /** In any block. */
    record Immortal() implements Era {
        @Override
        public long birth(long blockNumber) {
            return 0;
        }

        @Override
        public long death(long blockNumber) {
            return Long.MAX_VALUE;
        }
    }

    /**
     * In {@code period} blocks from one on whose number leaves the remainder {@code phase}.
     *
     * @param period a power of two, 4 to {@value ChainStorage#BLOCK_HASH_COUNT}
     * @param phase below the period
     */
    record Mortal(long period, long phase) implements Era {
        /** Refuses what has no encoding. */
        public Mortal {
            if (period < 4 || period > ChainStorage.BLOCK_HASH_COUNT || Long.bitCount(period) != 1) {
                throw new IllegalArgumentException("an era has a power of two of blocks, 4 to "
                        + ChainStorage.BLOCK_HASH_COUNT + ", not " + period);
            }
            if (phase < 0 || phase >= period) {
                throw new IllegalArgumentException("a phase is below the period " + period + ", not " + phase);
            }
        }

        @Override
        public long birth(long blockNumber) {
            return (Math.max(blockNumber, phase) - phase) / period * period + phase;
        }

        @Override
        public long death(long blockNumber) {
            return birth(blockNumber) + period;
        }
    }

    /** In any block. */
    static Era immortal() {
        return new Immortal();
    }

    /** In {@code period} blocks, of which {@code birth} is the first. */
    static Era mortal(long period, long birth) {
        return new Mortal(period, birth % period);
    }

    /** The block whose hash an extrinsic's signature covers if it is to be in block {@code blockNumber}. */
    long birth(long blockNumber);

    /** The first block it cannot be in, counted from the birth before {@code blockNumber}. */
    long death(long blockNumber);

    /** A byte for immortal; for mortal two: the period in the lower four bits, the phase above. */
    default void encodeTo(ScaleEncoder out) {
        switch (this) {
            case Immortal _ -> out.u8(0);
            case Mortal(long period, long phase) ->
                out.u16((int) (Long.numberOfTrailingZeros(period) - 1 | phase << 4));
        }
    }

    /**
     * Takes an era off.
     *
     * @throws DecodingException when it is none
     */
    static Era decode(ScaleDecoder in) {
        int low = in.u8();
        if (low == 0) {
            return immortal();
        }
        int encoded = low | in.u8() << 8;
        // Periods above 4,096 count phases in steps; they are longer than block hashes are kept.
        try {
            return new Mortal(2L << (encoded & 15), encoded >> 4);
        } catch (IllegalArgumentException e) {
            throw new DecodingException("expected an era: " + e.getMessage());
        }
    }
}
