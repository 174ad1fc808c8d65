package org.datdot.hosting;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** When a measurement is made and what is read in it: drawn, so that the hoster can prepare for neither. For one thread. */
final class Moments {
    private final RandomGenerator random;

    Moments(RandomGenerator random) {
        this.random = random;
    }

    /**
     * The block from which on it is measured, each of the first half of those left as likely: the other half is for what takes long.
     *
     * @param now the block now
     * @param until the last block in which a commitment counts
     */
    long moment(long now, long until) {
        return now + random.nextLong(Math.max(1, (until - now) / 2));
    }

    /**
     * Numbers of blocks to read, in the order in which they are read.
     *
     * @param start the first there is
     * @param blocks how many there are
     * @param most how many are read, where there are so many
     */
    List<Long> blocks(long start, long blocks, int most) {
        List<Long> drawn = new ArrayList<>();
        for (long i = 0; i < Math.min(blocks, most); i++) drawn.add(start + random.nextLong(blocks));
        return drawn;
    }
}
