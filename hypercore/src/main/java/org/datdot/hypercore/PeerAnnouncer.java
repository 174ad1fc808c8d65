package org.datdot.hypercore;

import java.util.function.Consumer;

/**
 * Tells one peer which blocks are held here: what it wants to hear about, what it lacks, and not twice. Guarded by the
 * core's lock. Source: broadcastRange in npm hypercore lib/replicator.js.
 */
final class PeerAnnouncer {
    /** How far behind the end a new block is announced to everybody, wanted or not (stock: 256). */
    private static final long LAST_BLOCKS = 256;

    private final CoreState state;
    private final RemoteBitfield remoteBlocks;
    private final Consumer<ReplicationMessage> out;
    private final RemoteWants wants = new RemoteWants();
    private long announcedFull;

    PeerAnnouncer(CoreState state, RemoteBitfield remoteBlocks, Consumer<ReplicationMessage> out) {
        this.state = state;
        this.remoteBlocks = remoteBlocks;
        this.out = out;
    }

    /** What the peer wants to be told. */
    RemoteWants wants() {
        return wants;
    }

    /** The first message about blocks on a channel: the contiguous ones. */
    void greet() {
        long contiguous = Math.min(state.length(), state.contiguousLength());
        if (contiguous == 0) return;
        if (contiguous == state.length()) announcedFull = contiguous;
        out.accept(new ReplicationMessage.Range(false, 0, contiguous));
    }

    /** Blocks {@code [start, end)} are held here now. */
    void announce(long start, long end) {
        long length = state.length();
        boolean full = state.contiguousLength() >= length;
        if (full && announcedFull < length) {
            announcedFull = length;
            out.accept(new ReplicationMessage.Range(false, 0, length));
            return;
        }
        if (!full && start + LAST_BLOCKS < length && !wants.touches(start, end)) return;
        if (!peerHas(start, end)) out.accept(new ReplicationMessage.Range(false, start, end - start));
    }

    private boolean peerHas(long start, long end) {
        if (remoteBlocks.contiguous() >= end) return true;
        if (end - start > RemoteBitfield.PAGE_BITS) return false;
        for (long index = start; index < end; index++) if (!remoteBlocks.get(index)) return false;
        return true;
    }

    /** Blocks {@code [start, end)} are gone. */
    void drop(long start, long end) {
        announcedFull = Math.min(announcedFull, start);
        out.accept(new ReplicationMessage.Range(true, start, end - start));
    }

    /** The core ends earlier than before. */
    void truncated(long length) {
        announcedFull = Math.min(announcedFull, length);
    }
}
