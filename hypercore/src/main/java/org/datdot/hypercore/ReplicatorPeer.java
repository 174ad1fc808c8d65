package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.datdot.encoding.CompactDecoder;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelHandler;
import org.datdot.wire.Protomux;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * One core's conversation with one peer: what the peer has and wants, what it was asked and has not answered. A state
 * machine: messages in, messages out through {@link Channel#send}. Its state is guarded by the core's lock; hashing and
 * verification run on the connection's thread, outside of it. Source of the rules: class Peer in npm hypercore
 * lib/replicator.js.
 */
final class ReplicatorPeer implements ChannelHandler {
    /** Answers "not available" after which nothing more is asked (stock: 32). */
    static final int MAX_BACKOFFS = 32;
    /** Blocks refused, over all, after which nothing more is asked. */
    private static final int MAX_REFUSED = 1_024;
    /** How far behind the end a new block is announced to everybody, wanted or not (stock: 256). */
    private static final long LAST_BLOCKS = 256;
    /** Regions we keep ourselves informed about, per peer (stock: 512). */
    private static final int MAX_WANTS = 512;

    private static final System.Logger LOG = System.getLogger(ReplicatorPeer.class.getName());

    private final Replicator replicator;
    private final CoreState state;
    private final BlockScheduler scheduler;
    private final Protomux mux;
    private @Nullable Channel channel;
    private @Nullable RequestServer server;

    private final RemoteBitfield remoteBlocks = new RemoteBitfield();
    private final RemoteWants remoteWants = new RemoteWants();
    private long remoteFork;
    private long remoteLength;
    private long acknowledgedLength;
    private boolean remoteSynced;
    private boolean remoteCanUpgrade;
    private boolean remoteUploading = true;
    private boolean remoteDownloading = true;
    private boolean remoteHasManifest;

    private final Map<Long, Inflight> inflight = new LinkedHashMap<>();
    private final Map<BlockWork, Long> askedIds = new HashMap<>();
    private final Set<Long> wanted = new HashSet<>();
    private long lastRequestId;
    private boolean upgradeInflight;
    private long refusedUpgrade = -1;
    /** Blocks it has by its own account but did not give. */
    private final Set<Long> refusedBlocks = new HashSet<>();

    private int backoffs;
    private boolean paused;
    private boolean open;

    private long announcedFull;
    private long provableFrom = -1;
    private long provableTo = -1;
    private boolean provable;

    private record Inflight(ProofRequest request, @Nullable BlockWork work) {}

    ReplicatorPeer(Replicator replicator, BlockScheduler scheduler, Protomux mux) {
        this.replicator = replicator;
        this.state = replicator.state();
        this.scheduler = scheduler;
        this.mux = mux;
    }

    Protomux mux() {
        return mux;
    }

    PeerStatus status() {
        RequestServer serving = server;
        return new PeerStatus(
                mux.remotePublicKey(),
                remoteLength,
                Math.min(remoteBlocks.contiguous(), remoteLength),
                inflight.size(),
                serving == null ? 0 : serving.queued(),
                paused);
    }

    // ---- what the channel tells; the mux lock is held

    @Override
    public void onOpen(Channel opened, CompactDecoder handshake) {
        byte[] capability = ReplicationCodec.decodeHandshake(handshake).capability();
        if (!Capability.verify(capability, mux.initiator(), state.key(), mux.handshakeHash())) {
            throw new WireException(
                    WireException.Reason.PROTOCOL_VIOLATION,
                    "the peer does not know the key of core " + state.discoveryKey());
        }
        opened.cork();
        state.lock().lock();
        try {
            channel = opened;
            server = new RequestServer(state, replicator, opened, replicator.executor());
            open = true;
            sendSync();
            long contiguous = Math.min(state.length(), state.contiguousLength());
            if (contiguous > 0) announce(0, contiguous);
            replicator.opened(this);
        } finally {
            state.lock().unlock();
            opened.uncork();
        }
    }

    @Override
    public void onMessage(Channel from, int type, CompactDecoder payload) {
        ReplicationMessage message = ReplicationMessage.decode(type, payload);
        RequestServer serving = server;
        if (message == null || serving == null) return;
        switch (message) {
            case ReplicationMessage.Data data -> onData(data);
            case ReplicationMessage.Request request -> serving.add(request);
            case ReplicationMessage.Cancel cancel -> serving.cancel(cancel.request());
            case ReplicationMessage.Want want -> {
                if (remember(want)) serving.add(want);
            }
            default -> {
                state.lock().lock();
                try {
                    update(message);
                } finally {
                    state.lock().unlock();
                }
            }
        }
    }

    @Override
    public void onDrain(Channel drained) {
        RequestServer serving = server;
        if (serving != null) serving.start();
    }

    @Override
    public void onClose(Channel closed, boolean byRemote) {
        RequestServer serving = server;
        if (serving != null) serving.close();
        state.lock().lock();
        try {
            boolean wasOpen = open;
            open = false;
            boolean reopen = byRemote && wasOpen && !remoteDownloading && remoteUploading && !mux.closed();
            List<BlockWork> released = new ArrayList<>();
            for (Inflight each : inflight.values()) if (each.work() != null) released.add(each.work());
            inflight.clear();
            askedIds.clear();
            wanted.clear();
            replicator.closed(this, released, reopen);
        } finally {
            state.lock().unlock();
        }
    }

    private boolean remember(ReplicationMessage.Want want) {
        state.lock().lock();
        try {
            return remoteWants.add(want);
        } finally {
            state.lock().unlock();
        }
    }

    private void update(ReplicationMessage message) {
        switch (message) {
            case ReplicationMessage.Sync sync -> onSync(sync);
            case ReplicationMessage.NoData noData -> onNoData(noData);
            case ReplicationMessage.Unwant unwant -> remoteWants.remove(unwant);
            case ReplicationMessage.Range range -> {
                long end = range.start() + range.length();
                remoteBlocks.setRange(range.start(), end, !range.drop());
                if (!range.drop()) heldFrom(range.start(), end);
            }
            case ReplicationMessage.Bitfield bitfield -> {
                if ((bitfield.start() & 31) != 0) return;
                remoteBlocks.insert(bitfield.start(), bitfield.words());
                heldFrom(bitfield.start(), bitfield.start() + 32L * bitfield.words().length);
            }
            default -> LOG.log(System.Logger.Level.TRACE, "ignored {0}", message.type());
        }
    }

    private void onSync(ReplicationMessage.Sync sync) {
        remoteSynced = true;
        remoteFork = sync.fork();
        remoteLength = sync.length();
        remoteCanUpgrade = sync.canUpgrade();
        remoteUploading = sync.uploading();
        remoteDownloading = sync.downloading();
        remoteHasManifest = sync.hasManifest();
        acknowledgedLength = remoteFork == state.fork() ? sync.remoteLength() : 0;
        refusedUpgrade = -1;
        if (!remoteDownloading && !replicator.downloading()) {
            closeSoon();
            return;
        }
        if (remoteFork == state.fork() && state.length() > remoteLength) sendSync();
        replicator.changed(this);
    }

    private void onNoData(ReplicationMessage.NoData noData) {
        Inflight request = take(noData.request());
        if (request == null) return;
        refused(request);
    }

    /** The peer did not give what was asked: ask elsewhere, and not here again until it announces something new. */
    private void refused(Inflight request) {
        replicator.countRefusal();
        if (++backoffs >= MAX_BACKOFFS || refusedBlocks.size() >= MAX_REFUSED) paused = true;
        BlockWork work = request.work();
        if (work != null) {
            refusedBlocks.add(work.index);
            scheduler.released(work, this);
        }
        if (request.request().upgrade() != null) {
            upgradeInflight = false;
            refusedUpgrade = remoteLength;
        }
        replicator.changed(null);
    }

    private @Nullable Inflight take(long id) {
        Inflight request = inflight.remove(id);
        if (request != null && request.work() != null) askedIds.remove(request.work());
        return request;
    }

    private void onData(ReplicationMessage.Data data) {
        Inflight request;
        Proof.DataBlock block = data.proof().block();
        state.lock().lock();
        try {
            request = take(data.request());
            if (request == null) return; // cancelled meanwhile, or pushed: neither is of use
            if (!matches(request.request(), data.proof())) {
                refused(request);
                return;
            }
            BlockWork work = request.work();
            if (work != null && block != null) {
                work.asked.remove(this);
                if (work.storing != null) return; // another peer was faster
                scheduler.storing(work, block.value());
            }
        } finally {
            state.lock().unlock();
        }
        boolean applied = false;
        InvalidProofException invalid = null;
        try {
            applied = state.apply(PreparedProof.of(data.proof()));
            if (applied && block != null) replicator.countDownload(block.value().length);
        } catch (InvalidProofException e) {
            invalid = e;
        } catch (StorageException e) {
            replicator.failed(e);
            return;
        }
        state.lock().lock();
        try {
            verified(request, applied, invalid);
        } finally {
            state.lock().unlock();
        }
    }

    private void verified(Inflight request, boolean applied, @Nullable InvalidProofException invalid) {
        BlockWork work = request.work();
        if (work != null && applied) scheduler.cancel(work);
        if (work != null && !applied) scheduler.notStored(work);
        if (applied && backoffs > 0) backoffs--;
        if (!applied && request.request().upgrade() != null) upgradeInflight = false;
        if (invalid != null && !paused) { // once: what was asked already may all be wrong
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} sent wrong data for core {1} and is asked no more: {2}",
                    mux.remotePublicKey(),
                    state.key(),
                    invalid.getMessage());
            paused = true;
        }
        if (work != null && !applied) scheduler.released(work, this);
        replicator.changed(applied ? this : null);
    }

    private static boolean matches(ProofRequest request, Proof proof) {
        ProofRequest.BlockRequest block = request.block();
        Proof.DataBlock received = proof.block();
        if (block == null ? received != null : received == null || received.index() != block.index()) return false;
        if (proof.hash() != null || proof.seek() != null) return false;
        return (request.upgrade() == null) == (proof.upgrade() == null);
    }

    private void heldFrom(long start, long end) {
        refusedBlocks.removeIf(index -> index >= start && index < end);
        scheduler.rewind(this, start);
        replicator.changed(this);
    }

    // ---- what the replicator asks; the core's lock is held

    boolean usable() {
        return open && !paused && remoteSynced && remoteUploading && remoteFork == state.fork();
    }

    int inflightCount() {
        return inflight.size();
    }

    /** Blocks at or beyond this cannot be asked for from this peer now. */
    long limit() {
        return Math.min(state.length(), remoteLength);
    }

    boolean has(long index) {
        return remoteBlocks.get(index) && !refusedBlocks.contains(index);
    }

    long nextHeld(long from, long end) {
        long next = remoteBlocks.nextSet(from, end);
        while (next >= 0 && refusedBlocks.contains(next)) next = remoteBlocks.nextSet(next + 1, end);
        return next;
    }

    /** Whether a shorter peer's tree reaches up to a node that is known here. */
    boolean canProve(long index) {
        if (remoteLength >= state.length()) return true;
        FlatIterator at = new FlatIterator(2 * index);
        for (long missing = state.missingNodes(index); missing > 0; missing--) {
            at.parent();
            if (at.contains(2 * remoteLength) || at.index() >= 2 * remoteLength) return false;
        }
        return true;
    }

    /** Asks to be told about the blocks of {@code [start, end)}, in the regions stock peers use. */
    void want(long start, long end) {
        long region = RemoteWants.MAX_LENGTH_BLOCKS;
        for (long at = Math.max(start, remoteBlocks.contiguous()) / region; at * region < end; at++) {
            if (wanted.size() >= MAX_WANTS) return;
            if (wanted.add(at)) send(new ReplicationMessage.Want(at * region, region, false));
        }
    }

    void requestBlock(BlockWork work, long nowNanos) {
        scheduler.asked(work, this, nowNanos);
        ProofRequest request = ProofRequest.ofBlock(work.index, state.missingNodes(work.index));
        askedIds.put(work, request(request, work, work.waiters.isEmpty() ? 0 : 1));
    }

    /** Whether the peer can and should be asked for a newer head. */
    boolean canBeAskedForHead() {
        return usable()
                && !upgradeInflight
                && remoteCanUpgrade
                && remoteLength > state.length()
                && remoteLength != refusedUpgrade
                && acknowledgedLength == state.length();
    }

    /** Whether the peer may still turn out to have a newer head than ours. */
    boolean mayHaveNewerHead() {
        if (!remoteSynced) return !paused;
        return usable() && remoteLength > state.length() && remoteCanUpgrade && remoteLength != refusedUpgrade;
    }

    boolean upgradeInflight() {
        return upgradeInflight;
    }

    void requestHead() {
        long length = state.length();
        boolean manifest = state.manifest() == null && remoteHasManifest;
        upgradeInflight = true;
        request(ProofRequest.ofUpgrade(length, remoteLength - length, manifest), null, 0);
    }

    private long request(ProofRequest proof, @Nullable BlockWork work, long priority) {
        long id = ++lastRequestId;
        inflight.put(id, new Inflight(proof, work));
        send(new ReplicationMessage.Request(id, remoteFork, proof, priority));
        return id;
    }

    /** Takes back the request for a block. */
    void cancel(BlockWork work) {
        Long id = askedIds.remove(work);
        if (id == null) return;
        inflight.remove(id);
        send(new ReplicationMessage.Cancel(id));
    }

    /** The core's head changed. */
    void headChanged() {
        upgradeInflight = false;
        if (open) sendSync();
    }

    void sendSync() {
        Manifest manifest = state.manifest();
        boolean sameFork = !remoteSynced || remoteFork == state.fork();
        send(new ReplicationMessage.Sync(
                state.fork(),
                state.length(),
                sameFork ? remoteLength : 0,
                canUpgrade(),
                true,
                replicator.downloading(),
                manifest != null && !manifest.isCompat(state.key()),
                false));
    }

    /** Whether our head can be proven to the peer, who may have any prefix of the core. */
    private boolean canUpgrade() {
        long length = state.length();
        if (!remoteSynced) return true;
        if (remoteFork != state.fork()) return false;
        if (remoteLength == 0) return true;
        if (remoteLength >= length) return false;
        if (provableFrom != remoteLength || provableTo != length) {
            provableFrom = remoteLength;
            provableTo = length;
            try {
                TreeProof.upgradeNodes(state.nodes(), 2 * remoteLength, 2 * length);
                provable = true;
            } catch (MissingNodeException e) {
                LOG.log(System.Logger.Level.TRACE, "cannot prove the head: {0}", e.getMessage());
                provable = false;
            }
        }
        return provable;
    }

    /** Tells the peer about blocks that are held here now, unless it has them or does not care. */
    void announce(long start, long end) {
        if (!open) return;
        long length = state.length();
        boolean full = state.contiguousLength() >= length;
        if (full && announcedFull < length) {
            announcedFull = length;
            send(new ReplicationMessage.Range(false, 0, length));
            return;
        }
        if (!full && start + LAST_BLOCKS < length && !remoteWants.touches(start, end)) {
            boolean first = start == 0 && !remoteSynced;
            if (!first) return;
        }
        if (peerHas(start, end)) return;
        send(new ReplicationMessage.Range(false, start, end - start));
    }

    private boolean peerHas(long start, long end) {
        if (remoteBlocks.contiguous() >= end) return true;
        if (end - start > RemoteBitfield.PAGE_BITS) return false;
        for (long index = start; index < end; index++) if (!remoteBlocks.get(index)) return false;
        return true;
    }

    /** Tells the peer about blocks that are gone. */
    void announceDrop(long start, long end) {
        announcedFull = Math.min(announcedFull, start);
        if (open) send(new ReplicationMessage.Range(true, start, end - start));
    }

    /** Ends the conversation on another thread: closing takes the mux lock, which comes before the core's. */
    void closeSoon() {
        Channel at = channel;
        if (at != null) replicator.executor().execute(at::close);
    }

    private void send(ReplicationMessage message) {
        Channel at = channel;
        if (at != null) at.send(message.type(), ReplicationCodec.encodeParts(message));
    }
}
