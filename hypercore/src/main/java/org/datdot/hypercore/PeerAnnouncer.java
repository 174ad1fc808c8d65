package org.datdot.hypercore;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells one peer of the head and which blocks are held here: what it wants to hear about, what it lacks, and not twice.
 * While the peer does not take what waits for it already, only the range that it has missed is kept, however much
 * happens; it is told when it takes more again. Guarded by the core's lock. Source: broadcastRange in npm hypercore
 * lib/replicator.js.
 */
final class PeerAnnouncer {
    /** How far behind the end a new block is announced to everybody, wanted or not (stock: 256). */
    private static final long LAST_BLOCKS = 256;

    private final Replicator replicator;
    private final CoreState state;
    private final RemoteBitfield remoteBlocks;
    private final BooleanSupplier writable;
    private final Consumer<ReplicationMessage> out;
    private final HeadProver prover;
    private final RemoteWants wants = new RemoteWants();
    private long announcedFull;
    private boolean syncMissed;
    /** Where blocks came and went untold; empty when start and end are equal. */
    private long missedStart;

    private long missedEnd;

    /**
     * @param writable whether the connection takes more
     */
    PeerAnnouncer(
            Replicator replicator,
            RemoteBitfield remoteBlocks,
            BooleanSupplier writable,
            Consumer<ReplicationMessage> out) {
        this.replicator = replicator;
        this.state = replicator.state();
        this.remoteBlocks = remoteBlocks;
        this.writable = writable;
        this.out = out;
        this.prover = new HeadProver(state);
    }

    /**
     * Tells of the head and of what this side wants.
     *
     * @param remote what the peer said last, null when nothing yet
     */
    void sync(ReplicationMessage.@Nullable Sync remote) {
        syncMissed = !writable.getAsBoolean();
        if (syncMissed) return;
        Manifest manifest = state.manifest();
        out.accept(new ReplicationMessage.Sync(
                state.fork(),
                state.length(),
                remote != null && remote.fork() == state.fork() ? remote.length() : 0,
                remote == null || prover.canProve(remote),
                replicator.uploading(),
                replicator.downloading(),
                manifest != null && !manifest.isCompat(state.key()),
                replicator.allowsPush()));
    }

    /** The connection takes more again: tells what was missed, as far as it takes that. */
    void drained(ReplicationMessage.@Nullable Sync remote) {
        if (syncMissed) sync(remote);
        while (missedStart < missedEnd && writable.getAsBoolean()) {
            long length = state.length();
            if (missedEnd <= length && state.contiguousLength() >= length) {
                announcedFull = length;
                missedStart = missedEnd;
                out.accept(new ReplicationMessage.Range(false, 0, length));
            } else {
                long start = missedStart & ~31L;
                int bits = (int) Math.min(RemoteWants.MAX_LENGTH_BLOCKS, (missedEnd - start + 31) & ~31L);
                missedStart = Math.min(missedEnd, start + bits);
                out.accept(
                        new ReplicationMessage.Bitfield(start, state.bitfield().words(start, bits)));
            }
        }
    }

    /** Keeps a range for later when the connection is full, or something is kept already, so that it is told in order. */
    private boolean missed(long start, long end) {
        if (missedStart == missedEnd) {
            if (writable.getAsBoolean()) return false;
            missedStart = start;
            missedEnd = end;
        } else {
            missedStart = Math.min(missedStart, start);
            missedEnd = Math.max(missedEnd, end);
        }
        return true;
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
        if (missed(start, end)) return;
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
        if (missed(start, end)) return;
        out.accept(new ReplicationMessage.Range(true, start, end - start));
    }

    /** The core ends earlier than before. */
    void truncated(long length) {
        announcedFull = Math.min(announcedFull, length);
    }
}
