package org.datdot.hypercore;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.wire.Channel;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * Answers one peer's requests, on a thread of its own while there are any, and only as fast as the connection drains: what
 * a slow reader has asked for waits here, bounded, and nobody else waits for it.
 */
final class RequestServer {
    /** Requests that may wait; stock readers have at most 512 under way for a core. */
    static final int MAX_QUEUED = 4_096;
    /** Requests that make no sense before the connection is given up (stock: 64). */
    static final int MAX_INVALID = 64;
    /** Wants that may wait for their answer; stock readers keep at most 512. */
    private static final int MAX_WANTS = 512;
    /** Longest bitfield message: 256 KiB. */
    private static final long BITFIELD_BLOCKS = RemoteWants.MAX_LENGTH_BLOCKS;
    /** A larger block does not fit into one frame together with its proof. */
    private static final int MAX_BLOCK_BYTES = 16_000_000;

    private static final System.Logger LOG = System.getLogger(RequestServer.class.getName());

    private final CoreState state;
    private final Replicator replicator;
    private final ReplicatorPeer peer;
    private final Channel channel;
    private final Executor executor;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Long, ReplicationMessage.Request> requests = new LinkedHashMap<>();
    private final Set<ReplicationMessage.Want> wants = new LinkedHashSet<>();
    private final Set<Long> pushes = new LinkedHashSet<>();
    /** The longest head this peer was sent a proof of; only the serving thread changes it. */
    private volatile long pushedLength;

    private boolean busy;
    private boolean closed;
    private ReplicationMessage.@Nullable Request serving;
    private int invalid;

    RequestServer(CoreState state, Replicator replicator, ReplicatorPeer peer, Channel channel) {
        this.state = state;
        this.replicator = replicator;
        this.peer = peer;
        this.channel = channel;
        this.executor = replicator.executor();
    }

    int queued() {
        lock.lock();
        try {
            return requests.size();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a request; one with the id of an earlier one replaces it. */
    void add(ReplicationMessage.Request request) {
        lock.lock();
        try {
            if (serving != null && serving.id() == request.id()) serving = null;
            requests.remove(request.id());
            requests.put(request.id(), request);
            if (requests.size() > MAX_QUEUED) throw flood("requests");
        } finally {
            lock.unlock();
        }
        start();
    }

    void cancel(long id) {
        lock.lock();
        try {
            if (serving != null && serving.id() == id) serving = null;
            requests.remove(id);
        } finally {
            lock.unlock();
        }
    }

    void add(ReplicationMessage.Want want) {
        lock.lock();
        try {
            wants.add(want);
            if (wants.size() > MAX_WANTS) throw flood("wants");
        } finally {
            lock.unlock();
        }
        start();
    }

    /** Sends a block nobody asked for in its turn; dropped when the peer is too slow. */
    void push(long index) {
        lock.lock();
        try {
            if (pushes.size() >= MAX_QUEUED) return;
            pushes.add(index);
        } finally {
            lock.unlock();
        }
        start();
    }

    /** The core was cut: what was sent of its end is void. */
    void truncated(long length) {
        pushedLength = Math.min(pushedLength, length);
    }

    private static WireException flood(String what) {
        return new WireException(
                WireException.Reason.PROTOCOL_VIOLATION,
                "the peer sends " + what + " faster than it takes the answers");
    }

    /** Goes on when there is something to do and the connection takes it; called again when it drained. */
    void start() {
        lock.lock();
        try {
            if (busy || closed || !channel.writable() || idle()) return;
            busy = true;
        } finally {
            lock.unlock();
        }
        executor.execute(this::serve);
    }

    private boolean idle() {
        return requests.isEmpty() && wants.isEmpty() && pushes.isEmpty();
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            serving = null;
            requests.clear();
            wants.clear();
            pushes.clear();
        } finally {
            lock.unlock();
        }
    }

    private void serve() {
        while (true) {
            ReplicationMessage.Want want = null;
            ReplicationMessage.Request request = null;
            Long push = null;
            lock.lock();
            try {
                if (!closed && channel.writable()) {
                    want = takeFirst(wants.iterator());
                    if (want == null) request = takeFirst(requests.values().iterator());
                    if (want == null && request == null) push = takeFirst(pushes.iterator());
                    serving = request;
                }
                if (want == null && request == null && push == null) {
                    busy = false;
                    return;
                }
            } finally {
                lock.unlock();
            }
            try {
                if (want != null) answer(want);
                if (request != null) answer(request);
                if (push != null) sendUnasked(push);
            } catch (StorageException e) {
                LOG.log(System.Logger.Level.WARNING, "core " + state.key() + " cannot be served", e);
                if (request != null) send(noData(request, ReplicationMessage.NoData.NOT_AVAILABLE));
            }
        }
    }

    private static <T> @Nullable T takeFirst(Iterator<T> queue) {
        if (!queue.hasNext()) return null;
        T first = queue.next();
        queue.remove();
        return first;
    }

    private void sendUnasked(long index) {
        ProofRequest request = peer.pushRequest(index, pushedLength);
        Proof proof = request == null ? null : state.prover().prove(request);
        Proof.DataBlock block = proof == null ? null : proof.block();
        if (proof == null || block == null || block.value().length > MAX_BLOCK_BYTES) return;
        noteLength(proof);
        ReplicationMessage.Data message = new ReplicationMessage.Data(0, proof);
        channel.send(message.type(), ReplicationCodec.encodeParts(message));
        replicator.uploaded(block, peer);
    }

    private void noteLength(Proof proof) {
        Proof.DataUpgrade upgrade = proof.upgrade();
        if (upgrade == null) return;
        long length = upgrade.start() + upgrade.length();
        if (!upgrade.additionalNodes().isEmpty()) {
            FlatIterator last =
                    new FlatIterator(upgrade.additionalNodes().getLast().index());
            length = last.rightSpan() / 2 + 1;
        }
        pushedLength = Math.max(pushedLength, length);
    }

    /** A peer that takes pushes has already been sent a part of what it asks for: its answer goes on from there. */
    private ProofRequest continued(ProofRequest request) {
        ProofRequest.UpgradeRequest upgrade = request.upgrade();
        if (upgrade == null || request.block() != null || request.hash() != null || request.seek() != null) {
            return request;
        }
        long end = upgrade.start() + upgrade.length();
        long sent = pushedLength;
        if (!peer.allowsPush() || upgrade.start() == 0 || sent <= upgrade.start() || sent >= end) return request;
        return ProofRequest.ofUpgrade(sent, end - sent, request.manifest());
    }

    private void answer(ReplicationMessage.Request request) {
        Proof proof = null;
        long reason = ReplicationMessage.NoData.NOT_AVAILABLE;
        try {
            if (replicator.uploading()) proof = state.prover().prove(continued(request.proof()), request.fork());
        } catch (InvalidRequestException e) {
            reason = ReplicationMessage.NoData.INVALID_REQUEST;
            LOG.log(System.Logger.Level.DEBUG, "a peer sent an invalid request: {0}", e.getMessage());
            if (++invalid >= MAX_INVALID) {
                channel.mux().stream()
                        .fail(new WireException(
                                WireException.Reason.PROTOCOL_VIOLATION,
                                "the peer sent " + invalid + " invalid requests, the last: " + e.getMessage(),
                                e));
                close();
                return;
            }
        }
        Manifest manifest = state.manifest();
        if (proof == null && request.proof().manifest() && manifest != null) {
            proof = new Proof(state.fork(), null, null, null, null, manifest);
        }
        Proof.DataBlock block = proof == null ? null : proof.block();
        if (block != null && block.value().length > MAX_BLOCK_BYTES) proof = null;
        if (proof == null) send(noData(request, reason));
        else if (send(new ReplicationMessage.Data(request.id(), proof))) {
            noteLength(proof);
            if (block != null) replicator.uploaded(block, peer);
        }
    }

    private static ReplicationMessage noData(ReplicationMessage.Request request, long reason) {
        return new ReplicationMessage.NoData(request.id(), reason);
    }

    /** Sends the answer to the request being served, unless that was cancelled or replaced meanwhile. */
    private boolean send(ReplicationMessage answer) {
        lock.lock();
        try {
            if (closed || serving == null) return false;
            serving = null;
            channel.send(answer.type(), ReplicationCodec.encodeParts(answer));
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void answer(ReplicationMessage.Want want) {
        state.lock().lock();
        try {
            long contiguous = Math.min(state.length(), state.contiguousLength());
            boolean covered = want.start() + want.length() < contiguous || state.length() == contiguous;
            ReplicationMessage message = covered || (want.any() && want.start() < contiguous)
                    ? new ReplicationMessage.Range(false, 0, contiguous)
                    : held(want);
            // sent with the lock held, so that no newer range overtakes it
            if (message != null) channel.send(message.type(), ReplicationCodec.encodeParts(message));
        } finally {
            state.lock().unlock();
        }
    }

    private @Nullable ReplicationMessage held(ReplicationMessage.Want want) {
        long end = Math.min(want.start() + want.length(), state.length());
        long first = state.bitfield().firstSet(want.start());
        if (first < 0 || first >= end) return null;
        if (want.any()) return new ReplicationMessage.Range(false, first, 1);
        long start = want.start() & ~31L;
        long bits = Math.min(BITFIELD_BLOCKS, (end - start + 31) & ~31L);
        return new ReplicationMessage.Bitfield(start, state.bitfield().words(start, (int) bits));
    }
}
