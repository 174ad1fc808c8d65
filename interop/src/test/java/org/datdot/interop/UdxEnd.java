package org.datdot.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.datdot.udx.CloseReason;
import org.datdot.udx.StreamListener;
import org.datdot.udx.UdxStream;
import org.jspecify.annotations.Nullable;

/** This implementation's end of a UDX stream in a test: hashes what it reads and what it writes. */
final class UdxEnd implements StreamListener {
    private static final long PATIENCE_S = 90;

    private final MessageDigest incoming = sha256();
    private final MessageDigest outgoing = sha256();
    private final Semaphore drained = new Semaphore(0);
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
    private final CompletableFuture<Boolean> remoteChanged = new CompletableFuture<>();
    private final CompletableFuture<Boolean> first = new CompletableFuture<>();
    private final AtomicLong read = new AtomicLong();
    private final BlockingQueue<Boolean> progress = new LinkedBlockingQueue<>();
    private @Nullable UdxStream stream;

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static InetSocketAddress local(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
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

    /** Writes noise, on the caller's thread; the hash of it. */
    String write(long seed, long bytes, boolean end) {
        Random random = new Random(seed);
        for (long left = bytes; left > 0; ) {
            byte[] chunk = new byte[(int) Math.min(left, 65_536)];
            random.nextBytes(chunk);
            outgoing.update(chunk);
            left -= chunk.length;
            ByteBuffer data = ByteBuffer.wrap(chunk);
            while (data.hasRemaining()) {
                if (!stream().write(data) && data.hasRemaining()) {
                    drained.acquireUninterruptibly();
                }
            }
        }
        if (end) {
            stream().end();
        }
        return HexFormat.of().formatHex(outgoing.digest());
    }

    @Nullable
    String nextMessage() throws InterruptedException {
        return messages.poll(PATIENCE_S, TimeUnit.SECONDS);
    }

    /** The hash of all that was read, when the other side has ended. */
    String readHash() throws ExecutionException, InterruptedException, TimeoutException {
        return ended.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    CloseReason closeReason() throws ExecutionException, InterruptedException, TimeoutException {
        return closed.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    void awaitData() throws ExecutionException, InterruptedException, TimeoutException {
        first.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    /** Waits until so many bytes were read; how many. */
    long awaitRead(long bytes) throws InterruptedException {
        while (read.get() < bytes) {
            if (progress.poll(PATIENCE_S, TimeUnit.SECONDS) == null) {
                throw new AssertionError("read only " + read.get());
            }
        }
        return read.get();
    }

    void awaitRemoteChanged() throws ExecutionException, InterruptedException, TimeoutException {
        remoteChanged.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    @Override
    public void onData(ByteBuffer data) {
        read.addAndGet(data.remaining());
        incoming.update(data);
        progress.add(true);
        first.complete(true);
    }

    @Override
    public void onEnd() {
        ended.complete(HexFormat.of().formatHex(incoming.digest()));
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
        ended.completeExceptionally(new IllegalStateException("closed: " + reason));
        drained.release(1_000_000);
    }
}
