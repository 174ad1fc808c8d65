package org.datdot.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.encoding.CompactEncoder;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of a {@link Protomux}: puts channel and type in front of messages and, while corked, gathers them into
 * batches. Its lock is the last but one in the lock order (only that of the stream's queue comes after it), so that it can be
 * used under any other lock.
 */
final class BatchWriter {
    /**
     * A batch of several messages does not grow beyond this. The stock package goes to 8 MiB; a receiver cannot tell, and
     * smaller ones are decrypted and worked on while the next is on its way. Below the 128 KiB up to which messages are
     * encrypted and decrypted where they are, without copies.
     */
    static final int MAX_BATCH_BYTES = 120 * 1024;

    static final int CONTROL_CHANNEL = 0;
    static final int BATCH = 0;
    static final int OPEN = 1;
    static final int REJECT = 2;
    static final int CLOSE = 3;

    private static final int NO_CHANNEL = -1;
    private static final int MAX_TYPE_BYTES = 5;

    private final ReentrantLock lock = new ReentrantLock();
    private final MessageStream stream;
    private int corks;
    private @Nullable List<byte[]> batch;
    private int batchBytes;
    private int batchChannel = NO_CHANNEL;

    BatchWriter(MessageStream stream) {
        this.stream = stream;
    }

    boolean send(Channel channel, int type, byte[][] payload) {
        lock.lock();
        try {
            if (channel.sendClosed()) {
                return false;
            }
            write(channel.localId(), type, new byte[0], payload);
        } finally {
            lock.unlock();
        }
        return stream.writable();
    }

    void open(int localId, ChannelSpec spec) {
        CompactEncoder body =
                new CompactEncoder().uint(localId).string(spec.protocol()).optionalBuffer(spec.id());
        control(OPEN, body.raw(spec.handshake()).toBytes());
    }

    void reject(int remoteId) {
        control(REJECT, new CompactEncoder(9).uint(remoteId).toBytes());
    }

    /** Ends a channel: nothing is sent for it after its close, by whatever thread. */
    void close(Channel channel, boolean tellPeer) {
        lock.lock();
        try {
            channel.markSendClosed();
            if (tellPeer) {
                control(CLOSE, new CompactEncoder(9).uint(channel.localId()).toBytes());
            }
        } finally {
            lock.unlock();
        }
    }

    void cork() {
        lock.lock();
        try {
            corks++;
        } finally {
            lock.unlock();
        }
    }

    void uncork() {
        lock.lock();
        try {
            if (corks == 0) {
                throw new IllegalStateException("uncork() without cork()");
            }
            if (--corks == 0) {
                flush();
            }
        } finally {
            lock.unlock();
        }
    }

    private void control(int type, byte[] body) {
        lock.lock();
        try {
            write(CONTROL_CHANNEL, type, body, new byte[0][]);
        } finally {
            lock.unlock();
        }
    }

    private void write(int channel, int type, byte[] body, byte[][] payload) {
        long lengthBytes = (long) MAX_TYPE_BYTES + body.length;
        for (byte[] part : payload) {
            lengthBytes += part.length;
        }
        if (batchBytes + lengthBytes > MAX_BATCH_BYTES) {
            flush();
        }
        if (corks == 0 || lengthBytes > MAX_BATCH_BYTES) {
            CompactEncoder head = new CompactEncoder(10 + body.length);
            stream.send(
                    OutgoingMessage.of(head.uint(channel).uint(type).raw(body).toBytes(), payload));
            return;
        }
        CompactEncoder head = new CompactEncoder(MAX_TYPE_BYTES + body.length);
        append(channel, OutgoingMessage.of(head.uint(type).raw(body).toBytes(), payload));
    }

    private void append(int channel, OutgoingMessage message) {
        List<byte[]> parts = batch;
        CompactEncoder head = new CompactEncoder(20);
        if (parts == null) {
            parts = new ArrayList<>();
            batch = parts;
            head.uint(CONTROL_CHANNEL).uint(BATCH).uint(channel);
        } else if (batchChannel != channel) {
            head.uint(0).uint(channel);
        }
        batchChannel = channel;
        head.uint(message.byteLength());
        parts.add(head.toBytes());
        message.addPartsTo(parts);
        batchBytes += head.length() + message.byteLength();
    }

    private void flush() {
        List<byte[]> parts = batch;
        if (parts == null) {
            return;
        }
        batch = null;
        batchBytes = 0;
        batchChannel = NO_CHANNEL;
        stream.send(OutgoingMessage.of(parts.toArray(new byte[0][])));
    }
}
