package org.datdot.swarm;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.udx.UdxStream;
import org.datdot.wire.MessageStream;
import org.datdot.wire.NoiseSession;
import org.datdot.wire.OutgoingMessage;
import org.datdot.wire.Protomux;
import org.datdot.wire.SecretStream;
import org.datdot.wire.WireException;
import org.datdot.wire.WireException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * An encrypted connection to one peer, known by its key: npm {@code @hyperswarm/secret-stream} over a {@link ByteStream}, with
 * a {@link Protomux} on it. Compatible with {@code new NoiseSecretStream(isInitiator, net.Socket)} in both roles.
 *
 * <p>One virtual thread reads, decrypts and runs the handlers, another encrypts and writes. A connection on which nothing
 * flows holds no big buffers and no thread that writes, and where its stream tells when something arrives (not TCP) none that
 * reads either. Whatever goes wrong ends this connection alone, with a {@link WireException} in {@link
 * #closed()}.
 */
public final class Connection implements Closeable {
    private static final System.Logger LOG = System.getLogger(Connection.class.getName());

    /** How long {@link #close()} leaves for what is still queued. */
    private static final long CLOSE_TIMEOUT_MS = 5_000;

    /** Write stalls get longer than silence: a peer may be busy with its disk, but it is not without memory of its own. */
    private static final int STALL_FACTOR = 3;

    private final ByteStream bytes;
    private final SwarmOptions options;
    private final BufferPool pool;
    private final SecretStream stream;
    private final Inbox inbox;
    private final Outbox outbox;
    private final Protomux mux;
    private final AtomicReference<@Nullable WireException> failure = new AtomicReference<>();
    private final CompletableFuture<WireException> closed = new CompletableFuture<>();
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicLong bytesWritten = new AtomicLong();
    private final ReentrantLock pauseLock = new ReentrantLock();
    private final Condition pauseChanged = pauseLock.newCondition();
    private final long startedAt;
    private int pauses;

    private volatile boolean established;
    private volatile boolean keepAliveSeen;
    private volatile boolean reading;
    private volatile boolean writing;
    private volatile long readAt;
    private volatile long writtenAt;
    private volatile long closingAt;
    private volatile boolean closing;

    /** A connection whose handshake is the first that flows on the stream. */
    Connection(
            ByteStream bytes,
            boolean initiator,
            KeyPair keys,
            @Nullable PublicKey expected,
            SwarmOptions options,
            BufferPool pool) {
        this(
                bytes,
                incoming -> new SecretStream(initiator, keys, expected, options.entropy(), incoming),
                options,
                pool);
    }

    /** A connection whose handshake took another way than the stream. */
    Connection(ByteStream bytes, NoiseSession session, SwarmOptions options, BufferPool pool) {
        this(bytes, incoming -> new SecretStream(session, incoming), options, pool);
    }

    private Connection(
            ByteStream bytes,
            Function<SecretStream.Listener, SecretStream> secretStream,
            SwarmOptions options,
            BufferPool pool) {
        this.bytes = bytes;
        this.options = options;
        this.pool = pool;
        inbox = new Inbox(bytes, pool);
        outbox = new Outbox(options.outboxSoftBytes(), options.outboxHardBytes());
        stream = secretStream.apply(new Incoming());
        mux = new Protomux(
                new Outgoing(), task -> Thread.ofVirtual().name("mux").start(task));
        startedAt = now();
        readAt = startedAt;
        writtenAt = startedAt;
    }

    /** What waits here for a peer that does not take it yet: bytes, and some more for each message. */
    public long queuedBytes() {
        return outbox.queuedBytes();
    }

    /** The key the peer proved to hold. */
    public PublicKey remotePublicKey() {
        return stream.remotePublicKey();
    }

    /** Where the peer is. */
    public InetSocketAddress remoteAddress() {
        return bytes.remoteAddress();
    }

    /** What it runs on, if that is UDX. */
    @Nullable
    UdxStream udxStream() {
        return bytes instanceof UdxByteStream over ? over.stream() : null;
    }

    /** Whether this side dialled. */
    public boolean initiator() {
        return stream.initiator();
    }

    /** The channels on this connection. */
    public Protomux mux() {
        return mux;
    }

    /** Done when the connection is over and all its channels are closed, with why. */
    public CompletableFuture<WireException> closed() {
        return closed.copy();
    }

    /** Bytes received from the network, handshake and encryption included. */
    public long bytesRead() {
        return bytesRead.get();
    }

    /** Bytes handed to the network, handshake and encryption included. */
    public long bytesWritten() {
        return bytesWritten.get();
    }

    /** Dispatches no more messages, and soon reads no more, until {@link #resume()}. Calls nest. Never blocks. */
    public void pause() {
        pauseLock.lock();
        try {
            pauses++;
        } finally {
            pauseLock.unlock();
        }
    }

    /** Ends a {@link #pause()}. */
    public void resume() {
        pauseLock.lock();
        try {
            if (pauses == 0) {
                throw new IllegalStateException("resume() without pause()");
            }
            pauses--;
            pauseChanged.signalAll();
        } finally {
            pauseLock.unlock();
        }
    }

    /**
     * Ends the connection after what is already queued was written (within 5 s). Never blocks and takes no lock in which
     * handlers run; {@link #closed()} tells when it is over.
     */
    @Override
    public void close() {
        if (!closing) {
            closingAt = now();
            closing = true;
        }
        outbox.end();
        if (!established) {
            fail(new WireException(Reason.CLOSED, "closed during the handshake"));
        }
    }

    /** Ends the connection at once; what is queued is lost. Never blocks. */
    void fail(WireException cause) {
        if (failure.compareAndSet(null, cause)) {
            outbox.close();
            try {
                bytes.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "closing a stream failed", e);
            }
            pauseLock.lock();
            try {
                pauseChanged.signalAll();
            } finally {
                pauseLock.unlock();
            }
            Level level = cause.reason() == Reason.HANDLER_FAILED ? Level.WARNING : Level.DEBUG;
            LOG.log(level, () -> this + " ended: " + cause.getMessage(), cause);
        }
    }

    @Nullable
    WireException failure() {
        return failure.get();
    }

    /** Sends something, so that a peer which is gone is noticed sooner. */
    void sendKeepAlive() {
        outbox.add(OutgoingMessage.of());
    }

    /** The stream is connected; does the handshake, on the calling thread. */
    void handshake() {
        try {
            stream.start();
            while (!stream.open()) {
                if (!inbox.handOver(stream) && !stream.open()) {
                    read();
                }
            }
            established = true;
            readAt = now();
            writtenAt = now();
        } catch (WireException e) {
            fail(e);
        } catch (IOException e) {
            fail(disconnected("the connection broke during the handshake", e));
        } catch (RuntimeException e) {
            fail(new WireException(Reason.HANDLER_FAILED, "the handshake with a peer failed: " + e, e));
        }
        WireException cause = failure.get();
        if (cause != null) {
            throw cause;
        }
    }

    /** From now on what is sent is written. */
    void startWriting() {
        outbox.writeWith(() -> Thread.ofVirtual().name("swarm-writer").start(this::write));
    }

    /**
     * Reads and dispatches until the connection is over, or until there is nothing to read for now.
     *
     * @param again starts a thread that calls this again
     * @return whether the connection is over; if not, {@code again} has run or will
     */
    boolean run(Runnable again) {
        try {
            while (true) {
                if (inbox.handOver(stream)) {
                    continue;
                }
                if (inbox.isEmpty() && rest(again)) {
                    return false;
                }
                read();
            }
        } catch (WireException e) {
            fail(e);
        } catch (IOException e) {
            fail(disconnected("the connection broke", e));
        } catch (RuntimeException | Error e) {
            fail(new WireException(Reason.HANDLER_FAILED, "reading from a peer failed: " + e, e));
        }
        outbox.awaitWriter();
        return true;
    }

    /** Whether {@code again} will run as soon as there is something to read. From then on another thread may be at work. */
    private boolean rest(Runnable again) {
        readAt = now();
        reading = true;
        byte[] buffer = inbox.detach();
        if (bytes.whenReadable(again)) {
            pool.release(buffer);
            return true;
        }
        inbox.attach(buffer);
        return false;
    }

    /** Called about once a second: keep-alives and time-outs. */
    void tick(long now) {
        if (!established) {
            if (elapsedMs(now, startedAt) >= options.handshakeTimeoutMs()) {
                fail(new WireException(
                        Reason.TIMED_OUT,
                        "no handshake within " + options.handshakeTimeoutMs()
                                + " ms; the peer may speak another protocol"));
            }
            return;
        }
        if (closing && elapsedMs(now, closingAt) >= CLOSE_TIMEOUT_MS) {
            fail(new WireException(Reason.CLOSED, "closed before all was written"));
        }
        long idleMs = options.idleTimeoutMs();
        if (idleMs > 0 && keepAliveSeen && reading && elapsedMs(now, readAt) >= idleMs) {
            fail(new WireException(Reason.TIMED_OUT, "the peer said nothing for " + idleMs + " ms"));
        } else if (idleMs > 0 && writing && elapsedMs(now, writtenAt) >= STALL_FACTOR * idleMs) {
            fail(new WireException(Reason.TIMED_OUT, "the peer took nothing for " + STALL_FACTOR * idleMs + " ms"));
        } else if (options.keepAliveMs() > 0
                && outbox.isEmpty()
                && elapsedMs(now, writtenAt) >= options.keepAliveMs()) {
            outbox.add(OutgoingMessage.of());
        }
    }

    /** Closes all channels and completes {@link #closed()}: called once, last, by the thread that did the rest. */
    void finish() {
        inbox.release();
        mux.shutdown();
        WireException cause = failure.get();
        closed.complete(cause == null ? new WireException(Reason.CLOSED, "closed") : cause);
    }

    private void read() throws IOException {
        readAt = now();
        reading = true;
        int count = inbox.fill();
        reading = false;
        if (count < 0) {
            throw new WireException(
                    Reason.DISCONNECTED,
                    inbox.isEmpty()
                            ? "the peer closed the connection"
                            : "the peer closed the connection in the middle of a message");
        }
        bytesRead.addAndGet(count);
    }

    private void write() {
        List<OutgoingMessage> messages = new ArrayList<>();
        boolean left = true;
        try {
            while (left) {
                int frameBytes = outbox.take(messages, BufferPool.BUFFER_BYTES);
                left = frameBytes > 0;
                if (left) {
                    writeFrames(messages, frameBytes);
                    if (outbox.written(messages)) {
                        mux.drained();
                    }
                    messages.clear();
                } else if (frameBytes == Outbox.OVER) {
                    fail(new WireException(Reason.CLOSED, "closed"));
                }
            }
        } catch (IOException e) {
            fail(disconnected("the connection broke", e));
        } catch (RuntimeException | Error e) {
            fail(new WireException(Reason.HANDLER_FAILED, "writing to a peer failed: " + e, e));
        } finally {
            if (left) {
                outbox.writerEnded();
            }
        }
    }

    private void writeFrames(List<OutgoingMessage> messages, int frameBytes) throws IOException {
        // Small writes get an array of their own: an idle connection's keep-alives need no buffer of the pool.
        boolean pooled = frameBytes > Inbox.IDLE_BYTES && frameBytes <= BufferPool.BUFFER_BYTES;
        byte[] frames = pooled ? pool.take() : new byte[frameBytes];
        try {
            int at = 0;
            for (OutgoingMessage message : messages) {
                at += stream.seal(message, frames, at);
            }
            writeFully(frames, at);
        } finally {
            if (pooled) {
                pool.release(frames);
            }
        }
    }

    private void writeFully(byte[] frames, int lengthBytes) throws IOException {
        ByteBuffer view = ByteBuffer.wrap(frames, 0, lengthBytes);
        writtenAt = now();
        writing = true;
        while (view.position() < lengthBytes) {
            // In slices: the JDK keeps a native buffer as large as the largest write for each of its threads.
            view.limit(Math.min(lengthBytes, view.position() + BufferPool.BUFFER_BYTES));
            bytesWritten.addAndGet(bytes.write(view));
            writtenAt = now();
        }
        writing = false;
    }

    private void awaitResumed() {
        pauseLock.lock();
        try {
            while (pauses > 0 && failure.get() == null) {
                pauseChanged.awaitUninterruptibly();
            }
        } finally {
            pauseLock.unlock();
        }
    }

    private WireException disconnected(String what, IOException cause) {
        return new WireException(Reason.DISCONNECTED, what + ": " + cause.getMessage(), cause);
    }

    private long now() {
        return options.nanoClock().getAsLong();
    }

    private static long elapsedMs(long now, long since) {
        return TimeUnit.NANOSECONDS.toMillis(now - since);
    }

    @Override
    public String toString() {
        return "Connection[" + (initiator() ? "to " : "from ") + place() + "]";
    }

    private String place() {
        return established ? bytes.remoteAddress().toString() : "somebody in the handshake";
    }

    /** What the secret stream tells. */
    private final class Incoming implements SecretStream.Listener {
        @Override
        public void onOutput(byte[] frames) {
            try {
                writeFully(frames, frames.length);
            } catch (IOException e) {
                throw disconnected("the connection broke during the handshake", e);
            }
        }

        @Override
        public void onOpen() {}

        @Override
        public void onMessage(byte[] message) {
            awaitResumed();
            if (failure.get() == null) {
                mux.receive(message);
            }
        }

        @Override
        public void onKeepAlive() {
            keepAliveSeen = true;
        }
    }

    /** What the mux runs on. */
    private final class Outgoing implements MessageStream {
        @Override
        public boolean initiator() {
            return stream.initiator();
        }

        @Override
        public byte[] handshakeHash() {
            return stream.handshakeHash();
        }

        @Override
        public PublicKey remotePublicKey() {
            return stream.remotePublicKey();
        }

        @Override
        public void send(OutgoingMessage message) {
            if (outbox.add(message) == Outbox.Added.OVERFLOW) {
                fail(new WireException(
                        Reason.OUTBOX_OVERFLOW,
                        "more than " + options.outboxHardBytes()
                                + " bytes are waiting for a peer that does not take them; whoever sends must"
                                + " heed writable()"));
            }
        }

        @Override
        public boolean writable() {
            return outbox.writable();
        }

        @Override
        public OptionalLong roundTripNanos() {
            return bytes.roundTripNanos();
        }

        @Override
        public void pause() {
            Connection.this.pause();
        }

        @Override
        public void resume() {
            Connection.this.resume();
        }

        @Override
        public void fail(WireException cause) {
            Connection.this.fail(cause);
        }
    }
}
