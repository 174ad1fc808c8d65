package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The regions a peer asked to be kept informed about. Bounded: a peer that wants too much or in odd shapes is simply told
 * everything. Source: RemoteWants in npm hypercore lib/wants.js.
 */
final class RemoteWants {
    /** The longest region that is answered, blocks. */
    static final long MAX_LENGTH_BLOCKS = 8L * 256 * 1024;

    private static final long MIN_LENGTH_BLOCKS = 32;
    private static final int MAX_WANTS = 512;
    private static final int MAX_ANY = 16;

    private record Region(long start, long length) {
        boolean touches(long from, long end) {
            return from < start + length && start < end;
        }
    }

    private final List<Region> any = new ArrayList<>();
    private final Set<Region> regions = new HashSet<>();
    private boolean all;

    /** Remembers a want; false when it is longer than anybody may ask, so that it gets no answer. */
    boolean add(ReplicationMessage.Want want) {
        Region region = new Region(want.start(), want.length());
        if (want.any()) {
            if (any.size() < MAX_ANY) any.add(region);
            else all = true;
            return true;
        }
        if (want.length() > MAX_LENGTH_BLOCKS) return false;
        if (!aligned(region) || (regions.size() >= MAX_WANTS && !regions.contains(region))) all = true;
        else regions.add(region);
        return true;
    }

    /** Forgets a want. */
    void remove(ReplicationMessage.Unwant unwant) {
        Region region = new Region(unwant.start(), unwant.length());
        if (unwant.any()) any.remove(region);
        else regions.remove(region);
    }

    /** Whether the peer wants to hear about one of blocks {@code [start, end)}. */
    boolean touches(long start, long end) {
        if (all) return true;
        for (Region region : any) if (region.touches(start, end)) return true;
        for (Region region : regions) if (region.touches(start, end)) return true;
        return false;
    }

    private static boolean aligned(Region region) {
        return region.length >= MIN_LENGTH_BLOCKS
                && Long.bitCount(region.length) == 1
                && (region.start & (region.length - 1)) == 0;
    }
}
