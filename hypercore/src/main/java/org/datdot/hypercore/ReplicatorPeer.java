package org.datdot.hypercore;

import java.util.HashSet;
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

    private static final System.Logger LOG = System.getLogger(ReplicatorPeer.class.getName());

    private final Replicator replicator;
    private final CoreState state;
    private final BlockScheduler scheduler;
    private final Protomux mux;
    private @Nullable Channel channel;
    private @Nullable RequestServer server;

    /** What a peer counts as before its first sync. */
    private static final ReplicationMessage.Sync SILENT =
            new ReplicationMessage.Sync(0, 0, 0, false, true, true, false, false);

    private final RemoteBitfield remoteBlocks = new RemoteBitfield();
    private final PeerAnnouncer announcer;
    private final PeerWants wants = new PeerWants();
    private final PeerExtensions extensions = new PeerExtensions();
    private ReplicationMessage.Sync remote = SILENT;
    private boolean remoteSynced;
    private boolean remoteSeeks;
    private long acknowledgedLength;

    private final PeerRequests requests = new PeerRequests();
    private final AnswerReceiver answers;
    private final UnaskedData unasked;
    /** From the request for a head until it is refused or committed. */
    private boolean upgradeInflight;

    private long refusedUpgrade = -1;
    /** Blocks it has by its own account but did not give. */
    private final Set<Long> refusedBlocks = new HashSet<>();

    private int backoffs;
    private boolean paused;
    private boolean open;

    ReplicatorPeer(Replicator replicator, BlockScheduler scheduler, Protomux mux) {
        this.replicator = replicator;
        this.state = replicator.state();
        this.scheduler = scheduler;
        this.mux = mux;
        this.answers = new AnswerReceiver(replicator, this, requests, scheduler);
        this.unasked = new UnaskedData(replicator, this, scheduler);
        this.announcer = new PeerAnnouncer(replicator, remoteBlocks, this::writable, this::send);
    }

    Protomux mux() {
        return mux;
    }

    PeerStatus status() {
        RequestServer serving = server;
        return new PeerStatus(
                mux.remotePublicKey(),
                remote.length(),
                Math.min(remoteBlocks.contiguous(), remote.length()),
                requests.count(),
                serving == null ? 0 : serving.queued(),
                paused);
    }

    // ---- what the channel tells; the mux lock is held

    @Override
    public void onOpen(Channel opened, CompactDecoder handshake) {
        ReplicationMessage.Handshake greeting = ReplicationCodec.decodeHandshake(handshake);
        if (!Capability.verify(greeting.capability(), mux.initiator(), state.key(), mux.handshakeHash())) {
            throw new WireException(
                    WireException.Reason.PROTOCOL_VIOLATION,
                    "the peer does not know the key of core " + state.discoveryKey());
        }
        opened.cork();
        state.lock().lock();
        try {
            channel = opened;
            server = new RequestServer(state, replicator, this, opened);
            open = true;
            remoteSeeks = greeting.seeks();
            sendSync();
            announcer.greet();
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
            case ReplicationMessage.Data data -> {
                if (data.request() == 0) unasked.receive(data.proof());
                else answers.receive(data);
            }
            case ReplicationMessage.Request request -> serving.add(request);
            case ReplicationMessage.Cancel cancel -> serving.cancel(cancel.request());
            case ReplicationMessage.Want want -> {
                if (remember(want)) serving.add(want);
            }
            case ReplicationMessage.Extension extension -> extensions.receive(extension, replicator, this);
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
        state.lock().lock();
        try {
            if (open) announcer.drained(remoteSynced ? remote : null);
        } finally {
            state.lock().unlock();
        }
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
            boolean reopen = byRemote && wasOpen && !remote.downloading() && remote.uploading() && !mux.closed();
            wants.clear();
            replicator.closed(this, requests.clear(), reopen);
        } finally {
            state.lock().unlock();
        }
    }

    private boolean remember(ReplicationMessage.Want want) {
        state.lock().lock();
        try {
            return announcer.wants().add(want);
        } finally {
            state.lock().unlock();
        }
    }

    private void update(ReplicationMessage message) {
        switch (message) {
            case ReplicationMessage.Sync sync -> onSync(sync);
            case ReplicationMessage.NoData noData -> onNoData(noData);
            case ReplicationMessage.Unwant unwant -> announcer.wants().remove(unwant);
            case ReplicationMessage.Range range -> {
                long end = range.start() + range.length();
                remoteBlocks.setRange(range.start(), end, !range.drop());
                if (!range.drop() && range.start() == 0 && remote.fork() == state.fork()) state.remoteContiguous(end);
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
        boolean moved = sync.fork() != remote.fork();
        remote = sync;
        if (moved) replicator.forks().prune();
        acknowledgedLength = sync.fork() == state.fork() ? sync.remoteLength() : 0;
        refusedUpgrade = -1;
        if (!sync.downloading() && !replicator.downloading()) {
            closeSoon();
            return;
        }
        if (sync.fork() == state.fork() && state.length() > sync.length()) sendSync();
        replicator.changed(this);
    }

    private void onNoData(ReplicationMessage.NoData noData) {
        Inflight request = requests.take(noData.request());
        if (request == null) return;
        refused(request);
    }

    /** The peer did not give what was asked: ask elsewhere, and not here again until it announces something new. */
    void refused(Inflight request) {
        replicator.countRefusal();
        if (++backoffs >= MAX_BACKOFFS || refusedBlocks.size() >= MAX_REFUSED) paused = true;
        if (request.errand() instanceof BlockWork work) refusedBlocks.add(work.index);
        if (request.errand() == Errand.Plain.HEAD) {
            upgradeInflight = false;
            refusedUpgrade = remote.length();
        }
        replicator.released(request.errand(), this, true);
        replicator.changed(null);
    }

    /** What the peer sent was of use. */
    void helped() {
        if (backoffs > 0) backoffs--;
    }

    /** What the peer sent for a request was of no use. */
    void disappointed(Inflight request) {
        if (request.errand() == Errand.Plain.HEAD) upgradeInflight = false;
    }

    /** What the peer sent is not true: it is asked no more. */
    void lied(InvalidProofException invalid) {
        if (paused) return; // once: what was asked already may all be wrong
        paused = true;
        unasked.probe();
        LOG.log(
                System.Logger.Level.WARNING,
                "{0} sent wrong data for core {1} and is asked no more: {2}",
                mux.remotePublicKey(),
                state.key(),
                invalid.getMessage());
    }

    private void heldFrom(long start, long end) {
        refusedBlocks.removeIf(index -> index >= start && index < end);
        scheduler.rewind(this, start);
        replicator.changed(this);
    }

    // ---- what the replicator asks; the core's lock is held

    boolean usable() {
        return open && !paused && remoteSynced && remote.uploading() && remote.fork() == state.fork();
    }

    /** The peer's fork number. */
    long fork() {
        return remote.fork();
    }

    /** The peer's length in blocks, of its fork. */
    long length() {
        return remote.length();
    }

    /** Whether the peer can be asked about a newer fork than ours. */
    boolean hasNewerFork() {
        return open
                && !paused
                && remoteSynced
                && remote.uploading()
                && remote.fork() > state.fork()
                && remote.length() > 0;
    }

    /** The request for the head of the peer's fork with all its roots. */
    ProofRequest wholeTree() {
        return ProofRequest.ofUpgrade(0, remote.length(), state.manifest() == null);
    }

    int inflightCount() {
        return requests.count();
    }

    /** Whether the peer finds byte offsets. */
    boolean seeks() {
        return remoteSeeks;
    }

    /** Blocks at or beyond this cannot be asked for from this peer now. */
    long limit() {
        return Math.min(state.length(), remote.length());
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
        return state.provable(index, remote.length());
    }

    /** Asks to be told about the blocks of {@code [start, end)}. */
    void want(long start, long end) {
        wants.want(Math.max(start, remoteBlocks.contiguous()), end, scheduler, this::send);
    }

    void requestBlock(BlockWork work, long nowNanos) {
        scheduler.asked(work, this, nowNanos);
        request(ProofRequest.ofBlock(work.index, state.missingNodes(work.index)), work);
    }

    /** Whether the peer can and should be asked for a newer head. */
    boolean canBeAskedForHead() {
        return usable()
                && !upgradeInflight
                && remote.canUpgrade()
                && remote.length() > state.length()
                && remote.length() != refusedUpgrade
                && acknowledgedLength == state.length();
    }

    /** Whether the peer may still turn out to have a newer head than ours. */
    boolean mayHaveNewerHead() {
        if (!remoteSynced) return !paused;
        return usable() && remote.length() > state.length() && remote.canUpgrade() && remote.length() != refusedUpgrade;
    }

    boolean upgradeInflight() {
        return upgradeInflight;
    }

    /** Asks for the peer's head, and for the way to an offset behind our end if somebody waits for one. */
    void requestHead(ProofRequest.@Nullable SeekRequest seek) {
        long length = state.length();
        ProofRequest.UpgradeRequest upgrade = new ProofRequest.UpgradeRequest(length, remote.length() - length);
        upgradeInflight = true;
        request(new ProofRequest(null, null, seek, upgrade, lacksManifest()), Errand.Plain.HEAD);
    }

    private boolean lacksManifest() {
        return state.manifest() == null && remote.hasManifest();
    }

    /** Whether the peer can be asked for the manifest of a core that is empty: otherwise it comes with the head. */
    boolean canBeAskedForManifest() {
        return usable() && remote.length() == 0 && lacksManifest() && !requests.contains(Errand.Plain.MANIFEST);
    }

    void requestManifest() {
        request(new ProofRequest(null, null, null, null, true), Errand.Plain.MANIFEST);
    }

    /** Sends a request; the peer's answer goes to the errand. */
    void request(ProofRequest proof, Errand errand) {
        long id = requests.add(proof, errand);
        boolean urgent = errand instanceof BlockWork work && work.awaited();
        send(new ReplicationMessage.Request(id, remote.fork(), proof, urgent ? 1 : 0));
    }

    /** Sends the request with number 0: the answer shows whether the peer has another signed history of the core. */
    void requestHistory() {
        long length = Math.min(state.length(), remote.length());
        if (length == 0 || remote.fork() != state.fork()) return;
        send(new ReplicationMessage.Request(0, state.fork(), ProofRequest.ofUpgrade(0, length, false), 0));
    }

    /** Shows the peer our signed history, because another one exists, and ends the conversation. Takes the lock itself. */
    void showHistory() {
        Channel at = channel;
        Proof proof = null;
        state.lock().lock();
        try {
            long length = Math.min(state.length(), remote.length());
            if (at == null || !open) return;
            if (length > 0 && remote.fork() == state.fork()) {
                proof = state.prover().prove(ProofRequest.ofUpgrade(0, length, false));
            }
        } finally {
            state.lock().unlock();
        }
        if (proof != null) send(new ReplicationMessage.Data(0, proof));
        at.close();
    }

    /** What a block has to be sent with so that the peer can check it, null when it does not take it; takes the lock. */
    @Nullable
    ProofRequest pushRequest(long index, long pushedLength) {
        state.lock().lock();
        try {
            long length = state.length();
            if (!open || !remote.allowPush() || !remote.downloading() || remote.fork() != state.fork()) return null;
            if (index >= length || remoteBlocks.get(index)) return null;
            long known = Math.max(remote.length(), Math.min(pushedLength, length));
            ProofRequest.UpgradeRequest upgrade =
                    index < known ? null : new ProofRequest.UpgradeRequest(known, length - known);
            ProofRequest.BlockRequest block = new ProofRequest.BlockRequest(index, UnaskedData.levels(index, known));
            return new ProofRequest(block, null, null, upgrade, remote.length() == 0);
        } finally {
            state.lock().unlock();
        }
    }

    /** Whether the peer takes blocks it did not ask for. */
    boolean allowsPush() {
        return remote.allowPush();
    }

    /** Sends a block the peer did not ask for, if it takes those. */
    void push(long index) {
        RequestServer serving = server;
        if (serving != null && remote.allowPush()) serving.push(index);
    }

    /** Takes back what was asked for an errand. */
    void cancel(Errand errand) {
        Long id = requests.cancel(errand);
        if (id != null) send(new ReplicationMessage.Cancel(id));
    }

    /** The core was cut after some blocks: what was refused and announced before is of another fork. */
    void truncated(long ancestors) {
        refusedBlocks.removeIf(index -> index >= ancestors);
        announcer.truncated(ancestors);
        RequestServer serving = server;
        if (serving != null) serving.truncated(ancestors);
        upgradeInflight = false;
        refusedUpgrade = -1;
    }

    /** The core's head changed. */
    void headChanged() {
        upgradeInflight = false;
        if (open) sendSync();
    }

    void sendSync() {
        announcer.sync(remoteSynced ? remote : null);
    }

    /** Blocks {@code [start, end)} are held here now. */
    void announce(long start, long end) {
        if (open) announcer.announce(start, end);
    }

    /** Blocks {@code [start, end)} are gone. */
    void announceDrop(long start, long end) {
        if (open) announcer.drop(start, end);
    }

    /** Sends a message of an extension. Takes the lock itself. */
    boolean sendExtension(String name, byte[] message) {
        state.lock().lock();
        try {
            Channel at = channel;
            return open && at != null && extensions.send(at, name, message);
        } finally {
            state.lock().unlock();
        }
    }

    /** Ends the conversation on another thread: closing takes the mux lock, which comes before the core's. */
    void closeSoon() {
        Channel at = channel;
        if (at != null) replicator.executor().execute(at::close);
    }

    private boolean writable() {
        Channel at = channel;
        return at != null && at.writable();
    }

    private void send(ReplicationMessage message) {
        Channel at = channel;
        if (at != null) at.send(message.type(), ReplicationCodec.encodeParts(message));
    }
}
