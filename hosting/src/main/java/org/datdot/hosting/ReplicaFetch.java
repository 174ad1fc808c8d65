package org.datdot.hosting;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.datdot.crypto.Signature;
import org.jspecify.annotations.Nullable;

/**
 * Gets one replica over a {@link ReplicaChannel}: asks, waits for the offer, reads all frames in order through a verifier
 * to disk, delivers a receipt. The methods wait and are for one thread; interrupting it ends the fetch. Frames that
 * arrive faster than they are verified make the connection wait at 32 MiB.
 */
final class ReplicaFetch implements ReplicaChannel.Asker, Closeable {
    private static final long WINDOW_BYTES = 4L << 20;
    private static final long MOST_QUEUED_BYTES = 32L << 20;
    private static final int MOST_BLOCKS_ASKED = 1024;
    private static final int ASKS = 4;

    private final ReplicaChannel channel;
    private final ReplicaId id;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<ReplicaMessage> answers = new ArrayDeque<>();
    private long queuedBytes;
    private boolean closed;

    /**
     * Asks for the replica.
     *
     * @throws IOException when the connection is gone
     */
    ReplicaFetch(ReplicaChannel channel, ReplicaId id) throws IOException {
        this.channel = channel;
        this.id = id;
        if (!channel.ask(id, this)) throw new IOException("the connection is gone");
    }

    @Override
    public void onAnswer(ReplicaMessage message) {
        lock.lock();
        try {
            while (!closed && queuedBytes > MOST_QUEUED_BYTES) changed.awaitUninterruptibly();
            if (closed) return;
            answers.add(message);
            if (message instanceof ReplicaMessage.Frames frames) queuedBytes += frames.frames().length;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onClosed() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the offer, as long as it takes: making a replica has no time limit but the amendment's, at which the
     * thread is interrupted.
     *
     * @param unreachable told each time the peer says that it reaches no source
     * @throws RefusedException when the peer says no
     */
    ReplicaOffer offer(Consumer<Signature> unreachable) throws IOException, InterruptedException {
        while (true) {
            switch (next(null)) {
                case ReplicaMessage.Offer offer -> {
                    return offer.offer();
                }
                case ReplicaMessage.Unreachable statement -> unreachable.accept(statement.signature());
                case ReplicaMessage other -> throw unexpected(other, "an offer");
            }
        }
    }

    /** The same, where what the peer reaches is nobody's business. */
    ReplicaOffer offer() throws IOException, InterruptedException {
        return offer(_ -> {});
    }

    /**
     * Reads everything that was offered.
     *
     * @param stallTimeout the longest wait for the next frames
     * @throws InvalidReplicaException when what comes is not what must come
     * @throws RefusedException when the peer stops
     * @throws IOException when the connection is gone or stalls, or the disk fails
     */
    void read(ReplicaOffer offer, ReplicaVerifier verifier, ReplicaWriter writer, Duration stallTimeout)
            throws IOException, InterruptedException {
        int blocks = offer.blockCount();
        int averageBytes = (int) Math.max(1, offer.statement().encodedBytes() / blocks);
        int window = Math.clamp(WINDOW_BYTES / averageBytes, 1, MOST_BLOCKS_ASKED);
        int step = Math.max(1, window / ASKS);
        int asked = 0;
        while (verifier.blocks() < blocks) {
            while (asked < blocks && asked + step <= verifier.blocks() + window) {
                int count = Math.min(step, blocks - asked);
                channel.send(new ReplicaMessage.Read(id, asked, count));
                asked += count;
            }
            switch (next(stallTimeout)) {
                case ReplicaMessage.Frames frames -> take(frames, asked, verifier, writer);
                case ReplicaMessage.Offer _ -> {} // the same again, after it asked itself whether it is ready
                case ReplicaMessage other -> throw unexpected(other, "frames");
            }
        }
    }

    private void take(ReplicaMessage.Frames frames, int asked, ReplicaVerifier verifier, ReplicaWriter writer)
            throws IOException {
        byte[] bytes = frames.frames();
        int at = verifier.blocks();
        if (frames.fromBlock() != at || frames.blockCount() < 1 || frames.blockCount() > asked - at) {
            throw new InvalidReplicaException("frames " + frames.fromBlock() + " to "
                    + (frames.fromBlock() + frames.blockCount()) + " instead of those from " + at);
        }
        verifier.accept(bytes, 0, bytes.length, (int) frames.blockCount(), writer::frame);
        writer.write(bytes, 0, bytes.length);
    }

    /**
     * Delivers a receipt and waits until it is accepted.
     *
     * @throws RefusedException when it is not
     * @throws IOException when the connection is gone, or nothing is answered in time
     */
    void deliver(Signature receipt, Duration timeout) throws IOException, InterruptedException {
        channel.send(new ReplicaMessage.Receipt(id, receipt));
        while (true) {
            switch (next(timeout)) {
                case ReplicaMessage.Confirmed _ -> {
                    return;
                }
                case ReplicaMessage.Refused refused -> throw new RefusedException(refused);
                case ReplicaMessage _ -> {} // frames of reads that were on their way
            }
        }
    }

    /** Waits until the connection is gone. */
    void awaitClosed() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) changed.await();
        } finally {
            lock.unlock();
        }
    }

    private ReplicaMessage next(@Nullable Duration timeout) throws IOException, InterruptedException {
        long leftNanos = timeout == null ? Long.MAX_VALUE : timeout.toNanos();
        lock.lockInterruptibly();
        try {
            while (answers.isEmpty()) {
                if (closed) throw new IOException("the connection was closed");
                if (leftNanos <= 0) throw new IOException("the peer sent nothing for " + timeout);
                leftNanos = changed.awaitNanos(leftNanos);
            }
            ReplicaMessage message = answers.remove();
            if (message instanceof ReplicaMessage.Frames frames) queuedBytes -= frames.frames().length;
            changed.signalAll();
            return message;
        } finally {
            lock.unlock();
        }
    }

    private static IOException unexpected(ReplicaMessage message, String expected) {
        return message instanceof ReplicaMessage.Refused refused
                ? new RefusedException(refused)
                : new IOException("a message of type " + message.type() + " instead of " + expected);
    }

    /** Ends the fetch; the connection stays. */
    @Override
    public void close() {
        channel.forget(id);
        onClosed();
    }
}
