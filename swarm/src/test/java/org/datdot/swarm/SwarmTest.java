package org.datdot.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.encoding.CompactDecoder;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelHandler;
import org.datdot.wire.ChannelSpec;
import org.datdot.wire.NoiseHandshake;
import org.datdot.wire.WireException;
import org.datdot.wire.WireException.Reason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SwarmTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final byte[] NONE = new byte[0];

    private final List<Swarm> swarms = new ArrayList<>();
    private final Map<Swarm, KeyPair> keys = new HashMap<>();
    private final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();

    @AfterEach
    void closeAll() {
        swarms.forEach(Swarm::close);
    }

    @Test
    void shouldEchoMessagesOfAllSizesWhenConnected() throws Exception {
        Connection connection = connect(echoServer(options()));
        Talk talk = new Talk();
        Channel channel = connection.mux().open(spec("echo", talk));
        Random random = new Random(5);
        for (int size : new int[] {0, 1, 230, 512, 65_535, 65_536, 262_144, 1 << 20, 15 << 20, 3, 100_000}) {
            byte[] message = new byte[size];
            random.nextBytes(message);
            channel.send(0, message);
            assertThat(talk.next()).isEqualTo(message);
        }
        assertThat(connection.bytesWritten()).isGreaterThan(15 << 20);
    }

    @Test
    void shouldDeliverEverythingInOrderWhenManyMessagesOfRandomSizesFlow() throws Exception {
        long seed = 42;
        Random random = new Random(seed);
        Connection connection = connect(echoServer(options()));
        Talk talk = new Talk();
        Channel channel = connection.mux().open(spec("echo", talk));
        List<byte[]> sent = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            byte[] message = new byte[random.nextInt(random.nextInt(50) == 0 ? 400_000 : 3000)];
            random.nextBytes(message);
            sent.add(message);
            if (!channel.send(0, message)) {
                talk.drained.acquire();
            }
        }
        for (byte[] message : sent) {
            assertThat(talk.next()).as("seed %d", seed).isEqualTo(message);
        }
    }

    @Test
    void shouldKnowEachOtherWhenConnected() throws Exception {
        Swarm server = server(options());
        Swarm client = swarm(options());
        Connection out = client.connect(listen(server), server.publicKey());
        Connection in = next(accepted);
        assertThat(out.remotePublicKey()).isEqualTo(server.publicKey());
        assertThat(in.remotePublicKey()).isEqualTo(client.publicKey());
        assertThat(out.initiator()).isTrue();
        assertThat(in.initiator()).isFalse();
        assertThat(out.mux().handshakeHash()).isEqualTo(in.mux().handshakeHash());
        assertThat(client.connections()).containsExactly(out);
        out.close();
        assertThat(reasonOf(out)).isEqualTo(Reason.CLOSED);
        assertThat(reasonOf(in)).isEqualTo(Reason.DISCONNECTED);
        assertThat(client.connections()).isEmpty();
        assertThat(server.connections()).isEmpty();
    }

    @Test
    void shouldConnectOverAStreamWhenTheHandshakeTookAnotherWay() throws Exception {
        KeyPair mine = KeyPair.generate(Entropy.system());
        Swarm client = swarm(options());
        Swarm server = echoServer(options());
        NoiseHandshake dialling =
                new NoiseHandshake(NoiseHandshake.Pattern.IK, true, mine, NONE, server.publicKey(), Entropy.system());
        NoiseHandshake accepting =
                new NoiseHandshake(NoiseHandshake.Pattern.IK, false, serverKeys(server), NONE, null, Entropy.system());
        accepting.receive(dialling.send(NONE));
        dialling.receive(accepting.send(NONE));
        try (ServerSocketChannel door = ServerSocketChannel.open().bind(ANY_PORT)) {
            TcpStream near = new TcpStream();
            near.dial((InetSocketAddress) door.getLocalAddress());
            TcpStream far = new TcpStream(door.accept());
            far.accepted();
            CompletableFuture<Connection> served = CompletableFuture.supplyAsync(() -> {
                try {
                    return server.adopt(far, accepting.session());
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            Connection connection = client.adopt(near, dialling.session());
            assertThat(connection.remotePublicKey()).isEqualTo(server.publicKey());
            assertThat(served.get().remotePublicKey()).isEqualTo(mine.publicKey());
            Talk talk = new Talk();
            connection.mux().open(spec("echo", talk)).send(0, new byte[] {4});
            assertThat(talk.next()).containsExactly(4);
        }
    }

    @Test
    void shouldWriteWhatIsQueuedWhenClosedGracefully() throws Exception {
        Talk received = new Talk();
        Swarm server = swarm(options(), c -> serve(c, "p", received));
        Swarm client = swarm(options());
        Connection connection = client.connect(listen(server), server.publicKey());
        Channel channel = connection.mux().open(spec("p", new Talk()));
        for (int i = 0; i < 40; i++) {
            channel.send(0, new byte[100_000]);
        }
        connection.close();
        for (int i = 0; i < 40; i++) {
            assertThat(received.next()).hasSize(100_000);
        }
        assertThat(received.closed.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldRefuseWhenThePeerHoldsAnotherKey() throws Exception {
        InetSocketAddress address = listen(server(options()));
        Swarm client = swarm(options());
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> client.connect(address, client.publicKey()))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.WRONG_KEY));
        assertThat(client.connections()).isEmpty();
    }

    @Test
    void shouldSayWhatToDoWhenThePortIsTaken() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress taken = (InetSocketAddress) other.getLocalSocketAddress();
            assertThatThrownBy(() -> swarm(options()).listen(taken))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("port " + taken.getPort())
                    .hasMessageContaining("choose another port");
        }
    }

    @Test
    void shouldSayWhatToDoWhenNobodyListens() throws Exception {
        InetSocketAddress nobody;
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = (InetSocketAddress) other.getLocalSocketAddress();
        }
        assertThatThrownBy(() -> swarm(options()).connect(nobody, null))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("check the address");
    }

    @Test
    void shouldDropWhenAPeerConnectsAndSaysNothing() throws Exception {
        InetSocketAddress address = listen(server(options().withTimes(200, 0, 0)));
        try (Socket silent = new Socket(address.getAddress(), address.getPort())) {
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void shouldGiveUpWhenTheDialledPeerSaysNothing() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Swarm client = swarm(options().withTimes(200, 0, 0));
            assertThatExceptionOfType(WireException.class)
                    .isThrownBy(() -> client.connect((InetSocketAddress) silent.getLocalSocketAddress(), null))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.TIMED_OUT));
        }
    }

    @Test
    void shouldKeepServingOthersWhenStrangersSendGarbage() throws Exception {
        InetSocketAddress address = listen(server(options()));
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            byte[] garbage = new byte[random.nextInt(3, 500)];
            random.nextBytes(garbage);
            if (random.nextBoolean()) { // a frame of the right length for a first message
                garbage = new byte[35];
                random.nextBytes(garbage);
                garbage[0] = 32;
                garbage[1] = 0;
                garbage[2] = 0;
            }
            try (Socket stranger = new Socket(address.getAddress(), address.getPort())) {
                stranger.getOutputStream().write(garbage);
                stranger.shutdownOutput();
                drain(stranger);
            }
        }
        try (Socket http = new Socket(address.getAddress(), address.getPort())) {
            http.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            drain(http);
        }
        assertThat(accepted).isEmpty();
        assertThat(swarm(options()).connect(address, null).closed()).isNotDone();
    }

    @Test
    void shouldEndOnlyThatConnectionWhenMessagesAreTamperedWith() throws Exception {
        Swarm server = server(options());
        InetSocketAddress address = listen(server);
        Connection good = swarm(options()).connect(address, server.publicKey());
        next(accepted);
        try (ServerSocket middle = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            // A man in the middle who changes one byte of the first message after the handshake (35 + 67 + 59 bytes).
            Thread.ofVirtual().start(() -> relay(middle, address, 35 + 67 + 59 + 10));
            Connection bad = swarm(options()).connect((InetSocketAddress) middle.getLocalSocketAddress(), null);
            Connection atServer = next(accepted);
            bad.mux().open(spec("p", new Talk()));
            assertThat(reasonOf(atServer)).isEqualTo(Reason.BAD_MESSAGE);
            assertThat(reasonOf(bad)).isEqualTo(Reason.DISCONNECTED);
        }
        assertThat(server.connections()).hasSize(1);
        assertThat(good.closed()).isNotDone();
    }

    @Test
    void shouldRefuseMoreHandshakesWhenTheLimitIsReached() throws Exception {
        InetSocketAddress address = listen(server(options().withLimits(10, 2)));
        Socket one = new Socket(address.getAddress(), address.getPort());
        try (Socket two = new Socket(address.getAddress(), address.getPort());
                Socket three = new Socket(address.getAddress(), address.getPort())) {
            assertThat(three.getInputStream().read()).isEqualTo(-1);
            assertThat(one.isConnected() && two.isConnected()).isTrue();
            one.close();
            Swarm client = swarm(options());
            // The slot of the first is free as soon as the server has noticed.
            Connection connection = null;
            while (connection == null) {
                try {
                    connection = client.connect(address, null);
                } catch (WireException e) {
                    assertThat(e.reason()).isEqualTo(Reason.DISCONNECTED);
                }
            }
            assertThat(connection.closed()).isNotDone();
        }
    }

    @Test
    void shouldRefuseMoreConnectionsWhenTheLimitIsReached() throws Exception {
        InetSocketAddress address = listen(server(options().withLimits(1, 5)));
        Swarm client = swarm(options());
        Connection first = client.connect(address, null);
        assertThatExceptionOfType(WireException.class).isThrownBy(() -> client.connect(address, null));
        assertThat(first.closed()).isNotDone();
        Swarm narrow = swarm(options().withLimits(1, 5));
        InetSocketAddress other = listen(server(options()));
        narrow.connect(other, null);
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> narrow.connect(other, null))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT_EXCEEDED));
    }

    @Test
    void shouldNotGrowWhenThePeerReadsSlowly() throws Exception {
        Talk slow = new Talk();
        Swarm server = server(options());
        Connection connection = swarm(options()).connect(listen(server), server.publicKey());
        Connection atServer = next(accepted);
        serve(atServer, "p", slow);
        atServer.pause();
        Talk talk = new Talk();
        Channel channel = connection.mux().open(spec("p", talk));
        int count = 0;
        do { // until neither the outbox nor the kernel takes more
            while (channel.writable()) {
                channel.send(0, new byte[65_536]);
                count++;
            }
        } while (talk.drained.tryAcquire(300, TimeUnit.MILLISECONDS));
        assertThat(count).isBetween(16, 1000);
        atServer.resume();
        assertThat(talk.drained.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < count; i++) {
            assertThat(slow.next()).hasSize(65_536);
        }
    }

    @Test
    void shouldFailTheConnectionWhenAHandlerIgnoresThatItIsNotWritable() throws Exception {
        Swarm server = server(options());
        Connection connection =
                swarm(options().withOutbox(1 << 16, 1 << 20)).connect(listen(server), server.publicKey());
        Connection atServer = next(accepted);
        atServer.pause();
        Channel channel = connection.mux().open(spec("p", new Talk()));
        for (int i = 0; i < 2000 && !connection.closed().isDone(); i++) {
            channel.send(0, new byte[65_536]);
        }
        assertThat(reasonOf(connection)).isEqualTo(Reason.OUTBOX_OVERFLOW);
        atServer.resume();
        assertThat(reasonOf(atServer)).isEqualTo(Reason.DISCONNECTED);
    }

    @Test
    void shouldEndTheConnectionWhenAHandlerFails() throws Exception {
        Swarm server = swarm(options(), c -> {
            accepted.add(c);
            serve(c, "p", new ChannelHandler() {
                @Override
                public void onMessage(Channel channel, int type, CompactDecoder payload) {
                    throw new IllegalStateException("boom");
                }
            });
        });
        Connection connection = swarm(options()).connect(listen(server), server.publicKey());
        connection.mux().open(spec("p", new Talk())).send(0, NONE);
        assertThat(reasonOf(next(accepted))).isEqualTo(Reason.HANDLER_FAILED);
        assertThat(reasonOf(connection)).isEqualTo(Reason.DISCONNECTED);
    }

    @Test
    void shouldRefuseWhenTheListenerFails() throws Exception {
        InetSocketAddress address = listen(server(options()));
        Swarm client = swarm(options(), c -> {
            throw new IllegalStateException("boom");
        });
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> client.connect(address, null))
                .withMessageContaining("boom");
        assertThat(client.connections()).isEmpty();
    }

    @Test
    void shouldSendKeepAlivesAndNoticeSilenceByTheClockHandedIn() throws Exception {
        AtomicLong clock = new AtomicLong();
        SwarmOptions timed = options().withSources(Entropy.system(), clock::get).withTimes(3_600_000, 5_000, 20_000);
        Swarm server = server(timed);
        Swarm client = swarm(options().withTimes(3_600_000, 0, 0));
        Connection quiet = client.connect(listen(server), server.publicKey());
        Connection atServer = next(accepted);
        long before = quiet.bytesRead();
        clock.addAndGet(TimeUnit.SECONDS.toNanos(5));
        server.tick();
        while (quiet.bytesRead() < before + 20) { // an empty message is 20 bytes
            Thread.onSpinWait();
        }
        // This peer never sent a keep-alive: it may be a stock peer, and is not timed out.
        clock.addAndGet(TimeUnit.SECONDS.toNanos(100));
        server.tick();
        assertThat(atServer.closed()).isNotDone();
    }

    @Test
    void shouldTimeOutWhenAPeerThatSendsKeepAlivesFallsSilent() throws Exception {
        AtomicLong clock = new AtomicLong();
        AtomicLong peerClock = new AtomicLong();
        Swarm server =
                server(options().withSources(Entropy.system(), clock::get).withTimes(Integer.MAX_VALUE, 0, 20_000));
        Swarm peer =
                swarm(options().withSources(Entropy.system(), peerClock::get).withTimes(Integer.MAX_VALUE, 5_000, 0));
        peer.connect(listen(server), server.publicKey());
        Connection atServer = next(accepted);
        long before = atServer.bytesRead();
        peerClock.addAndGet(TimeUnit.SECONDS.toNanos(5));
        peer.tick(); // its only keep-alive: its clock stands still from here on
        while (atServer.bytesRead() < before + 20) {
            Thread.onSpinWait();
        }
        while (!atServer.closed().isDone()) {
            clock.addAndGet(TimeUnit.SECONDS.toNanos(20));
            server.tick();
        }
        assertThat(reasonOf(atServer)).isEqualTo(Reason.TIMED_OUT);
    }

    @Test
    void shouldCloseAllWhenTheSwarmCloses() throws Exception {
        Swarm server = server(options());
        InetSocketAddress address = listen(server);
        Connection connection = swarm(options()).connect(address, null);
        server.close();
        assertThat(reasonOf(connection)).isEqualTo(Reason.DISCONNECTED);
        assertThat(server.connections()).isEmpty();
        assertThatThrownBy(() -> swarm(options()).connect(address, null)).isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> server.listen(ANY_PORT)).isInstanceOf(IllegalStateException.class);
    }

    private static void relay(ServerSocket middle, InetSocketAddress target, int changedByte) {
        try (Socket in = middle.accept();
                Socket out = new Socket(target.getAddress(), target.getPort())) {
            Thread back = Thread.ofVirtual().start(() -> copy(out, in, -1));
            copy(in, out, changedByte);
            back.join();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(Socket from, Socket to, int changedByte) {
        try {
            InputStream in = from.getInputStream();
            for (int i = 0, b = in.read(); b >= 0; b = in.read(), i++) {
                to.getOutputStream().write(i == changedByte ? b ^ 1 : b);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            assertThat(e).hasMessageMatching("(?i).*(closed|reset|pipe).*");
        }
    }

    private static void drain(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset"); // the server left without reading everything
        }
    }

    private Swarm echoServer(SwarmOptions options) {
        return swarm(
                options,
                c -> serve(c, "echo", new ChannelHandler() {
                    @Override
                    public void onMessage(Channel channel, int type, CompactDecoder payload) {
                        channel.send(1, payload.raw());
                    }
                }));
    }

    /** Opens a channel when the peer does. */
    private static void serve(Connection connection, String protocol, ChannelHandler handler) {
        connection.mux().pair(protocol, (mux, id) -> mux.open(spec(protocol, handler)));
    }

    private Connection connect(Swarm server) throws IOException {
        return swarm(options()).connect(listen(server), server.publicKey());
    }

    private Swarm server(SwarmOptions options) {
        return swarm(options, accepted::add);
    }

    private Swarm swarm(SwarmOptions options) {
        return swarm(options, c -> {});
    }

    private KeyPair serverKeys(Swarm swarm) {
        return Objects.requireNonNull(keys.get(swarm));
    }

    private Swarm swarm(SwarmOptions options, SwarmListener listener) {
        KeyPair own = KeyPair.generate(Entropy.system());
        Swarm swarm = new Swarm(own, listener, options);
        keys.put(swarm, own);
        swarms.add(swarm);
        return swarm;
    }

    private static SwarmOptions options() {
        return SwarmOptions.defaults();
    }

    private static InetSocketAddress listen(Swarm swarm) throws IOException {
        return swarm.listen(ANY_PORT);
    }

    private static ChannelSpec spec(String protocol, ChannelHandler handler) {
        return new ChannelSpec(protocol, null, NONE, handler);
    }

    private static Connection next(BlockingQueue<Connection> queue) throws InterruptedException {
        Connection connection = queue.poll(20, TimeUnit.SECONDS);
        assertThat(connection).isNotNull();
        return connection;
    }

    private static Reason reasonOf(Connection connection) throws Exception {
        return connection.closed().get(20, TimeUnit.SECONDS).reason();
    }

    private static final class Talk implements ChannelHandler {
        private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
        final Semaphore drained = new Semaphore(0);
        final CountDownLatch closed = new CountDownLatch(1);

        byte[] next() throws InterruptedException {
            byte[] message = messages.poll(20, TimeUnit.SECONDS);
            assertThat(message).isNotNull();
            return message;
        }

        @Override
        public void onMessage(Channel channel, int type, CompactDecoder payload) {
            messages.add(payload.raw());
        }

        @Override
        public void onClose(Channel channel, boolean byRemote) {
            closed.countDown();
        }

        @Override
        public void onDrain(Channel channel) {
            drained.release();
        }
    }
}
