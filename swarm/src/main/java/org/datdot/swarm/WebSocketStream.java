package org.datdot.swarm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A stream of bytes in the binary messages of a WebSocket (RFC 6455): where one message ends and the next begins means nothing,
 * as with {@code createWebSocketStream} of npm {@code ws}. At most about {@value Arrivals#HIGH_BYTES} bytes wait to be read.
 */
final class WebSocketStream implements ByteStream {
    /** Longer writes are cut into messages of so many bytes. */
    static final int MAX_MESSAGE_BYTES = 64 << 10;

    /** The WebSocket itself. */
    interface Socket {
        /**
         * Sends one message and waits until it is taken, or until this is closed.
         *
         * @throws IOException when it is not
         */
        void send(ByteBuffer message) throws IOException;

        /** More may come in than was asked for so far: one message. */
        void request();

        /** Ends it after what was sent; cuts it when that is not taken in good time. */
        void close();
    }

    private final Socket socket;
    private final InetSocketAddress remote;
    private final Arrivals arrivals;

    WebSocketStream(Socket socket, InetSocketAddress remote) {
        this.socket = socket;
        this.remote = remote;
        arrivals = new Arrivals(new Arrivals.Source() {
            @Override
            public void stop() {
                // Nothing more is asked for.
            }

            @Override
            public void goOn() {
                socket.request();
            }
        });
    }

    /** A message, or a part of one, came in. Asks for the next one, at once or when there is room. */
    void received(byte[] bytes) {
        if (arrivals.add(ByteBuffer.wrap(bytes))) socket.request();
    }

    /** Waits while too much is there, which slows the peer down. */
    void awaitRoom() {
        arrivals.awaitRoom();
    }

    /** Nothing more will come in. */
    void ended(@Nullable IOException cause) {
        arrivals.end(cause == null ? null : new IOException("the WebSocket broke: " + cause.getMessage(), cause));
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return arrivals.read(target);
    }

    @Override
    public int available() {
        return arrivals.available();
    }

    @Override
    public boolean whenReadable(Runnable action) {
        return arrivals.whenReadable(action);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int length = Math.min(source.remaining(), MAX_MESSAGE_BYTES);
        ByteBuffer message = ByteBuffer.allocate(length);
        message.put(source.slice(source.position(), length)).flip();
        arrivals.requireOpen();
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
        if (arrivals.close()) socket.close();
    }
}
