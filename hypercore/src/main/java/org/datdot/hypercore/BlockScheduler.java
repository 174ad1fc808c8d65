package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Decides which block is asked for next: single blocks somebody waits for first, then blocks a slow peer owes us, then
 * those of downloads. Guarded by the core's lock, which the caller holds unless a method says otherwise.
 */
final class BlockScheduler {
    /** How many candidates are looked at for one request, so that waiting for what nobody has stays cheap. */
    private static final int MAX_SCAN = 512;
    /** How many ranges are looked at for one request (stock: 64). */
    private static final int MAX_RANGES = 64;
    /** How many peers may be asked for the same block at a time (stock: 3). */
    private static final int MAX_ASKED = 3;

    private final CoreState state;
    private final Executor executor;
    /** Only to spread requests: whoever guesses it gains nothing. */
    private final SplittableRandom random = new SplittableRandom();

    private final Map<Long, BlockWork> works = new HashMap<>();
    private final Set<BlockWork> pending = new LinkedHashSet<>();
    private final Set<BlockWork> overdue = new LinkedHashSet<>();
    private final List<Download> downloads = new ArrayList<>();
    private int firstDownload;
    private long storingBytes;

    BlockScheduler(CoreState state, Executor executor) {
        this.state = state;
        this.executor = executor;
    }

    /** Bytes received and verified which wait for the commit. */
    long storingBytes() {
        return storingBytes;
    }

    boolean hasWork() {
        return !works.isEmpty() || !downloads.isEmpty();
    }

    /** Whether there are blocks somebody waits for, or a slow peer owes us, which nobody has been asked for yet. */
    boolean urgent() {
        return !pending.isEmpty() || !overdue.isEmpty();
    }

    /** Adds somebody who waits for a block that is not held. */
    BlockWork await(long index, CompletableFuture<byte[]> waiter) {
        BlockWork work = works.computeIfAbsent(index, BlockWork::new);
        work.await(waiter, state.length());
        if (work.idle()) pending.add(work);
        return work;
    }

    /** Somebody no longer waits; a block nobody wants any more is not asked for. Takes the lock itself. */
    void abandon(BlockWork work) {
        state.lock().lock();
        try {
            if (work.forgetDone()) dropUnwanted(List.of(work));
        } finally {
            state.lock().unlock();
        }
    }

    private void dropUnwanted(Iterable<BlockWork> candidates) {
        for (BlockWork work : candidates) {
            if (work.storing != null || work.awaited() || wantedByDownload(work.index)) continue;
            if (!works.remove(work.index, work)) continue;
            pending.remove(work);
            overdue.remove(work);
            cancel(work);
        }
    }

    private boolean wantedByDownload(long index) {
        for (Download download : downloads) if (download.selection().contains(index)) return true;
        return false;
    }

    /** Whether a block of {@code [start, end)} is still to be fetched. */
    boolean wants(long start, long end) {
        for (BlockWork work : pending) if (work.index >= start && work.index < end) return true;
        for (Download download : downloads) {
            if (download.selection().nextMissing(Math.max(start, download.lowest), state.bitfield()) < end) return true;
        }
        return false;
    }

    /** Takes back what peers were asked for. */
    void cancel(BlockWork work) {
        for (ReplicatorPeer peer : work.asked) peer.cancel(work);
        work.asked.clear();
    }

    Download add(BlockSelection selection) {
        Download download = new Download(this, selection);
        if (!finish(download)) downloads.add(download);
        return download;
    }

    /** Takes the lock itself. */
    void remove(Download download) {
        state.lock().lock();
        try {
            if (!downloads.remove(download)) return;
            dropUnwanted(List.copyOf(works.values()));
        } finally {
            state.lock().unlock();
        }
    }

    long length(Download download) {
        return download.selection().count(state.length());
    }

    /** Takes the lock itself. */
    long held(Download download) {
        state.lock().lock();
        try {
            return download.selection().countHeld(state.bitfield(), state.length());
        } finally {
            state.lock().unlock();
        }
    }

    private boolean finish(Download download) {
        download.lowest = download.selection().nextMissing(download.lowest, state.bitfield());
        if (download.lowest < download.end() || download.end() == Download.LIVE) return false;
        executor.execute(() -> download.done().complete(null));
        return true;
    }

    /** The block to ask a peer for, null when there is none now. The caller sends the request. */
    @Nullable
    BlockWork next(ReplicatorPeer peer) {
        BlockWork work = next(peer, pending, false);
        if (work == null) work = next(peer, overdue, true);
        return work != null ? work : nextOfDownloads(peer);
    }

    private @Nullable BlockWork next(ReplicatorPeer peer, Set<BlockWork> candidates, boolean again) {
        int scanned = 0;
        long limit = peer.limit();
        for (Iterator<BlockWork> at = candidates.iterator(); at.hasNext() && scanned < MAX_SCAN; scanned++) {
            BlockWork work = at.next();
            if (work.index >= limit) continue;
            if (!peer.has(work.index)) {
                peer.want(work.index, work.index + 1);
            } else if (!work.asked.contains(peer) && peer.canProve(work.index)) {
                at.remove();
                if (!again || (work.storing == null && work.asked.size() < MAX_ASKED)) return work;
            }
        }
        return null;
    }

    private @Nullable BlockWork nextOfDownloads(ReplicatorPeer peer) {
        int count = Math.min(MAX_RANGES, downloads.size());
        for (int i = 0; i < count; i++) {
            if (firstDownload >= downloads.size()) firstDownload = 0;
            long index = next(peer, downloads.get(firstDownload));
            if (index >= 0) {
                BlockWork work = works.computeIfAbsent(index, BlockWork::new);
                pending.remove(work);
                return work;
            }
            firstDownload++;
        }
        return null;
    }

    private long next(ReplicatorPeer peer, Download download) {
        long end = Math.min(download.end(), peer.limit());
        long start = Math.max(download.lowest, download.cursors.getOrDefault(peer, 0L));
        if (start >= end) return -1;
        if (!download.selection().linear()) {
            long middle = start + random.nextLong(end - start);
            long index = scan(peer, download, middle, end);
            if (index < 0) index = scan(peer, download, start, middle);
            if (index < 0) download.cursors.put(peer, end);
            return index;
        }
        long index = scan(peer, download, start, end);
        download.cursors.put(peer, index < 0 ? end : index + 1);
        return index;
    }

    /** The first block of {@code [from, end)} that can be asked for, -1 when there is none. */
    private long scan(ReplicatorPeer peer, Download download, long from, long end) {
        long at = from;
        while (true) {
            at = download.selection().nextMissing(at, state.bitfield());
            if (at >= end) return -1;
            long there = peer.nextHeld(at, end);
            if (there < 0) {
                peer.want(at, end);
                return -1;
            }
            if (there > at) {
                peer.want(at, there);
                at = there;
            } else {
                BlockWork work = works.get(at);
                if ((work == null || work.idle()) && peer.canProve(at)) return at;
                at++;
            }
        }
    }

    /** A block at or after {@code index} has become worth asking a peer for. */
    void rewind(ReplicatorPeer peer, long index) {
        for (Download download : downloads) download.cursors.computeIfPresent(peer, (_, at) -> Math.min(at, index));
    }

    /** A peer is gone. */
    void forget(ReplicatorPeer peer) {
        for (Download download : downloads) download.cursors.remove(peer);
    }

    private void rewindAll(long index) {
        for (Download download : downloads) download.cursors.replaceAll((_, at) -> Math.min(at, index));
    }

    /** A peer was asked for a block. */
    void asked(BlockWork work, ReplicatorPeer peer, long nowNanos) {
        if (work.asked.isEmpty()) work.askedAtNanos = nowNanos;
        work.asked.add(peer);
    }

    /** A peer will not answer a request for a block: it becomes free for the others. */
    void released(BlockWork work, ReplicatorPeer peer) {
        work.asked.remove(peer);
        if (!work.idle()) return;
        overdue.remove(work);
        if (!work.awaited()) works.remove(work.index, work);
        else pending.add(work);
        rewindAll(work.index);
    }

    /** A block arrived and is being verified. */
    void storing(BlockWork work, byte[] value) {
        work.storing = value;
        storingBytes += value.length;
        pending.remove(work);
        overdue.remove(work);
    }

    /**
     * Notes a block nobody was asked for, before it is verified; null when it is not worth that, because it is here already
     * or the disk is behind. Takes the lock itself.
     */
    @Nullable
    BlockWork takePushed(long index, byte[] value) {
        state.lock().lock();
        try {
            if (storingBytes >= RequestPlanner.MAX_STORING_BYTES
                    || index < 0
                    || state.bitfield().get(index)) return null;
            BlockWork work = works.computeIfAbsent(index, BlockWork::new);
            if (work.storing != null) return null;
            storing(work, value);
            return work;
        } finally {
            state.lock().unlock();
        }
    }

    /** A pushed block was not stored. Takes the lock itself. */
    void pushFailed(BlockWork work) {
        state.lock().lock();
        try {
            notStored(work);
            if (!work.idle()) return;
            if (!work.awaited()) works.remove(work.index, work);
            else pending.add(work);
            rewindAll(work.index);
        } finally {
            state.lock().unlock();
        }
    }

    /** What arrived did not verify. */
    void notStored(BlockWork work) {
        byte[] value = work.storing;
        if (value == null) return;
        storingBytes -= value.length;
        work.storing = null;
    }

    /**
     * The core was cut after {@code ancestors} blocks: who waits for a block that was there when they asked is told, who
     * asked for one to come waits on; what peers were asked is about another tree, and downloads begin again there.
     */
    void truncated(long ancestors) {
        for (BlockWork work : List.copyOf(works.values())) {
            cancel(work);
            overdue.remove(work);
            notStored(work);
            if (work.index >= ancestors) {
                for (CompletableFuture<byte[]> waiter : work.takePromised()) {
                    executor.execute(() -> waiter.completeExceptionally(new BlockNotAvailableException("block "
                            + work.index + " of core " + state.key() + " is gone: its writer rewrote the core after "
                            + ancestors + " blocks")));
                }
            }
            pending.remove(work);
            if (!work.awaited()) works.remove(work.index, work);
            else pending.add(work);
        }
        for (Download download : downloads) {
            download.lowest = Math.min(download.lowest, Math.max(download.start(), ancestors));
            download.cursors.clear();
        }
    }

    /** Blocks {@code [start, end)} are committed: hands them out and takes back what peers were still asked for. */
    void stored(long start, long end) {
        if (end - start <= works.size()) {
            for (long index = start; index < end; index++) {
                BlockWork work = works.remove(index);
                if (work != null) finish(work);
            }
        } else {
            for (Iterator<BlockWork> at = works.values().iterator(); at.hasNext(); ) {
                BlockWork work = at.next();
                if (work.index < start || work.index >= end) continue;
                at.remove();
                finish(work);
            }
        }
        downloads.removeIf(this::finish);
    }

    private void finish(BlockWork work) {
        pending.remove(work);
        overdue.remove(work);
        byte[] value = work.storing;
        notStored(work);
        cancel(work);
        for (CompletableFuture<byte[]> waiter : work.waiters()) {
            executor.execute(() -> hand(work.index, value, waiter));
        }
    }

    private void hand(long index, byte @Nullable [] value, CompletableFuture<byte[]> waiter) {
        try {
            byte[] bytes = value != null ? value : state.readBlock(index);
            if (bytes != null) waiter.complete(bytes);
            else waiter.completeExceptionally(new IllegalStateException("block " + index + " was cleared meanwhile"));
        } catch (StorageException e) {
            waiter.completeExceptionally(e);
        }
    }

    /** Marks what was asked for before the given time as overdue, to be asked for elsewhere; true when there is any. */
    boolean markOverdue(long beforeNanos) {
        for (BlockWork work : works.values()) {
            if (work.asked.isEmpty() || work.storing != null || work.asked.size() >= MAX_ASKED) continue;
            if (work.askedAtNanos - beforeNanos < 0) overdue.add(work);
        }
        return !overdue.isEmpty();
    }

    /** Ends everything with a failure, or as cancelled when there is none. */
    void end(@Nullable StorageException failure) {
        List<CompletableFuture<?>> waiting = new ArrayList<>();
        for (BlockWork work : works.values()) waiting.addAll(work.waiters());
        for (Download download : downloads) waiting.add(download.done());
        works.clear();
        pending.clear();
        overdue.clear();
        downloads.clear();
        storingBytes = 0;
        Throwable why = failure != null ? failure : new CancellationException("the core is closed");
        for (CompletableFuture<?> each : waiting) executor.execute(() -> each.completeExceptionally(why));
    }
}
