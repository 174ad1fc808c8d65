package org.datdot.swarm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A stream of bytes in the binary messages of a WebSocket (RFC 6455): where one message ends and the next begins means nothing,
 * as with {@code createWebSocketStream} of npm {@code ws}. At most about {@value #HIGH_BYTES} bytes wait to be read.
 */
final class WebSocketStream implements ByteStream {
    static final int HIGH_BYTES = 256 << 10;
    /** Longer writes are cut into messages of so many bytes. */
    static final int MAX_MESSAGE_BYTES = 64 << 10;

    /** The WebSocket itself. */
    interface Socket {
        /** Sends one message and waits until it is taken. */
        void send(ByteBuffer message) throws IOException;

        /** More may come in than was asked for so far: one message. */
        void request();

        /** Ends it after what was sent. */
        void close();
    }

    private final Socket socket;
    private final InetSocketAddress remote;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<ByteBuffer> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private boolean ended;
    private boolean closed;
    private @Nullable IOException failure;

    WebSocketStream(Socket socket, InetSocketAddress remote) {
        this.socket = socket;
        this.remote = remote;
    }

    /** A message, or a part of one, came in. Waits while too much is there, which slows the peer down. */
    void received(byte[] bytes) {
        lock.lock();
        try {
            while (waitingBytes >= HIGH_BYTES && !closed) changed.awaitUninterruptibly();
            if (closed || bytes.length == 0) return;
            waiting.add(ByteBuffer.wrap(bytes));
            waitingBytes += bytes.length;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more will come in. */
    void ended(@Nullable IOException cause) {
        lock.lock();
        try {
            ended = true;
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int count = 0;
        int messages = 0;
        lock.lock();
        try {
            while (waiting.isEmpty()) {
                if (closed) throw new AsynchronousCloseException();
                if (failure != null) throw new IOException("the WebSocket broke: " + failure.getMessage(), failure);
                if (ended) return -1;
                changed.awaitUninterruptibly();
            }
            if (closed) throw new AsynchronousCloseException();
            for (ByteBuffer next = waiting.peek(); next != null && target.hasRemaining(); next = waiting.peek()) {
                int length = Math.min(next.remaining(), target.remaining());
                target.put(next.slice(next.position(), length));
                next.position(next.position() + length);
                count += length;
                if (next.hasRemaining()) continue;
                waiting.remove();
                messages++;
            }
            waitingBytes -= count;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        for (int i = 0; i < messages; i++) socket.request();
        return count;
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return waitingBytes;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int length = Math.min(source.remaining(), MAX_MESSAGE_BYTES);
        ByteBuffer message = ByteBuffer.allocate(length);
        message.put(source.slice(source.position(), length)).flip();
        lock.lock();
        try {
            if (closed) throw new AsynchronousCloseException();
        } finally {
            lock.unlock();
        }
        socket.send(message);
        source.position(source.position() + length);
        return length;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) return;
            closed = true;
            waiting.clear();
            waitingBytes = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        socket.close();
    }
}
