package org.datdot.wire;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.DecodingException;
import org.datdot.wire.WireException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Many channels over one stream of messages: npm {@code protomux} ({@code index.js}), byte for byte on the wire.
 *
 * <p>A state machine without I/O: the stream calls {@link #receive}, {@link #drained()} and {@link #shutdown()}, and gets
 * messages through {@link MessageStream#send}. All handlers run under the mux lock. Locks are taken in the order mux lock, the
 * handlers' own locks (a core's), outbox; so {@link #open} and {@link Channel#close()} must not be called while holding a lock
 * that handlers take, {@link Channel#send}, {@link #cork()} and {@link #uncork()} may.
 *
 * <p>Stricter than the stock package where a well-behaved peer cannot notice: nested batches, batches with a message beyond
 * their end, names and ids longer than {@link #MAX_NAME_BYTES}, and more than {@link #MAX_CHANNELS} channels end the
 * connection.
 */
public final class Protomux {
    /** How many channels each side may have open on one connection. */
    public static final int MAX_CHANNELS = 16_384;

    /** How long a protocol's name and a channel's id may be, in bytes. */
    public static final int MAX_NAME_BYTES = 1024;

    /** How much may wait for channels which this side has not opened yet before the stream is paused. */
    public static final int MAX_BUFFERED_BYTES = 32 * 1024;

    /** How many opens of the peer may wait for pair listeners before the stream is paused. */
    static final int MAX_UNPAIRED = 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final MessageStream stream;
    private final Executor soon;
    private final BatchWriter writer;
    private final List<@Nullable Channel> local = new ArrayList<>();
    private final ArrayDeque<Integer> freeLocalIds = new ArrayDeque<>();
    private final List<@Nullable RemoteChannel> remote = new ArrayList<>();
    private final Map<Pairing.Key, Pairing> pairings = new HashMap<>();
    private final Map<Integer, Pairing> unanswered = new HashMap<>();
    private final Map<Pairing.Key, PairListener> listeners = new HashMap<>();
    private final AtomicBoolean drainPending = new AtomicBoolean();
    private int bufferedBytes;
    private int unpaired;
    private boolean paused;
    private volatile boolean closed;

    /**
     * A mux without channels.
     *
     * @param stream where messages go
     * @param soon runs what must not run inside of the call that caused it, on another thread or later: pair listeners, {@code
     *     onDrain}, and the completion of an {@link #open} the peer has been waiting for. For a connection, virtual threads
     */
    public Protomux(MessageStream stream, Executor soon) {
        this.stream = stream;
        this.soon = soon;
        this.writer = new BatchWriter(stream);
    }

    /** Whether this side dialled. */
    public boolean initiator() {
        return stream.initiator();
    }

    /** The 64-byte hash of the handshake. */
    public byte[] handshakeHash() {
        return stream.handshakeHash();
    }

    /** The key the peer proved to hold. */
    public PublicKey remotePublicKey() {
        return stream.remotePublicKey();
    }

    /** The stream below. */
    public MessageStream stream() {
        return stream;
    }

    /** Whether the outbox takes more within its soft limit. */
    public boolean writable() {
        return stream.writable();
    }

    /** Whether the connection is over. */
    public boolean closed() {
        return closed;
    }

    /** Whether this side has a channel of this protocol and id open, answered or not. */
    public boolean isOpen(String protocol, byte @Nullable [] id) {
        lock.lock();
        try {
            Pairing pairing = pairings.get(Pairing.Key.of(protocol, id));
            return pairing != null && pairing.opened > 0;
        } finally {
            lock.unlock();
        }
    }

    /** The channels which this side has open, at this moment. */
    public List<Channel> channels() {
        lock.lock();
        try {
            return local.stream()
                    .filter(Objects::nonNull)
                    .map(Objects::requireNonNull)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Opens a channel and tells the peer; the handler's {@code onOpen} follows when the peer has opened its side too, never
     * inside of this call. On a connection that is over, the channel comes back closed and {@code onClose} follows.
     *
     * @throws IllegalStateException when it is open already, see {@link #tryOpen}, or too many are open
     */
    public Channel open(ChannelSpec spec) {
        Channel channel = tryOpen(spec);
        if (channel == null) {
            throw new IllegalStateException("a " + spec.protocol()
                    + " channel with this id is open on this connection already; use tryOpen if that can happen");
        }
        return channel;
    }

    /** Like {@link #open}, but returns null when a channel of this protocol and id is open already. */
    public @Nullable Channel tryOpen(ChannelSpec spec) {
        lock.lock();
        try {
            Pairing pairing = pairing(spec.protocol(), spec.id());
            if (pairing.opened > 0) {
                return null;
            }
            if (closed) {
                return openOnClosed(pairing, spec);
            }
            for (String alias : spec.aliases()) {
                Pairing.Key key = Pairing.Key.of(alias, spec.id());
                if (pairings.putIfAbsent(key, pairing) == null) {
                    pairing.keys.add(key);
                }
            }
            Channel channel = new Channel(this, pairing, spec, allocateLocalId());
            local.set(channel.localId() - 1, channel);
            pairing.opened++;
            Integer remoteId = pairing.incoming.poll();
            if (remoteId == null) {
                pairing.outgoing.add(channel.localId());
                unanswered.put(channel.localId(), pairing);
            } else {
                unpaired--;
                RemoteChannel end = Objects.requireNonNull(remote.get(remoteId - 1));
                end.channel = channel;
                channel.remoteId(remoteId);
                later(() -> completeOpen(channel, end));
            }
            writer.open(channel.localId(), spec);
            return channel;
        } finally {
            lock.unlock();
        }
    }

    /** Has {@code listener} told about opens of the peer for which this side has no channel. Replaces an earlier listener. */
    public void pair(String protocol, PairListener listener) {
        pair(protocol, null, listener);
    }

    /** Like {@link #pair(String, PairListener)}, for one id only; goes before a listener for the whole protocol. */
    public void pair(String protocol, byte @Nullable [] id, PairListener listener) {
        lock.lock();
        try {
            listeners.put(Pairing.Key.of(protocol, id), listener);
        } finally {
            lock.unlock();
        }
    }

    /** Ends a {@link #pair}. */
    public void unpair(String protocol, byte @Nullable [] id) {
        lock.lock();
        try {
            listeners.remove(Pairing.Key.of(protocol, id));
        } finally {
            lock.unlock();
        }
    }

    /** Holds outgoing messages back, to leave as one batch with the matching {@link #uncork()}; calls nest. */
    public void cork() {
        writer.cork();
    }

    /** Ends a {@link #cork()}. */
    public void uncork() {
        writer.uncork();
    }

    /**
     * Takes one message from the stream; the array belongs to the mux from here on.
     *
     * @throws WireException when the peer broke the protocol or a handler failed: the stream is to be closed
     */
    public void receive(byte[] message) {
        if (message.length == 0) {
            return;
        }
        locked(() -> dispatch(new CompactDecoder(message), message, null));
    }

    /** To be called by the stream when it has become writable again. */
    public void drained() {
        if (drainPending.compareAndSet(false, true)) {
            later(() -> {
                drainPending.set(false);
                for (Channel channel : channels()) {
                    if (!channel.closed()) {
                        channel.handler().onDrain(channel);
                    }
                }
            });
        }
    }

    /** To be called by the stream when it is over: closes all channels. Must not be called while holding a handler's lock. */
    public void shutdown() {
        lock.lock();
        try {
            closed = true;
            for (Channel channel : channels()) {
                try {
                    finish(channel, true, false);
                } catch (RuntimeException e) {
                    System.getLogger(Protomux.class.getName())
                            .log(System.Logger.Level.WARNING, "closing the " + channel + " failed", e);
                }
            }
            remote.clear();
            pairings.clear();
            unanswered.clear();
            listeners.clear();
        } finally {
            lock.unlock();
        }
    }

    BatchWriter writer() {
        return writer;
    }

    void close(Channel channel) {
        lock.lock();
        try {
            finish(channel, false, !closed);
        } finally {
            lock.unlock();
        }
    }

    private void dispatch(CompactDecoder in, byte[] message, @Nullable Long batchChannel) {
        long remoteId = batchChannel == null ? in.uint() : batchChannel;
        int type = in.uintAsInt();
        if (remoteId == BatchWriter.CONTROL_CHANNEL) {
            control(type, in, message, batchChannel != null);
            return;
        }
        RemoteChannel end = remoteId <= remote.size() ? remote.get((int) remoteId - 1) : null;
        if (end == null) {
            return; // closed by this side a moment ago: what the peer had on its way still arrives
        }
        if (end.pending != null) {
            RemoteChannel.Pending pending = new RemoteChannel.Pending(type, in.raw());
            end.pending.add(pending);
            buffered(end, pending.cost());
        } else if (end.channel != null) {
            end.channel.handler().onMessage(end.channel, type, in);
        }
    }

    private void control(int type, CompactDecoder in, byte[] message, boolean inBatch) {
        switch (type) {
            case BatchWriter.BATCH -> {
                if (inBatch) {
                    throw violation("a batch within a batch");
                }
                receiveBatch(in, message);
            }
            case BatchWriter.OPEN -> receiveOpen(in);
            case BatchWriter.REJECT -> receiveReject(in.uint());
            case BatchWriter.CLOSE -> receiveClose(in.uint());
            default -> {} // what later versions may add is ignored, as in the stock package
        }
    }

    private void receiveBatch(CompactDecoder in, byte[] message) {
        long channel = in.uint();
        boolean corked = false;
        try {
            while (in.remaining() > 0 && !closed) {
                int byteLength = in.uintAsInt();
                if (byteLength == 0) {
                    channel = in.uint();
                    continue;
                }
                int start = in.position();
                in.skip(byteLength);
                if (in.remaining() > 0 && !corked) {
                    cork(); // a batch of several messages is answered with a batch
                    corked = true;
                }
                dispatch(new CompactDecoder(message, start, start + byteLength), message, channel);
            }
        } finally {
            if (corked) {
                uncork();
            }
        }
    }

    private void receiveOpen(CompactDecoder in) {
        long remoteId = in.uint();
        String protocol = in.string();
        byte[] id = in.optionalBuffer();
        if (protocol.length() > MAX_NAME_BYTES || (id != null && id.length > MAX_NAME_BYTES)) {
            throw violation("an open with a name or id of more than " + MAX_NAME_BYTES + " bytes");
        }
        if (remoteId < 1 || remoteId > remote.size() + 1L) {
            throw violation("an open with id " + remoteId + " where at most " + (remote.size() + 1) + " is next");
        }
        if (remoteId > MAX_CHANNELS) {
            throw new WireException(Reason.LIMIT_EXCEEDED, "the peer opened more than " + MAX_CHANNELS + " channels");
        }
        int slot = (int) remoteId - 1;
        if (slot == remote.size()) {
            remote.add(null);
        } else if (remote.get(slot) != null) {
            throw violation("an open with id " + remoteId + ", which is open already");
        }
        Pairing pairing = pairing(protocol, id);
        Integer localId = pairing.outgoing.poll();
        if (localId == null) {
            receiveUnpairedOpen(slot + 1, pairing, protocol, id, in.raw());
            return;
        }
        unanswered.remove(localId);
        Channel channel = local.get(localId - 1);
        if (channel == null) { // closed before the peer answered: its id is free now, and the peer gets our close
            freeLocalIds.push(localId);
            collect(pairing);
            return;
        }
        RemoteChannel end = new RemoteChannel(new byte[0]);
        end.pending = null;
        end.channel = channel;
        remote.set(slot, end);
        channel.remoteId(slot + 1);
        channel.markOpened();
        channel.handler().onOpen(channel, in);
    }

    private void receiveUnpairedOpen(
            int remoteId, Pairing pairing, String protocol, byte @Nullable [] id, byte[] handshake) {
        PairListener forId = listeners.get(Pairing.Key.of(protocol, id));
        PairListener listener = forId != null ? forId : listeners.get(Pairing.Key.of(protocol, null));
        if (listener == null && pairing.pairing == 0) {
            writer.reject(remoteId);
            collect(pairing);
            return;
        }
        RemoteChannel end = new RemoteChannel(handshake);
        remote.set(remoteId - 1, end);
        pairing.incoming.add(remoteId);
        unpaired++;
        buffered(end, handshake.length);
        if (listener != null) {
            pairing.pairing++;
            execute(() -> requestChannel(pairing, listener, id));
        }
    }

    private void requestChannel(Pairing pairing, PairListener listener, byte @Nullable [] id) {
        if (!closed) {
            listener.onPair(this, id);
        }
        locked(() -> {
            if (--pairing.pairing > 0) {
                return;
            }
            for (Integer remoteId = pairing.incoming.poll(); remoteId != null; remoteId = pairing.incoming.poll()) {
                RemoteChannel end = remote.set(remoteId - 1, null);
                unpaired--;
                release(Objects.requireNonNull(end));
                writer.reject(remoteId);
            }
            collect(pairing);
        });
    }

    private void receiveReject(long localId) {
        Pairing pairing = localId > local.size() ? null : unanswered.remove((int) localId);
        if (pairing == null) {
            throw violation("a reject of channel " + localId + ", which waits for no answer");
        }
        int id = (int) localId;
        pairing.outgoing.remove((Integer) id);
        Channel channel = local.get(id - 1);
        if (channel != null) {
            finish(channel, true, false);
        }
        freeLocalIds.push(id);
        collect(pairing);
    }

    private void receiveClose(long remoteId) {
        RemoteChannel end = remoteId < 1 || remoteId > remote.size() ? null : remote.get((int) remoteId - 1);
        if (end == null) {
            return;
        }
        if (end.pending != null) {
            end.closedEarly = true; // the local end first gets what was sent before
        } else if (end.channel != null) {
            finish(end.channel, true, false);
        }
    }

    private void completeOpen(Channel channel, RemoteChannel end) {
        List<RemoteChannel.Pending> pending = end.pending;
        if (channel.closed() || pending == null) {
            return;
        }
        channel.markOpened();
        channel.handler().onOpen(channel, new CompactDecoder(end.handshake));
        end.handshake = new byte[0];
        for (RemoteChannel.Pending message : pending) {
            if (channel.closed()) {
                return;
            }
            channel.handler().onMessage(channel, message.type(), new CompactDecoder(message.payload()));
        }
        end.pending = null;
        release(end);
        if (end.closedEarly && !channel.closed()) {
            finish(channel, true, false);
        }
    }

    private void finish(Channel channel, boolean byRemote, boolean tellPeer) {
        if (channel.closed()) {
            return;
        }
        channel.markClosed();
        writer.close(channel, tellPeer);
        Pairing pairing = channel.pairing();
        pairing.opened--;
        int remoteId = channel.remoteId();
        local.set(channel.localId() - 1, null);
        if (remoteId > 0) { // else the id stays taken until the peer has answered the open
            RemoteChannel end = remote.set(remoteId - 1, null);
            channel.remoteId(0);
            freeLocalIds.push(channel.localId());
            release(Objects.requireNonNull(end));
        }
        collect(pairing);
        channel.handler().onClose(channel, byRemote);
    }

    private Channel openOnClosed(Pairing pairing, ChannelSpec spec) {
        Channel channel = new Channel(this, pairing, spec, 0);
        channel.markClosed();
        writer.close(channel, false);
        pairings.clear();
        execute(() -> {
            lock.lock();
            try {
                spec.handler().onClose(channel, true);
            } finally {
                lock.unlock();
            }
        });
        return channel;
    }

    private int allocateLocalId() {
        Integer free = freeLocalIds.poll();
        if (free != null) {
            return free;
        }
        if (local.size() >= MAX_CHANNELS) {
            throw new IllegalStateException(
                    MAX_CHANNELS + " channels are open on this connection; close some before opening more");
        }
        local.add(null);
        return local.size();
    }

    private Pairing pairing(String protocol, byte @Nullable [] id) {
        Pairing.Key key = Pairing.Key.of(protocol, id);
        return pairings.computeIfAbsent(key, k -> {
            Pairing pairing = new Pairing();
            pairing.keys.add(k);
            return pairing;
        });
    }

    private void collect(Pairing pairing) {
        if (pairing.unused()) {
            for (Pairing.Key key : pairing.keys) {
                pairings.remove(key, pairing);
            }
        }
    }

    private void buffered(RemoteChannel end, int bytes) {
        end.bufferedBytes += bytes;
        bufferedBytes += bytes;
        flowControl();
    }

    private void release(RemoteChannel end) {
        bufferedBytes -= end.bufferedBytes;
        end.bufferedBytes = 0;
        flowControl();
    }

    private void flowControl() {
        boolean full = bufferedBytes > MAX_BUFFERED_BYTES || unpaired > MAX_UNPAIRED;
        if (full && !paused) {
            paused = true;
            stream.pause();
        } else if (!full && paused) {
            paused = false;
            stream.resume();
        }
    }

    /** Runs a step of the state machine on another thread or later; its failure ends the connection. */
    private void later(Runnable step) {
        execute(() -> locked(step));
    }

    private void execute(Runnable task) {
        soon.execute(() -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                stream.fail(asWireException(e));
            }
        });
    }

    private void locked(Runnable step) {
        lock.lock();
        try {
            if (!closed) {
                step.run();
            }
        } catch (RuntimeException e) {
            throw asWireException(e);
        } finally {
            lock.unlock();
        }
    }

    private static WireException asWireException(RuntimeException e) {
        return switch (e) {
            case WireException wire -> wire;
            case DecodingException decoding ->
                new WireException(Reason.PROTOCOL_VIOLATION, "the peer sent a malformed message: " + e.getMessage(), e);
            default -> new WireException(Reason.HANDLER_FAILED, "handling a message failed: " + e, e);
        };
    }

    private static WireException violation(String what) {
        return new WireException(Reason.PROTOCOL_VIOLATION, "the peer broke the protomux protocol with " + what);
    }
}
