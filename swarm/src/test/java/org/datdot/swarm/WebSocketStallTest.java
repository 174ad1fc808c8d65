package org.datdot.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.encoding.CompactDecoder;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelHandler;
import org.datdot.wire.ChannelSpec;
import org.datdot.wire.WireException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer on a WebSocket that takes nothing, dialled and accepted. */
@Timeout(120)
class WebSocketStallTest {
    private static final int SOFT_BYTES = 1 << 20;
    private static final int MESSAGE_BYTES = 64 << 10;
    /** More than an operating system keeps for a connection. */
    private static final long MOST_BYTES = 64L << 20;

    private final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();

    @Test
    void shouldCutAPeerThatDialledAndTakesNothingAfterABoundedNumberOfBytes() throws Exception {
        try (Swarm stalling = swarm(0, 0);
                Swarm sending = swarm(100, 250);
                WebSocketServer server = WebSocketServer.start(sending, anyPort())) {
            Connection stalled = stalling.connect(Endpoint.webSocket(server.address()), sending.publicKey());
            stalled.pause();
            expectCut(take());
        }
    }

    @Test
    void shouldCutAPeerThatWasDialledAndTakesNothingAfterABoundedNumberOfBytes() throws Exception {
        try (Swarm stalling = swarm(0, 0);
                Swarm sending = swarm(100, 250);
                WebSocketServer server = WebSocketServer.start(stalling, anyPort())) {
            Connection connection = sending.connect(Endpoint.webSocket(server.address()), stalling.publicKey());
            take().pause();
            expectCut(connection);
        }
    }

    private static void expectCut(Connection connection) throws Exception {
        CompletableFuture<WireException> closed = connection.closed();
        Silent handler = new Silent();
        Channel channel = connection.mux().open(new ChannelSpec("stall", null, new byte[0], handler));
        var _ = closed.thenRun(handler.mayGoOn::release);
        for (long sent = 0; sent < MOST_BYTES; sent += MESSAGE_BYTES) {
            handler.mayGoOn.drainPermits();
            if (closed.isDone()) break;
            if (channel.send(0, new byte[MESSAGE_BYTES])) continue;
            assertThat(connection.queuedBytes()).isLessThan(SOFT_BYTES + 2 * MESSAGE_BYTES);
            handler.mayGoOn.acquire();
        }
        WireException end = closed.get(60, TimeUnit.SECONDS);
        assertThat(end.reason()).isEqualTo(WireException.Reason.TIMED_OUT);
        assertThat(end).hasMessageContaining("took nothing");
        assertThat(connection.bytesWritten()).isLessThan(MOST_BYTES);
    }

    /** What the peer's channel would hear. */
    private static final class Silent implements ChannelHandler {
        /** A permit for each time that what waited is written, and for the end. */
        private final Semaphore mayGoOn = new Semaphore(0);

        @Override
        public void onDrain(Channel channel) {
            mayGoOn.release();
        }

        @Override
        public void onMessage(Channel channel, int type, CompactDecoder payload) {
            throw new AssertionError("the stalled peer says nothing");
        }
    }

    private Connection take() throws InterruptedException {
        Connection connection = accepted.poll(60, TimeUnit.SECONDS);
        assertThat(connection).as("nobody connected").isNotNull();
        return connection;
    }

    private Swarm swarm(long keepAliveMs, long idleTimeoutMs) {
        SwarmOptions options = SwarmOptions.defaults()
                .withTimes(30_000, keepAliveMs, idleTimeoutMs)
                .withOutbox(SOFT_BYTES, 16 << 20);
        return new Swarm(
                KeyPair.generate(Entropy.system()),
                connection -> {
                    if (!connection.initiator()) accepted.add(connection);
                },
                options);
    }

    private static InetSocketAddress anyPort() throws IOException {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }
}
