package org.datdot.hosting;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.CompactDecoder;
import org.jspecify.annotations.Nullable;

/**
 * The replica channel of one connection, both directions of it: protocol {@code datdot/replica} of docs/protocol.md 4.1.
 * A state machine without sockets: messages come in by {@link #onMessage}, go out through an {@link Outlet}, and the only
 * work that takes time, reading frames from disk, runs as short tasks on the executor that was handed in, never more than
 * one at a time and never more than the outlet takes. Memory: 64 requests and one megabyte (or one frame).
 *
 * <p>Thread-safe. Messages the peer may not send throw {@link ReplicaChannelException}, which closes the connection.
 */
final class ReplicaChannel {
    static final String PROTOCOL = "datdot/replica";
    static final int VERSION = 1;
    static final int MAX_FRAMES_BYTES = 1 << 20;
    private static final int MAX_READS = 64;
    private static final int MAX_WANTS = 256;
    private static final System.Logger LOG = System.getLogger(ReplicaChannel.class.getName());

    /** Where messages go. */
    interface Outlet {
        /** Queues a message; never waits. */
        void send(int type, byte[]... payload);

        /** Whether the queue has room for bulk data; {@link ReplicaChannel#onDrain} follows a false. */
        boolean writable();
    }

    /** Who asked for a replica. Called from the connection's thread. */
    interface Asker {
        /** An offer, frames, a refusal or a confirmation about the replica asked for. */
        void onAnswer(ReplicaMessage message);

        /** The connection is gone. */
        void onClosed();
    }

    private final PublicKey remote;
    private final ReplicaServer server;
    private final Outlet outlet;
    private final Executor executor;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ReplicaId, Boolean> wants = new HashMap<>(); // true: was unknown once already
    private final Deque<Serving> reads = new ArrayDeque<>();
    private final Map<ReplicaId, Asker> askers = new HashMap<>();
    private boolean pumping;
    private boolean closed;

    ReplicaChannel(PublicKey remote, ReplicaServer server, Outlet outlet, Executor executor) {
        this.remote = remote;
        this.server = server;
        this.outlet = outlet;
        this.executor = executor;
    }

    /** A request that is being answered. */
    private static final class Serving {
        final Replica replica;
        final int end;
        int next;

        Serving(Replica replica, int from, int end) {
            this.replica = replica;
            this.next = from;
            this.end = end;
        }
    }

    /** Whether it is over. */
    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Who is at the other end. */
    PublicKey remote() {
        return remote;
    }

    /**
     * A message came.
     *
     * @throws ReplicaChannelException or DecodingException when the peer may not send it
     */
    void onMessage(int type, CompactDecoder payload) {
        if (type > ReplicaMessage.NEWEST_TYPE) return; // of a newer version
        switch (ReplicaMessage.decode(type, payload)) {
            case ReplicaMessage.Want want -> onWant(want.id());
            case ReplicaMessage.Read read -> onRead(read);
            case ReplicaMessage.Receipt receipt -> onReceipt(receipt);
            case ReplicaMessage answer -> onAnswer(answer);
        }
    }

    // ---- the asked side

    private void onWant(ReplicaId id) {
        lock.lock();
        try {
            if (wants.size() >= MAX_WANTS) throw new ReplicaChannelException("more than " + MAX_WANTS + " wants");
            wants.putIfAbsent(id, false); // first, so that a recheck in between is not missed
        } finally {
            lock.unlock();
        }
        if (answerWant(id, false)) return;
        lock.lock();
        try {
            wants.remove(id);
        } finally {
            lock.unlock();
        }
    }

    /** Answers if the answer is known; returns whether it must be tried again. */
    private boolean answerWant(ReplicaId id, boolean lastChance) {
        return switch (server.answer(remote, id)) {
            case ReplicaServer.Answer.Ready ready -> {
                send(new ReplicaMessage.Offer(id, ready.replica().offer()));
                yield false;
            }
            case ReplicaServer.Answer.Later _ -> true;
            case ReplicaServer.Answer.Unreachable unreachable -> {
                send(new ReplicaMessage.Unreachable(id, unreachable.signature()));
                yield true;
            }
            case ReplicaServer.Answer.No no -> {
                refuse(id, no.reason(), no.text());
                yield false;
            }
            case ReplicaServer.Answer.Unknown _ -> {
                if (lastChance) refuse(id, ReplicaMessage.Reason.NOT_YOURS, "the ledger does not say so");
                yield !lastChance;
            }
        };
    }

    /** Looks again at all open requests: after a new block or when a replica became ready. */
    void recheck(boolean newBlock) {
        Map<ReplicaId, Boolean> open;
        lock.lock();
        try {
            if (wants.isEmpty()) return;
            open = Map.copyOf(wants);
        } finally {
            lock.unlock();
        }
        for (Map.Entry<ReplicaId, Boolean> want : open.entrySet()) {
            boolean again = answerWant(want.getKey(), want.getValue());
            lock.lock();
            try {
                if (!again) wants.remove(want.getKey());
                else if (newBlock) wants.put(want.getKey(), true);
            } finally {
                lock.unlock();
            }
        }
    }

    private void onRead(ReplicaMessage.Read read) {
        if (!(server.answer(remote, read.id()) instanceof ReplicaServer.Answer.Ready(Replica replica))) {
            refuse(read.id(), ReplicaMessage.Reason.NOT_YOURS, "not offered to you");
            return;
        }
        int blocks = replica.blockCount();
        if (read.blockCount() < 1 || read.fromBlock() >= blocks || read.blockCount() > blocks - read.fromBlock()) {
            throw new ReplicaChannelException("a read of " + read.blockCount() + " blocks from " + read.fromBlock()
                    + " of a replica of " + blocks);
        }
        lock.lock();
        try {
            if (reads.size() >= MAX_READS) throw new ReplicaChannelException("more than " + MAX_READS + " reads");
            int from = (int) read.fromBlock();
            reads.add(new Serving(replica, from, from + (int) read.blockCount()));
        } finally {
            lock.unlock();
        }
        pumpSoon();
    }

    private void onReceipt(ReplicaMessage.Receipt receipt) {
        if (server.receipt(remote, receipt.id(), receipt.signature())) {
            send(new ReplicaMessage.Confirmed(receipt.id()));
        } else {
            refuse(receipt.id(), ReplicaMessage.Reason.NOT_YOURS, "no receipt expected from you, or not signed by you");
        }
    }

    /** The outlet has room again. */
    void onDrain() {
        pumpSoon();
    }

    private void pumpSoon() {
        lock.lock();
        try {
            if (pumping || closed || reads.isEmpty()) return;
            pumping = true;
        } finally {
            lock.unlock();
        }
        executor.execute(this::pump);
    }

    /** Sends what the outlet takes. */
    private void pump() {
        while (true) {
            Serving serving;
            lock.lock();
            try {
                serving = closed ? null : reads.peek();
                if (serving == null || !outlet.writable()) {
                    pumping = false;
                    break;
                }
            } finally {
                lock.unlock();
            }
            boolean done = sendNext(serving);
            lock.lock();
            try {
                if (done) reads.poll();
            } finally {
                lock.unlock();
            }
        }
        // room that came between the check and the flag was not noticed by onDrain
        if (outlet.writable()) pumpSoon();
    }

    private boolean sendNext(Serving serving) {
        Replica replica = serving.replica;
        int to = serving.next + 1;
        while (to < serving.end && replica.frameBytes(serving.next, to + 1) <= MAX_FRAMES_BYTES) to++;
        try {
            byte[] frames = replica.frames(serving.next, to);
            send(new ReplicaMessage.Frames(replica.id(), serving.next, to - serving.next, frames));
            serving.next = to;
            return to == serving.end;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "ALERT: cannot serve {0}: {1}", replica.id(), e.getMessage());
            refuse(replica.id(), ReplicaMessage.Reason.FAILED, "cannot be read any more");
            return true;
        }
    }

    private void refuse(ReplicaId id, ReplicaMessage.Reason reason, String text) {
        send(new ReplicaMessage.Refused(id, reason.code(), text));
    }

    // ---- the asking side

    /** Answers about the replica go to the asker from now on. Returns false when the connection is gone. */
    boolean ask(ReplicaId id, Asker asker) {
        lock.lock();
        try {
            if (closed) return false;
            if (askers.putIfAbsent(id, asker) != null) throw new IllegalStateException(id + " is asked for already");
        } finally {
            lock.unlock();
        }
        send(new ReplicaMessage.Want(id));
        return true;
    }

    /** Sends a message of the asking side. */
    void send(ReplicaMessage message) {
        lock.lock();
        try {
            if (closed) return;
        } finally {
            lock.unlock();
        }
        outlet.send(message.type(), message.parts());
    }

    /** The asker has what it wanted or gave up. */
    void forget(ReplicaId id) {
        lock.lock();
        try {
            askers.remove(id);
        } finally {
            lock.unlock();
        }
    }

    private void onAnswer(ReplicaMessage answer) {
        @Nullable Asker asker;
        lock.lock();
        try {
            asker = askers.get(answer.id());
        } finally {
            lock.unlock();
        }
        // answers may still be on their way when an asker has given up: nothing to do then
        if (asker != null) asker.onAnswer(answer);
    }

    /** The connection is gone. */
    void onClosed() {
        List<Asker> left;
        lock.lock();
        try {
            closed = true;
            left = List.copyOf(askers.values());
            askers.clear();
            wants.clear();
            reads.clear();
        } finally {
            lock.unlock();
        }
        for (Asker asker : left) asker.onClosed();
    }
}
