package org.datdot.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.udx.CloseReason;
import org.datdot.udx.DatagramListener;
import org.datdot.udx.StreamListener;
import org.datdot.udx.Udx;
import org.datdot.udx.UdxOptions;
import org.datdot.udx.UdxSocket;
import org.datdot.udx.UdxStream;
import org.datdot.wire.NoiseSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a stream whose relay goes away. The relay is the test. */
@Timeout(120)
class RelayedStreamTest {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final PublicKey RELAY =
            KeyPair.fromSeed(MessageTest.filled(32, 1)).publicKey();
    private static final NoiseSession SESSION = new NoiseSession(true, RELAY, new byte[64], new byte[32], new byte[32]);

    private final CompletableFuture<RelayDialer.Outcome> asked = new CompletableFuture<>();
    private final BlockingQueue<Boolean> pairingsClosed = new LinkedBlockingQueue<>();
    private final End ours = new End();
    private final End theirs = new End();
    private Udx udx;
    private Udx far;
    private PeerSockets sockets;
    private UdxPeerStream stream;
    private UdxSocket farSocket;
    private UdxStream farStream;

    /** Hears a stream. */
    private static final class End implements StreamListener {
        final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
        final BlockingQueue<Byte> read = new LinkedBlockingQueue<>();

        @Override
        public void onData(ByteBuffer data) {
            while (data.hasRemaining()) read.add(data.get());
        }

        @Override
        public void onClose(CloseReason reason) {
            closed.complete(reason);
        }
    }

    /** A stream that is connected to the other side as if that were a relay. */
    @BeforeEach
    void connect() throws Exception {
        udx = new Udx();
        far = new Udx();
        sockets = PeerSockets.bind(udx, ANY);
        farSocket = far.bind(ANY, DatagramListener.NONE);
        farStream = far.createStream(2, UdxOptions.defaults(), theirs, (_, _) -> true);
        sockets.relays((_, _, _, _, outcome) -> {
            asked.complete(outcome);
            return () -> pairingsClosed.add(true);
        });
        CompletableFuture<Peer> connected = new CompletableFuture<>();
        stream = new UdxPeerStream(
                1,
                sockets,
                peer -> {
                    connected.complete(peer);
                    return ours;
                },
                () -> {});
        stream.agree(SESSION, 2);
        stream.relay(new PeerStreams.RelayRequest(new NoisePayload.RelayThrough(RELAY, new byte[32]), true));
        RelayDialer.Outcome outcome = asked.get(60, TimeUnit.SECONDS);
        outcome.reached(sockets.server().socket(), farSocket.local());
        outcome.paired(2);
        farStream.connect(farSocket, 1, sockets.server().localAddress());
        connected.get(60, TimeUnit.SECONDS).stream().write(ByteBuffer.wrap(new byte[] {7}));
        assertThat(theirs.read.poll(60, TimeUnit.SECONDS)).isEqualTo((byte) 7);
    }

    @AfterEach
    void close() {
        udx.close();
        far.close();
    }

    @Test
    void shouldEndAndSayWhyWhenTheRelayIsGoneAndNoOtherWayIsFound() throws Exception {
        asked.join().lost();
        assertThat(ours.closed.get(60, TimeUnit.SECONDS)).isEqualTo(CloseReason.RELAY_LOST);
        assertThat(pairingsClosed.poll(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldSayThatItWasRelayedWhenNothingIsAcknowledgedAnyMore() {
        stream.onClose(CloseReason.TIMED_OUT);
        assertThat(ours.closed.join()).isEqualTo(CloseReason.RELAY_LOST);
    }

    @Test
    void shouldGoOnWhenTheRelayIsGoneButADirectWayIsFound() throws Exception {
        asked.join().lost();
        UdxSocket other = far.bind(ANY, DatagramListener.NONE);
        stream.connect(LocalSocket.SERVER, PeerAddress.of(other.local()));
        assertThatThrownBy(() -> ours.closed.get(UdxPeerStream.DIRECT_WAY_MS + 500, TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
        farStream.write(ByteBuffer.wrap(new byte[] {8}));
        assertThat(ours.read.poll(60, TimeUnit.SECONDS)).isEqualTo((byte) 8);
        stream.onClose(CloseReason.TIMED_OUT);
        assertThat(ours.closed.join()).isEqualTo(CloseReason.TIMED_OUT);
    }
}
