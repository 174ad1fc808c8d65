package org.datdot.hypercore;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The regions a peer was asked to keep us informed about. A peer remembers only so many: when all are in use, one in which
 * nothing is wanted any more is given back. Source: class LocalWants in npm hypercore lib/wants.js.
 */
final class PeerWants {
    /** Regions per peer (stock: 512). */
    static final int MAX_WANTS = 512;

    /** The size stock peers of all ages understand, blocks. */
    private static final long REGION = RemoteWants.MAX_LENGTH_BLOCKS;

    private final Set<Long> regions = new LinkedHashSet<>();

    /** Asks about the regions of blocks {@code [start, end)} that were not asked about yet. */
    void want(long start, long end, BlockScheduler scheduler, Consumer<ReplicationMessage> out) {
        for (long at = start / REGION; at * REGION < end; at++) {
            if (regions.contains(at)) continue;
            if (regions.size() >= MAX_WANTS && !giveBack(scheduler, out)) return;
            regions.add(at);
            out.accept(new ReplicationMessage.Want(at * REGION, REGION, false));
        }
    }

    private boolean giveBack(BlockScheduler scheduler, Consumer<ReplicationMessage> out) {
        for (Iterator<Long> each = regions.iterator(); each.hasNext(); ) {
            long at = each.next();
            if (scheduler.wants(at * REGION, (at + 1) * REGION)) continue;
            each.remove();
            out.accept(new ReplicationMessage.Unwant(at * REGION, REGION, false));
            return true;
        }
        return false;
    }

    void clear() {
        regions.clear();
    }
}
