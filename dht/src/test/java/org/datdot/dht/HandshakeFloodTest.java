package org.datdot.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.udx.CloseReason;
import org.datdot.udx.StreamListener;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many hosts at once begin handshakes that cost a server its most: everything about them is right. */
@Timeout(120)
class HandshakeFloodTest {
    private static final int HOSTS = 40;
    private static final int EACH = 20;
    private static final int KEY_BYTES = 32;
    private static final KeyPair SERVER = KeyPair.fromSeed(MessageTest.filled(32, 4));

    /** Counts where keys are made, and lets those who make them aside wait until it is told otherwise. */
    private static final class CountingEntropy implements Entropy {
        final CountDownLatch gate = new CountDownLatch(1);
        final AtomicInteger byPackets = new AtomicInteger();
        final AtomicInteger aside = new AtomicInteger();
        private final Entropy system = Entropy.system();

        @Override
        public void fill(byte[] target) {
            if (target.length == KEY_BYTES) {
                if (Thread.currentThread().getName().equals("udx")) byPackets.incrementAndGet();
                else if (Thread.currentThread().isVirtual()) {
                    aside.incrementAndGet();
                    pass();
                }
            }
            system.fill(target);
        }

        private void pass() {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    private static final class Door implements PeerListener {
        final AtomicInteger admitted = new AtomicInteger();

        @Override
        public boolean admits(PublicKey remote, PeerAddress from) {
            admitted.incrementAndGet();
            return true;
        }

        @Override
        public StreamListener connected(Peer peer) {
            peer.stream().destroy();
            return new StreamListener() {
                @Override
                public void onData(ByteBuffer data) {
                    throw new AssertionError("nobody sends anything");
                }

                @Override
                public void onClose(CloseReason reason) {
                    // That is all that becomes of it.
                }
            };
        }
    }

    @Test
    void shouldKeepAnsweringPacketsWhileHandshakesAreComputed() throws IOException {
        CountingEntropy entropy = new CountingEntropy();
        Door door = new Door();
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Dht first = Dht.bootstrapper(PeerAddress.parse("127.0.0.1:0"))) {
            DhtOptions options = DhtOptions.joining(List.of(BootstrapNode.at(PeerAddress.of(first.localAddress()))))
                    .withReachable(DhtOptions.Mode.PERSISTENT)
                    .withEntropy(entropy, InstantSource.system());
            try (PeerNetwork network = PeerNetwork.open(options, any);
                    DhtServer server = network.listen(SERVER, door)) {
                PeerAddress address = PeerAddress.of(network.dht().localAddress());
                List<byte[]> knocks = knocks(address);
                int before = entropy.byPackets.get();
                int sent = 0;
                for (int host = 0; host < HOSTS; host++) {
                    send(host, knocks.subList(sent, sent += EACH), address);
                    assertThat(first.ping(address)).as("answered").isNotNull();
                }
                until(() -> entropy.aside.get() >= ServerHandshakes.MAX_AT_WORK);
                assertThat(entropy.aside.get()).isEqualTo(ServerHandshakes.MAX_AT_WORK);
                assertThat(door.admitted.get()).isEqualTo(ServerHandshakes.MAX_AT_WORK);
                entropy.gate.countDown();
                List<byte[]> dropped = knocks.subList(sent - EACH, sent);
                until(() -> {
                    send(HOSTS - 1, dropped, address);
                    return door.admitted.get() > ServerHandshakes.MAX_AT_WORK;
                });
                assertThat(entropy.byPackets.get() - before)
                        .as("keys for tokens are made there, now and then")
                        .isLessThan(10);
                assertThat(server.publicKey()).isEqualTo(SERVER.publicKey());
            }
        }
    }

    private static void send(int host, List<byte[]> knocks, PeerAddress to) {
        try (DatagramSocket socket = bind(host)) {
            for (byte[] knock : knocks) socket.send(new DatagramPacket(knock, knock.length, to.toSocketAddress()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The test's time limit ends what never comes. */
    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) LockSupport.parkNanos(1_000_000);
    }

    private static DatagramSocket bind(int host) throws IOException {
        try {
            return new DatagramSocket(new InetSocketAddress("127.0.1." + (host + 1), 0));
        } catch (BindException e) {
            Assumptions.abort("this machine has one loopback address only: " + e.getMessage());
            throw e;
        }
    }

    private static List<byte[]> knocks(PeerAddress to) {
        List<byte[]> knocks = new ArrayList<>();
        Entropy entropy = Entropy.system();
        NoisePayload payload = new NoisePayload(
                1, 0, Firewall.UNKNOWN, null, List.of(), new NoisePayload.Udx(false, 5, 0), true, null, List.of());
        KeyPair client = KeyPair.generate(entropy);
        while (knocks.size() < HOSTS * EACH) {
            byte[] noise =
                    ConnectHandshake.client(client, SERVER.publicKey(), entropy).send(payload);
            byte[] value = new HandshakeMessage(RelayMode.FROM_CLIENT, noise, null, null).encode();
            knocks.add(new Message.Request(
                            knocks.size(),
                            to,
                            null,
                            null,
                            false,
                            Command.Records.PEER_HANDSHAKE,
                            Target.of(SERVER.publicKey()),
                            value)
                    .encode());
        }
        return knocks;
    }
}
