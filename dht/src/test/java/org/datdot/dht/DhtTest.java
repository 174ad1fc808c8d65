package org.datdot.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.DhtException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes on real sockets, on loopback. Against stock nodes: the module interop. */
@Timeout(120)
class DhtTest {
    private static final PeerAddress LOOPBACK = PeerAddress.parse("127.0.0.1:0");
    private static final KeyPair KEYS = KeyPair.fromSeed(MessageTest.filled(32, 3));
    private static final Target TOPIC = new Target(MessageTest.filled(32, 7));

    @Test
    void shouldFindWhatAnotherNodeAnnouncedAndStored() throws IOException {
        try (Dht first = Dht.bootstrapper(LOOPBACK);
                Dht second = joined(first, DhtOptions.Mode.PERSISTENT);
                Dht reader = joined(first, DhtOptions.Mode.EPHEMERAL)) {
            assertThat(first.info().id()).isEqualTo(address(first).id());
            assertThat(reader.info().id()).isNull();
            assertThat(reader.nodes()).containsExactlyInAnyOrder(address(first), address(second));
            assertThat(second.announce(TOPIC, KEYS, List.of(address(second)))).containsExactly(address(first));
            List<PeerRecord> peers = new ArrayList<>();
            try (DhtResults<LookupResult> results = reader.lookup(TOPIC)) {
                while (results.hasNext()) peers.addAll(results.next().peers());
            }
            assertThat(peers).containsExactly(new PeerRecord(KEYS.publicKey(), List.of(address(second))));
            Target hash = reader.immutablePut(new byte[] {1, 2});
            assertThat(second.immutableGet(hash)).containsExactly(1, 2);
            reader.mutablePut(KEYS, new byte[] {3}, 9);
            MutableValue value = second.mutableGet(KEYS.publicKey(), 0);
            assertThat(value).isEqualTo(RecordSignatures.signMutable(9, new byte[] {3}, KEYS));
            assertThat(reader.ping(address(second))).isLessThan(Duration.ofMinutes(1));
            assertThat(first.info().announcements()).isEqualTo(1);
            assertThatThrownBy(() -> reader.immutablePut(new byte[Dht.MAX_VALUE_BYTES + 1]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldSayWhyWhenThereIsNoNetworkOrItIsSuspendedOrClosed() throws IOException {
        Dht alone = Dht.bootstrapper(LOOPBACK);
        alone.awaitBootstrapped();
        assertFails(() -> alone.immutablePut(new byte[1]), Reason.TOO_FEW_NODES);
        assertThat(alone.immutableGet(TOPIC)).isNull();
        assertThat(alone.lookup(TOPIC).hasNext()).isFalse();
        alone.suspend();
        assertFails(() -> alone.announce(TOPIC, KEYS, List.of()), Reason.SUSPENDED);
        alone.resume();
        assertFails(() -> alone.announce(TOPIC, KEYS, List.of()), Reason.TOO_FEW_NODES);
        alone.close();
        alone.close();
        assertFails(() -> assertThat(alone.lookup(TOPIC).hasNext()).isTrue(), Reason.CLOSED);
        assertFails(() -> alone.ping(address(alone)), Reason.CLOSED);
    }

    @Test
    void shouldGiveUpANodeThatDoesNotAnswer() throws IOException {
        try (UdpPort silent = UdpPort.bind(LOOPBACK.toSocketAddress());
                Dht dht = Dht.bootstrapper(LOOPBACK)) {
            LinkedBlockingQueue<byte[]> heard = new LinkedBlockingQueue<>();
            silent.listen((datagram, from) -> heard.add(datagram));
            assertFails(() -> dht.ping(PeerAddress.of(silent.localAddress())), Reason.TIMEOUT);
            assertThat(heard).hasSize(4);
            assertThat(dht.info().timeouts()).isEqualTo(1);
            assertThat(dht.info().retries()).isEqualTo(3);
        }
    }

    @Test
    void shouldFailTheWaitingThreadWhenItIsInterruptedOrTheNodeIsClosed() throws Exception {
        try (UdpPort silent = UdpPort.bind(LOOPBACK.toSocketAddress())) {
            CountDownLatch asked = new CountDownLatch(2);
            silent.listen((datagram, from) -> asked.countDown());
            PeerAddress address = PeerAddress.of(silent.localAddress());
            Dht dht = Dht.bootstrapper(LOOPBACK);
            CompletableFuture<Reason> interrupted = new CompletableFuture<>();
            CompletableFuture<Reason> closed = new CompletableFuture<>();
            Thread waiting = Thread.ofVirtual().start(() -> interrupted.complete(reason(dht, address)));
            Thread.ofVirtual().start(() -> closed.complete(reason(dht, address)));
            assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
            waiting.interrupt();
            assertThat(interrupted.get(60, TimeUnit.SECONDS)).isEqualTo(Reason.INTERRUPTED);
            dht.close();
            assertThat(closed.get(60, TimeUnit.SECONDS)).isEqualTo(Reason.CLOSED);
        }
    }

    @Test
    void shouldGoOnWhenGarbageComesIn() throws IOException, InterruptedException, ExecutionException {
        try (UdpPort garbage = UdpPort.bind(LOOPBACK.toSocketAddress());
                Dht dht = Dht.bootstrapper(LOOPBACK)) {
            CompletableFuture<byte[]> answer = new CompletableFuture<>();
            garbage.listen((datagram, from) -> answer.complete(datagram));
            garbage.send(new byte[] {1}, dht.localAddress());
            garbage.send(new byte[] {(byte) 0xff, 1, 2, 3}, dht.localAddress());
            garbage.send(new byte[] {3, 31, 2, 3}, dht.localAddress());
            garbage.send(new byte[60_000], dht.localAddress());
            Message.Request ping = new Message.Request(7, address(dht), null, null, true, Command.PING, null, null);
            garbage.send(ping.encode(), dht.localAddress());
            assertThat(Message.decode(answer.get()).tid()).isEqualTo(7);
            assertThat(dht.info().malformed()).isEqualTo(1);
        }
    }

    @Test
    void shouldTakeTheNextPortWhenItsOwnIsTaken() throws IOException {
        try (Dht first = Dht.bootstrapper(LOOPBACK);
                Dht second =
                        Dht.open(DhtOptions.joining(List.of(BootstrapNode.at(address(first)))), first.localAddress())) {
            assertThat(second.localAddress()).isNotEqualTo(first.localAddress());
            second.awaitBootstrapped();
            assertThat(second.nodes()).containsExactly(address(first));
        }
    }

    private static Reason reason(Dht dht, PeerAddress silent) {
        try {
            dht.ping(silent);
            throw new AssertionError("a silent node answered");
        } catch (DhtException e) {
            return e.reason();
        }
    }

    private static void assertFails(Runnable action, Reason reason) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        DhtException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    /** One that has found its neighbourhood, so that the next one finds it. */
    private static Dht joined(Dht first, DhtOptions.Mode mode) throws IOException {
        Dht dht = join(first, mode);
        dht.awaitBootstrapped();
        return dht;
    }

    private static Dht join(Dht bootstrap, DhtOptions.Mode mode) throws IOException {
        return Dht.open(
                DhtOptions.joining(List.of(BootstrapNode.at(address(bootstrap))))
                        .withReachable(mode),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static PeerAddress address(Dht dht) {
        return PeerAddress.of(dht.localAddress());
    }
}
