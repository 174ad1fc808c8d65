package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelSpec;
import org.datdot.wire.Protomux;
import org.jspecify.annotations.Nullable;

/**
 * Replicates one core with any number of peers over {@code hypercore/alpha}: asks them for heads and blocks, verifies
 * and stores what they send, tells them what is here, and answers what they ask. Thread-safe; its state is guarded by the
 * core's lock. Source of the rules: npm hypercore lib/replicator.js; the wire format is {@link ReplicationMessage}.
 *
 * <p>Not supported, and answered with "not available" or ignored: following a core to another fork, pushed blocks,
 * extensions. The requester decides how much is in flight, here {@value #WINDOW_BYTES} bytes worth of blocks per peer.
 */
public final class Replicator {
    /** The protocol's name on the wire. */
    public static final String PROTOCOL = "hypercore/alpha";

    /** What may be asked for from one peer and not be answered yet, bytes. */
    static final long WINDOW_BYTES = 8L << 20;
    /** What may be verified and wait for the disk before nothing more is asked for, bytes. */
    static final long MAX_STORING_BYTES = 16L << 20;

    private static final int MIN_WINDOW_BLOCKS = 16;
    private static final int MAX_WINDOW_BLOCKS = 512;
    /** Peers asked for the same head at a time (stock: 3). */
    private static final int MAX_UPGRADES = 3;
    /** A block that one peer owes us for so long is asked for from another one too. */
    private static final long OVERDUE_NANOS = 1_500_000_000L;

    private static final long OVERDUE_CHECK_MS = 500;

    private final CoreState state;
    private final ReplicationClock clock;
    private final Executor executor;
    private final BlockScheduler scheduler;
    private final CoreListener events = new Events();
    /** One entry per connection, from before the channel is opened until it is closed. */
    private final Map<Protomux, ReplicatorPeer> attached = new HashMap<>();

    private final Map<Protomux, Channel> channels = new HashMap<>();
    private final List<ReplicatorPeer> peers = new ArrayList<>();
    private final List<Update> updates = new ArrayList<>();
    private final LongAdder downloadedBytes = new LongAdder();
    private final LongAdder uploadedBytes = new LongAdder();
    private final LongAdder refusals = new LongAdder();
    private boolean downloading = true;
    private boolean timerArmed;
    private boolean closed;
    private @Nullable StorageException failure;

    private record Update(long length, CompletableFuture<Boolean> future) {}

    Replicator(CoreState state) {
        this(state, ReplicationClock.system(), Thread::startVirtualThread);
    }

    Replicator(CoreState state, ReplicationClock clock, Executor executor) {
        this.state = state;
        this.clock = clock;
        this.executor = executor;
        this.scheduler = new BlockScheduler(state, executor);
        state.addListener(events);
    }

    private final class Events implements CoreListener {
        @Override
        public void onHead(CoreState core, TreeHead previous, boolean local) {
            for (ReplicatorPeer peer : peers) peer.headChanged();
            changed(null);
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
        ReplicatorPeer peer;
        state.lock().lock();
        try {
            if (closed || attached.containsKey(mux)) return;
            peer = new ReplicatorPeer(this, scheduler, mux);
            attached.put(mux, peer);
        } finally {
            state.lock().unlock();
        }
        byte[] capability = Capability.of(mux.initiator(), state.key(), mux.handshakeHash());
        byte[] handshake = ReplicationCodec.encodeHandshake(new ReplicationMessage.Handshake(true, capability));
        Channel channel = mux.tryOpen(new ChannelSpec(
                PROTOCOL, List.of("hypercore"), state.discoveryKey().bytes(), handshake, peer));
        boolean unwanted;
        state.lock().lock();
        try {
            unwanted = closed;
            boolean current = attached.get(mux) == peer;
            if (channel == null) attached.remove(mux, peer);
            else if (current) channels.put(mux, channel);
        } finally {
            state.lock().unlock();
        }
        if (unwanted && channel != null) channel.close();
    }

    /** Whether there is a channel for this core on a connection, opened by the peer or not yet. */
    public boolean attached(Protomux mux) {
        state.lock().lock();
        try {
            return attached.containsKey(mux);
        } finally {
            state.lock().unlock();
        }
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
            else changed(null);
        } finally {
            state.lock().unlock();
        }
        return future;
    }

    /** Fetches the blocks {@code [start, end)} from peers, lowest first; {@link Download#LIVE} as end follows the core. */
    public Download download(long start, long end) {
        if (start < 0 || end < start) throw new IllegalArgumentException("blocks " + start + " to " + end);
        state.lock().lock();
        try {
            Download download = scheduler.add(start, end);
            if (ended(download.done())) scheduler.remove(download);
            changed(null);
            return download;
        } finally {
            state.lock().unlock();
        }
    }

    /**
     * Asks the peers for a newer head. Completes with true when the core has grown, with false when no connected peer has
     * anything newer; while there are no peers it waits for one. The caller decides how long it waits.
     */
    public CompletableFuture<Boolean> update() {
        CompletableFuture<Boolean> future = new CompletableFuture<>();
        Update update = new Update(state.length(), future);
        state.lock().lock();
        try {
            if (ended(future)) return future;
            updates.add(update);
            changed(null);
        } finally {
            state.lock().unlock();
        }
        var _ = future.whenComplete((_, _) -> forget(update));
        return future;
    }

    private void forget(Update update) {
        state.lock().lock();
        try {
            updates.remove(update);
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
        state.lock().lock();
        try {
            if (downloading == value) return;
            downloading = value;
            for (ReplicatorPeer peer : peers) peer.sendSync();
        } finally {
            state.lock().unlock();
        }
    }

    boolean downloading() {
        return downloading || scheduler.hasWork() || !updates.isEmpty();
    }

    /** Ends replication: channels are closed, everybody who waits is told. */
    public void close() {
        List<Channel> open;
        state.lock().lock();
        try {
            if (closed) return;
            closed = true;
            open = List.copyOf(channels.values());
            finish(null);
        } finally {
            state.lock().unlock();
        }
        state.removeListener(events);
        for (Channel channel : open) channel.close();
    }

    private void finish(@Nullable StorageException why) {
        scheduler.end(why);
        for (Update update : List.copyOf(updates)) executor.execute(() -> ended(update.future()));
        updates.clear();
    }

    // ---- for the peers; the core's lock is held unless it says otherwise

    void opened(ReplicatorPeer peer) {
        peers.add(peer);
        changed(peer);
    }

    void closed(ReplicatorPeer peer, List<BlockWork> owed, boolean reopen) {
        peers.remove(peer);
        attached.remove(peer.mux(), peer);
        channels.remove(peer.mux());
        for (BlockWork work : owed) scheduler.released(work, peer);
        scheduler.forget(peer);
        changed(null);
        if (reopen && !closed && downloading()) executor.execute(() -> attach(peer.mux()));
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
        if (peer != null) ask(peer);
        else for (ReplicatorPeer each : peers) ask(each);
        if (!updates.isEmpty()) checkUpdates();
        armTimer();
    }

    private void ask(ReplicatorPeer peer) {
        if (!peer.usable()) return;
        if (downloading() && peer.canBeAskedForHead() && upgradesInflight() < MAX_UPGRADES) peer.requestHead();
        int window = windowBlocks();
        int room = window - peer.inflightCount();
        // Blocks of a download are asked for some at a time: it costs both sides much less than one by one.
        if (room <= 0 || (room < window / 8 && !scheduler.urgent())) return;
        if (scheduler.storingBytes() >= MAX_STORING_BYTES) return;
        long now = clock.nanoTime();
        peer.mux().cork();
        try {
            while (peer.inflightCount() < window) {
                BlockWork work = scheduler.next(peer);
                if (work == null) break;
                peer.requestBlock(work, now);
            }
        } finally {
            peer.mux().uncork();
        }
    }

    private int upgradesInflight() {
        int count = 0;
        for (ReplicatorPeer peer : peers) if (peer.upgradeInflight()) count++;
        return count;
    }

    private int windowBlocks() {
        TreeHead head = state.head();
        long average = head.length() == 0 ? 1 : Math.max(1, head.byteLength() / head.length());
        return Math.clamp(WINDOW_BYTES / average, MIN_WINDOW_BLOCKS, MAX_WINDOW_BLOCKS);
    }

    private void checkUpdates() {
        boolean undecided = peers.isEmpty() || peers.size() < attached.size();
        for (ReplicatorPeer peer : peers) undecided |= peer.mayHaveNewerHead();
        long length = state.length();
        for (Update update : List.copyOf(updates)) {
            boolean grown = length > update.length();
            if (!grown && undecided) continue;
            updates.remove(update);
            executor.execute(() -> update.future().complete(grown));
        }
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

    void countRefusal() {
        refusals.increment();
    }

    void countDownload(long bytes) {
        downloadedBytes.add(bytes);
    }

    void countUpload(long bytes) {
        uploadedBytes.add(bytes);
    }
}
