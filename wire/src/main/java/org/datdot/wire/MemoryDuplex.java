package org.datdot.wire;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.datdot.crypto.PublicKey;
import org.jspecify.annotations.Nullable;

/**
 * Two {@link Protomux} joined in memory, without network or encryption: for tests, and for two roles in one process. Nothing
 * moves by itself: {@link #deliver()} moves everything until it is quiet, on the caller's thread; handlers, pair listeners
 * and deferred steps of both sides run there, so that a run can be repeated exactly. Messages may be sent from any thread.
 */
public final class MemoryDuplex {
    private static final int SOFT_LIMIT_BYTES = 1024 * 1024;

    private final byte[] handshakeHash;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final End initiator;
    private final End responder;
    private final Protomux initiatorMux;
    private final Protomux responderMux;
    private volatile OptionalLong roundTripNanos = OptionalLong.empty();

    /**
     * Joins two new muxes.
     *
     * @param initiatorKey who the initiator is to the responder
     * @param responderKey who the responder is to the initiator
     * @param handshakeHash 64 bytes, for capabilities
     */
    public MemoryDuplex(PublicKey initiatorKey, PublicKey responderKey, byte[] handshakeHash) {
        this.handshakeHash = handshakeHash.clone();
        initiator = new End(true, responderKey);
        responder = new End(false, initiatorKey);
        initiatorMux = new Protomux(initiator, tasks::add);
        responderMux = new Protomux(responder, tasks::add);
    }

    /** The side that dialled. */
    public Protomux initiator() {
        return initiatorMux;
    }

    /** The side that was dialled. */
    public Protomux responder() {
        return responderMux;
    }

    /** Moves messages and runs deferred steps until nothing is left to do. */
    public void deliver() {
        while (deliverOne()) {
            // all work is in the condition
        }
    }

    /** Does one step: runs a deferred step, or moves one message in a direction that is not paused. Returns whether it did. */
    public boolean deliverOne() {
        if (end(initiator, initiatorMux) || end(responder, responderMux)) {
            return true;
        }
        Runnable task = tasks.poll();
        if (task != null) {
            task.run();
            return true;
        }
        return move(initiator, initiatorMux, responder, responderMux)
                || move(responder, responderMux, initiator, initiatorMux);
    }

    /** From now on both ends measure this round trip; at first they measure none. */
    public void roundTrip(Duration time) {
        roundTripNanos = OptionalLong.of(time.toNanos());
    }

    /** Cuts the connection: both muxes shut down with the next {@link #deliver()}. */
    public void close() {
        initiator.fail(new WireException(WireException.Reason.CLOSED, "closed"));
    }

    /** Bytes one side has sent which the other side has not taken yet. */
    public int queuedBytes(boolean byInitiator) {
        return (byInitiator ? initiator : responder).queuedBytes.get();
    }

    /** Why the connection ended, null while it lives. */
    public @Nullable WireException failure() {
        return initiator.failure != null ? initiator.failure : responder.failure;
    }

    private boolean end(End end, Protomux mux) {
        if (failure() == null || end.ended) {
            return false;
        }
        end.ended = true;
        mux.shutdown();
        return true;
    }

    private boolean move(End from, Protomux fromMux, End to, Protomux toMux) {
        OutgoingMessage message = to.pauses.get() > 0 || failure() != null ? null : from.outbox.poll();
        if (message == null) {
            return false;
        }
        boolean wasWritable = from.writable();
        from.queuedBytes.addAndGet(-message.byteLength());
        try {
            toMux.receive(message.toBytes());
        } catch (WireException e) {
            to.fail(e);
        }
        if (!wasWritable && from.writable()) {
            fromMux.drained();
        }
        return true;
    }

    private final class End implements MessageStream {
        private final boolean dialled;
        private final PublicKey remotePublicKey;
        private final Queue<OutgoingMessage> outbox = new ConcurrentLinkedQueue<>();
        private final AtomicInteger queuedBytes = new AtomicInteger();
        private final AtomicInteger pauses = new AtomicInteger();
        private volatile @Nullable WireException failure;
        private boolean ended;

        End(boolean dialled, PublicKey remotePublicKey) {
            this.dialled = dialled;
            this.remotePublicKey = remotePublicKey;
        }

        @Override
        public boolean initiator() {
            return dialled;
        }

        @Override
        public byte[] handshakeHash() {
            return handshakeHash.clone();
        }

        @Override
        public OptionalLong roundTripNanos() {
            return roundTripNanos;
        }

        @Override
        public PublicKey remotePublicKey() {
            return remotePublicKey;
        }

        @Override
        public void send(OutgoingMessage message) {
            if (failure() == null) {
                queuedBytes.addAndGet(message.byteLength());
                outbox.add(message);
            }
        }

        @Override
        public boolean writable() {
            return queuedBytes.get() < SOFT_LIMIT_BYTES;
        }

        @Override
        public void pause() {
            pauses.incrementAndGet();
        }

        @Override
        public void resume() {
            pauses.decrementAndGet();
        }

        @Override
        public void fail(WireException cause) {
            if (failure == null) {
                failure = cause;
            }
        }
    }
}
