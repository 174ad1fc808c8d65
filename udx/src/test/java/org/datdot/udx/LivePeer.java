package org.datdot.udx;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An owner of a real stream, which writes noise from the test's thread and checks the noise it gets. */
final class LivePeer implements StreamListener {
    private static final long PATIENCE_S = 60;

    private final Random outgoing;
    private final Random incoming;
    private final Semaphore drained = new Semaphore(0);
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong read = new AtomicLong();
    private final BlockingQueue<Long> progress = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
    private final CompletableFuture<Boolean> remoteChanged = new CompletableFuture<>();
    private volatile long firstWrong = -1;
    private byte[] expected = new byte[0];
    private int expectedAt;
    private @Nullable UdxStream stream;
    private @Nullable UdxSocket socket;

    LivePeer(long outgoingSeed, long incomingSeed) {
        outgoing = new Random(outgoingSeed);
        incoming = new Random(incomingSeed);
    }

    void attach(UdxStream newStream) {
        stream = newStream;
    }

    UdxStream stream() {
        UdxStream result = stream;
        if (result == null) {
            throw new IllegalStateException("no stream");
        }
        return result;
    }

    void socket(UdxSocket newSocket) {
        socket = newSocket;
    }

    UdxSocket socket() {
        UdxSocket result = socket;
        if (result == null) {
            throw new IllegalStateException("no socket");
        }
        return result;
    }

    void writeAll(long bytes) {
        writeAll(bytes, true);
    }

    /** Writes on a thread of its own, in pieces of 64 KiB or what is left, and ends the stream if asked to. */
    void writeAll(long bytes, boolean end) {
        Thread.ofVirtual().name("writer").start(() -> {
            long left = bytes;
            while (left > 0) {
                byte[] chunk = new byte[(int) Math.min(left, 65_536)];
                outgoing.nextBytes(chunk);
                ByteBuffer data = ByteBuffer.wrap(chunk);
                while (data.hasRemaining()) {
                    boolean more = stream().write(data);
                    written.addAndGet(data.position());
                    if (!more && data.hasRemaining()) {
                        drained.acquireUninterruptibly();
                    }
                }
                left -= chunk.length;
            }
            if (end) {
                stream().end();
            }
        });
    }

    /** Waits until the writer has written nothing for a second; what is buffered then. */
    long awaitStall() throws Exception {
        long before = -1;
        long buffered = 0;
        while (before != written.get() || before <= 0) {
            before = written.get();
            CompletableFuture<Boolean> second = new CompletableFuture<>();
            second.completeOnTimeout(true, 1, TimeUnit.SECONDS).get();
            buffered = stream().stats().get(PATIENCE_S, TimeUnit.SECONDS).bufferedBytes();
        }
        return buffered;
    }

    void awaitRead(long bytes) throws InterruptedException {
        while (read.get() < bytes) {
            if (progress.poll(PATIENCE_S, TimeUnit.SECONDS) == null) {
                throw new AssertionError("read only " + read.get());
            }
        }
    }

    long read() {
        return read.get();
    }

    long firstWrong() {
        return firstWrong;
    }

    @Nullable
    String nextMessage() throws InterruptedException {
        return messages.poll(PATIENCE_S, TimeUnit.SECONDS);
    }

    CompletableFuture<CloseReason> closed() {
        return closed;
    }

    CompletableFuture<Boolean> remoteChanged() {
        return remoteChanged;
    }

    @Override
    public void onData(ByteBuffer data) {
        long at = read.get();
        while (data.hasRemaining()) {
            if (expectedAt == expected.length) {
                expected = new byte[65_536];
                incoming.nextBytes(expected);
                expectedAt = 0;
            }
            if (data.get() != expected[expectedAt++] && firstWrong < 0) {
                firstWrong = at;
            }
            at++;
        }
        read.set(at);
        progress.add(at);
    }

    @Override
    public void onMessage(ByteBuffer message) {
        messages.add(UTF_8.decode(message).toString());
    }

    @Override
    public void onDrain() {
        drained.release();
    }

    @Override
    public void onRemoteChanged() {
        remoteChanged.complete(true);
    }

    @Override
    public void onClose(CloseReason reason) {
        closed.complete(reason);
        drained.release(1_000_000);
    }
}
