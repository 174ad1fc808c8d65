package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.datdot.wire.Protomux;
import org.jspecify.annotations.Nullable;

/**
 * Replicates one core with any number of peers over {@code hypercore/alpha}: asks them for heads and blocks, verifies
 * and stores what they send, tells them what is here, and answers what they ask. Thread-safe; its state is guarded by the
 * core's lock. Source of the rules: npm hypercore lib/replicator.js; the wire format is {@link ReplicationMessage}.
 *
 * <p>The requester decides how much is in flight: {@link InflightWindow}.
 */
public final class Replicator {
    /** The protocol's name on the wire. */
    public static final String PROTOCOL = "hypercore/alpha";

    /** A block that one peer owes us for so long is asked for from another one too. */
    private static final long OVERDUE_NANOS = 1_500_000_000L;

    private static final long OVERDUE_CHECK_MS = 500;

    private static final System.Logger LOG = System.getLogger(Replicator.class.getName());

    private final CoreState state;
    private final ReplicationClock clock;
    private final Executor executor;
    private final BlockScheduler scheduler;
    private final SeekScheduler seeks;
    private final ForkFollower forks;
    private final CoreExtensions extensions = new CoreExtensions(this);
    private final CoreListener events = new Events();
    private final CoreConnections connections;
    private final List<ReplicatorPeer> peers = new ArrayList<>();
    private final HeadUpdates updates;
    private final RequestPlanner planner;
    private final LongAdder downloadedBytes = new LongAdder();
    private final LongAdder uploadedBytes = new LongAdder();
    private final LongAdder refusals = new LongAdder();
    private volatile boolean downloading = true;
    private volatile boolean uploading = true;
    private volatile boolean allowPush;
    private boolean timerArmed;
    private boolean closed;
    private @Nullable StorageException failure;

    Replicator(CoreState state) {
        this(state, ReplicationClock.system(), Thread::startVirtualThread);
    }

    Replicator(CoreState state, ReplicationClock clock, Executor executor) {
        this.state = state;
        this.clock = clock;
        this.executor = executor;
        this.scheduler = new BlockScheduler(state, executor);
        this.connections = new CoreConnections(state, mux -> new ReplicatorPeer(this, scheduler, mux));
        this.seeks = new SeekScheduler(state, executor);
        this.forks = new ForkFollower(state, this, executor, peers);
        this.updates = new HeadUpdates(state, executor);
        this.planner = new RequestPlanner(state, clock, scheduler, seeks, forks, peers);
        state.addListener(events);
    }

    private final class Events implements CoreListener {
        @Override
        public void onHead(CoreState core, TreeHead previous, boolean local) {
            for (ReplicatorPeer peer : peers) peer.headChanged();
            seeks.headChanged();
            changed(null);
        }

        @Override
        public void onTruncate(CoreState core, TreeHead previous, long ancestors) {
            scheduler.truncated(ancestors);
            seeks.truncated();
            forks.truncated();
            for (ReplicatorPeer peer : peers) peer.truncated(ancestors);
        }

        @Override
        public void onBlocks(CoreState core, long start, long end) {
            scheduler.stored(start, end);
            for (ReplicatorPeer peer : peers) peer.announce(start, end);
            changed(null);
        }

        @Override
        public void onDrop(CoreState core, long start, long end) {
            for (ReplicatorPeer peer : peers) peer.announceDrop(start, end);
        }

        @Override
        public void onConflict(CoreState core, CoreConflict conflict) {
            List<ReplicatorPeer> told = List.copyOf(peers);
            executor.execute(() -> {
                for (ReplicatorPeer peer : told) peer.showHistory();
                connections.close();
            });
            failed(new StorageException(
                    StorageException.Kind.CONFLICT,
                    "core " + state.key() + " was signed with two histories of length " + conflict.lengthBlocks(),
                    null));
        }

        @Override
        public void onFailure(CoreState core, StorageException cause) {
            failed(cause);
        }
    }

    CoreState state() {
        return state;
    }

    Executor executor() {
        return executor;
    }

    // ---- for the core's handles and the store

    /**
     * Replicates over a connection, if it does not already; the remote's answer decides whether it has the core. Never
     * called while holding a core's lock.
     */
    public void attach(Protomux mux) {
        connections.attach(mux);
    }

    /** Whether there is a channel for this core on a connection, opened by the peer or not yet. */
    public boolean attached(Protomux mux) {
        return connections.contains(mux);
    }

    /**
     * A block, from the store or from a peer as soon as one has it: it waits for peers and for appends. Cancelling the
     * future ends the waiting. Fails with a {@link StorageException} when the block cannot be stored, and as cancelled
     * when the core is closed.
     */
    public CompletableFuture<byte[]> fetch(long index) {
        if (index < 0) throw new IllegalArgumentException("block " + index);
        if (state.hasBlock(index)) {
            byte[] value = state.readBlock(index);
            if (value != null) return CompletableFuture.completedFuture(value);
        }
        CompletableFuture<byte[]> future = new CompletableFuture<>();
        state.lock().lock();
        try {
            if (ended(future)) return future;
            BlockWork work = scheduler.await(index, future);
            var _ = future.whenComplete((_, error) -> {
                if (error != null) scheduler.abandon(work);
            });
            if (state.bitfield().get(index)) scheduler.stored(index, index + 1);
            else if (work.storing != null) state.storage().commits().wake();
            else changed(null);
        } finally {
            state.lock().unlock();
        }
        return future;
    }

    /** Fetches the blocks {@code [start, end)} from peers, lowest first; {@link Download#LIVE} as end follows the core. */
    public Download download(long start, long end) {
        return download(BlockSelection.linear(start, end));
    }

    /** Fetches a selection of blocks from peers. */
    public Download download(BlockSelection selection) {
        state.lock().lock();
        try {
            Download download = scheduler.add(selection);
            if (ended(download.done())) scheduler.remove(download);
            changed(null);
            return download;
        } finally {
            state.lock().unlock();
        }
    }

    /**
     * Which block holds a byte, found with the help of peers where tree nodes are missing here; it waits for peers, and for
     * the core to grow when the byte lies behind its end. Cancelling the future ends the waiting.
     *
     * @param bytes offset from the start of the core, without padding
     * @param paddingBytes bytes at the start of each block which do not count (block encryption)
     */
    public CompletableFuture<BytePosition> seek(long bytes, long paddingBytes) {
        CompletableFuture<BytePosition> future = new CompletableFuture<>();
        SeekWork work = new SeekWork(new ByteSeeker(bytes, paddingBytes), future);
        state.lock().lock();
        try {
            if (ended(future)) return future;
            seeks.add(work);
            changed(null);
        } finally {
            state.lock().unlock();
        }
        var _ = future.whenComplete((_, error) -> {
            if (error != null) seeks.abandon(work);
        });
        return future;
    }

    /**
     * Asks the peers for a newer head. Completes with true when the core has grown, with false when no connected peer has
     * anything newer. While there are no peers it waits for one, unless everybody who was {@link #findingPeers} has given
     * up. The caller decides how long it waits.
     */
    public CompletableFuture<Boolean> update() {
        CompletableFuture<Boolean> future = new CompletableFuture<>();
        HeadUpdates.Update update;
        state.lock().lock();
        try {
            if (ended(future)) return future;
            update = updates.add(future);
            changed(null);
        } finally {
            state.lock().unlock();
        }
        var _ = future.whenComplete((_, _) -> updates.remove(update));
        return future;
    }

    /** Says that peers are being looked for; closing what is returned says that the search is over. */
    public PeerSearch findingPeers() {
        finding(1);
        AtomicBoolean over = new AtomicBoolean();
        return () -> {
            if (over.compareAndSet(false, true)) finding(-1);
        };
    }

    private void finding(int change) {
        state.lock().lock();
        try {
            updates.finding(change);
            updates.check(peers, connections.count(), forks.undecided());
        } finally {
            state.lock().unlock();
        }
    }

    /**
     * Takes part in an application's own conversation between the core's peers. An extension of the same name registered
     * before is replaced.
     *
     * @throws IllegalArgumentException when the name is empty or longer than {@value CoreExtension#MAX_NAME_BYTES} bytes
     */
    public CoreExtension registerExtension(String name, ExtensionListener listener) {
        return extensions.register(name, listener);
    }

    CoreExtensions extensions() {
        return extensions;
    }

    List<ReplicatorPeer> openPeers() {
        state.lock().lock();
        try {
            return List.copyOf(peers);
        } finally {
            state.lock().unlock();
        }
    }

    private boolean ended(CompletableFuture<?> future) {
        StorageException why = failure;
        if (why != null) future.completeExceptionally(why);
        else if (closed) future.cancel(false);
        return why != null || closed;
    }

    /** The peers whose channel is open. */
    public List<PeerStatus> peers() {
        state.lock().lock();
        try {
            return peers.stream().map(ReplicatorPeer::status).toList();
        } finally {
            state.lock().unlock();
        }
    }

    /** Block bytes received and verified since the core was opened. */
    public long downloadedBytes() {
        return downloadedBytes.sum();
    }

    /** Block bytes sent since the core was opened. */
    public long uploadedBytes() {
        return uploadedBytes.sum();
    }

    /**
     * Whether this side wants anything. A core that is only served does not: its channel is closed once the peer wants
     * nothing either, which keeps idle connections free of it. True at first.
     */
    public void downloading(boolean value) {
        if (downloading != value) tell(() -> downloading = value);
    }

    /** Changes what peers are told of. */
    private void tell(Runnable change) {
        state.lock().lock();
        try {
            change.run();
            for (ReplicatorPeer peer : peers) peer.sendSync();
        } finally {
            state.lock().unlock();
        }
    }

    boolean downloading() {
        return downloading || scheduler.hasWork() || seeks.hasWork() || updates.hasWork();
    }

    /** Whether requests are answered; peers are told, and what they ask regardless is not available. True at first. */
    public void uploading(boolean value) {
        if (uploading != value) tell(() -> uploading = value);
    }

    boolean uploading() {
        return uploading;
    }

    /**
     * Whether blocks are taken which were not asked for. Peers are told as long as this side downloads. False at first.
     */
    public void allowPush(boolean value) {
        if (allowPush != value) tell(() -> allowPush = value);
    }

    boolean allowsPush() {
        return allowPush && downloading;
    }

    /** Whether a writer who has cut the core is followed to its new fork; otherwise the core stays as it is. True at first. */
    public void followForks(boolean value) {
        state.lock().lock();
        try {
            forks.follow(value);
            changed(null);
        } finally {
            state.lock().unlock();
        }
    }

    /** Whether nothing is asked for by itself: what comes is pushed. False at first. */
    public void pushOnly(boolean value) {
        state.lock().lock();
        try {
            planner.pushOnly(value);
            changed(null);
        } finally {
            state.lock().unlock();
        }
    }

    /** Sends a block to every peer that takes blocks it did not ask for and lacks this one, with its proof. */
    public void push(long index) {
        for (ReplicatorPeer peer : openPeers()) peer.push(index);
    }

    /** How many requests a peer may owe us at a time: to one nearby, and at most (npm hypercore's inflightRange). */
    public void inflightRange(int min, int max) {
        InflightWindow range = new InflightWindow(min, max);
        state.lock().lock();
        try {
            planner.window(range);
            changed(null);
        } finally {
            state.lock().unlock();
        }
    }

    /** Ends replication: channels are closed, everybody who waits is told. */
    public void close() {
        state.lock().lock();
        try {
            if (closed) return;
            closed = true;
            finish(null);
        } finally {
            state.lock().unlock();
        }
        state.removeListener(events);
        connections.close();
    }

    private void finish(@Nullable StorageException why) {
        scheduler.end(why);
        seeks.end(why);
        updates.end(why);
    }

    // ---- for the peers; the core's lock is held unless it says otherwise

    void opened(ReplicatorPeer peer) {
        peers.add(peer);
        state.peer(peer.mux().remotePublicKey(), true);
        changed(peer);
    }

    void closed(ReplicatorPeer peer, List<Inflight> owed, boolean reopen) {
        if (peers.remove(peer)) state.peer(peer.mux().remotePublicKey(), false);
        connections.closed(peer);
        for (Inflight each : owed) released(each.errand(), peer, false);
        scheduler.forget(peer);
        seeks.forget(peer);
        forks.forget(peer);
        changed(null);
        if (reopen && !closed && downloading()) executor.execute(() -> attach(peer.mux()));
    }

    /** A proof was accepted: its nodes may be those somebody seeks. */
    void nodesLearnt() {
        if (seeks.hasWork()) seeks.update();
    }

    /** A peer will not bring what it was asked for, or has: the errand is free for others. */
    void released(Errand errand, ReplicatorPeer peer, boolean refused) {
        switch (errand) {
            case BlockWork work -> scheduler.released(work, peer);
            case SeekWork work -> seeks.released(work, peer, refused);
            case ReorgWork work -> forks.released(work, peer, refused);
            case Errand.Plain _ -> {}
        }
    }

    ForkFollower forks() {
        return forks;
    }

    /** Storing failed: nothing more is asked for. Takes the lock itself. */
    void failed(StorageException cause) {
        state.lock().lock();
        try {
            if (closed || failure != null) return;
            failure = cause;
            finish(cause);
        } finally {
            state.lock().unlock();
        }
    }

    /** Something changed, at one peer or (null) anywhere: sends the requests that have become possible. */
    void changed(@Nullable ReplicatorPeer peer) {
        if (closed || failure != null) return;
        for (ReplicatorPeer each : peer != null ? List.of(peer) : peers) planner.ask(each, downloading());
        updates.check(peers, connections.count(), forks.undecided());
        armTimer();
    }

    private void armTimer() {
        if (timerArmed || peers.size() < 2 || !scheduler.hasWork()) return;
        timerArmed = true;
        clock.schedule(this::checkOverdue, OVERDUE_CHECK_MS);
    }

    private void checkOverdue() {
        state.lock().lock();
        try {
            timerArmed = false;
            if (closed) return;
            if (scheduler.markOverdue(clock.nanoTime() - OVERDUE_NANOS)) changed(null);
            armTimer();
        } finally {
            state.lock().unlock();
        }
    }

    /** How many requests peers could not or would not answer since the core was opened. */
    public long refusals() {
        return refusals.sum();
    }

    /** A peer has shown another signed history of the core. Takes the lock itself. */
    void conflict(CoreConflict conflict) {
        LOG.log(System.Logger.Level.ERROR, "{0}: the signer has signed two histories, the core is frozen", conflict);
        state.freeze(conflict);
    }

    void countRefusal() {
        refusals.increment();
    }

    void received(Proof.DataBlock block, ReplicatorPeer from) {
        downloadedBytes.add(block.value().length);
        state.received(block.index(), block.value().length, from.mux().remotePublicKey());
    }

    void uploaded(Proof.DataBlock block, ReplicatorPeer to) {
        uploadedBytes.add(block.value().length);
        state.uploaded(block.index(), block.value().length, to.mux().remotePublicKey());
    }
}
