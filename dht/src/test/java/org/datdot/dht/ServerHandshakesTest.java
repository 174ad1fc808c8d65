package org.datdot.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.wire.NoiseSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a server does with handshakes, honest and other ones. */
class ServerHandshakesTest {
    private static final KeyPair SERVER = KeyPair.fromSeed(MessageTest.filled(32, 4));
    private static final PeerAddress CLIENT = PeerAddress.parse("1.2.3.4:5");
    private final Entropy entropy = new Random(1)::nextBytes;
    private final List<FakeStream> streams = new ArrayList<>();
    private @Nullable PeerAddress open = PeerAddress.parse("5.6.7.8:9");
    private boolean admitting = true;
    private boolean working = true;
    private final List<Runnable> undone = new ArrayList<>();
    private final SimulatedNetwork network = new SimulatedNetwork(1);
    private final SimulatedNetwork.Host host = network.bootstrapper();
    private final ServerHandshakes server = new ServerHandshakes(
            new ServerHandshakes.Parts(
                    SERVER,
                    entropy,
                    () -> new ServerHandshakes.Place(
                            open,
                            new LocalAddresses(List.of()),
                            List.of(new NoisePayload.Relay(MessageTest.OTHER, MessageTest.OWN))),
                    (remote, from) -> admitting,
                    watcher -> {
                        FakeStream stream = new FakeStream();
                        streams.add(stream);
                        return stream;
                    },
                    new Work() {
                        @Override
                        public <T> void run(Supplier<T> what, Consumer<T> then) {
                            if (working) then.accept(what.get());
                            else undone.add(() -> then.accept(what.get()));
                        }
                    },
                    () -> null,
                    _ -> true),
            new Punching(host.node, host));

    private static final class FakeStream implements PeerStreams.PeerStream {
        private @Nullable NoiseSession session;
        private @Nullable PeerAddress remote;
        private boolean abandoned;

        @Override
        public long id() {
            return 77;
        }

        @Override
        public void agree(NoiseSession agreed, long remoteId) {
            assertThat(remoteId).isEqualTo(4_000_000_000L);
            session = agreed;
        }

        @Override
        public void connect(LocalSocket socket, PeerAddress to) {
            remote = to;
        }

        @Override
        public void relay(PeerStreams.RelayRequest request) {
            throw new AssertionError("nobody asked for a relay");
        }

        @Override
        public boolean abandon() {
            abandoned = remote == null;
            return abandoned;
        }
    }

    private ConnectHandshake client() {
        return ConnectHandshake.client(KeyPair.generate(entropy), SERVER.publicKey(), entropy);
    }

    private static NoisePayload payload(Firewall firewall) {
        NoisePayload.Udx udx = new NoisePayload.Udx(false, 4_000_000_000L, 0);
        return new NoisePayload(1, 0, firewall, null, List.of(), udx, true, null, List.of());
    }

    private byte @Nullable [] relayed(byte[] noise, long nowMs) {
        return knock(noise, CLIENT, false, LocalSocket.SERVER, nowMs);
    }

    private byte @Nullable [] knock(byte[] noise, PeerAddress client, boolean direct, LocalSocket socket, long nowMs) {
        List<byte[]> answers = new ArrayList<>();
        Router.Knock knock =
                new Router.Knock(noise.clone(), client, MessageTest.OTHER, direct, MessageTest.OWN, socket, nowMs);
        server.handshake(knock, reply -> answers.add(reply.message()));
        assertThat(answers).hasSizeLessThanOrEqualTo(1);
        return answers.isEmpty() ? null : answers.getFirst();
    }

    @Test
    void shouldAnswerARepeatedHandshakeAlikeAndMakeOneStream() {
        ConnectHandshake client = client();
        byte[] noise = client.send(payload(Firewall.UNKNOWN));
        byte[] reply = Objects.requireNonNull(relayed(noise, 0));
        assertThat(relayed(noise, 5_000)).isEqualTo(reply);
        assertThat(streams).hasSize(1);
        NoisePayload answer = client.receive(reply.clone());
        assertThat(answer.firewall()).isEqualTo(Firewall.OPEN);
        assertThat(answer.addresses4()).containsExactly(Objects.requireNonNull(open));
        assertThat(Objects.requireNonNull(answer.udx()).id()).isEqualTo(77);
        assertThat(answer.relayAddresses()).containsExactly(MessageTest.OTHER);
        NoiseSession session = Objects.requireNonNull(streams.getFirst().session);
        assertThat(session.rx()).isEqualTo(client.session().tx());
        assertThat(streams.getFirst().remote)
                .as("it waits for the client's first packet")
                .isNull();
        server.expire(ServerHandshakes.KEPT_MS);
        assertThat(streams.getFirst().abandoned).isTrue();
        assertThat(server.size()).isZero();
    }

    @Test
    void shouldConnectAtOnceWhenTheClientIsOpenOrCameItself() {
        assertThat(relayed(client().send(payload(Firewall.OPEN)), 0)).isNotNull();
        assertThat(streams.getFirst().remote).isEqualTo(CLIENT);
        byte[] direct = client().send(payload(Firewall.RANDOM));
        assertThat(knock(direct, CLIENT, true, LocalSocket.CLIENT, 0)).isNotNull();
        assertThat(streams.getLast().remote).isEqualTo(CLIENT);
        server.expire(ServerHandshakes.KEPT_MS);
        assertThat(streams).noneMatch(stream -> stream.abandoned);
    }

    @Test
    void shouldStaySilentWhenTheFirewallHookRefuses() {
        admitting = false;
        byte[] noise = client().send(payload(Firewall.UNKNOWN));
        assertThat(relayed(noise, 0)).isNull();
        admitting = true;
        assertThat(relayed(noise, 1))
                .as("a repeated message is not asked about again")
                .isNull();
        assertThat(streams).isEmpty();
    }

    @Test
    void shouldSayWhatIsWrongWhenTheClientIsOfAnotherVersionOrHasNoStream() {
        ConnectHandshake without = client();
        NoisePayload bare = new NoisePayload(1, 0, Firewall.OPEN, null, List.of(), null, false, null, List.of());
        byte[] reply = Objects.requireNonNull(relayed(without.send(bare), 0));
        assertThat(without.receive(reply).error()).isEqualTo(ConnectError.ABORTED);
        assertThat(streams).isEmpty();
    }

    @Test
    void shouldKeepLittleWhenFloodedWithGarbageAndHandshakes() {
        Random random = new Random(7);
        for (int i = 0; i < 1_000; i++) {
            byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            assertThat(relayed(garbage, i)).as("seed 7, message %d", i).isNull();
            assertThat(server.size()).isLessThanOrEqualTo(ServerHandshakes.MAX_PER_HOST);
        }
        assertThat(streams).isEmpty();
        assertThat(relayed(client().send(payload(Firewall.UNKNOWN)), 1_000))
                .as("this host has had its share")
                .isNull();
        PeerAddress elsewhere = PeerAddress.parse("9.9.9.9:9");
        byte[] other = client().send(payload(Firewall.UNKNOWN));
        assertThat(knock(other, elsewhere, false, LocalSocket.SERVER, 1_000))
                .as("others are served")
                .isNotNull();
        for (int host = 0; host < 3_000; host++) {
            byte[] garbage = new byte[100];
            random.nextBytes(garbage);
            knock(garbage, new PeerAddress(host + 1, 1), false, LocalSocket.SERVER, 2_000);
        }
        assertThat(server.size()).isEqualTo(ServerHandshakes.MAX);
        long later = 2_000 + ServerHandshakes.KEPT_MS;
        assertThat(relayed(client().send(payload(Firewall.UNKNOWN)), later))
                .as("it recovers")
                .isNotNull();
        assertThat(server.size()).isEqualTo(1);
        server.close();
        assertThat(streams).hasSize(2).allMatch(stream -> stream.abandoned);
    }

    @Test
    void shouldComputeOnlySoManyHandshakesAtATimeWhenOneHostFloods() {
        working = false;
        for (int i = 0; i < 100; i++) relayed(client().send(payload(Firewall.UNKNOWN)), 0);
        assertThat(undone).hasSize(ServerHandshakes.MAX_AT_WORK_PER_HOST);
        for (int host = 0; host < 300; host++) {
            knock(client().send(payload(Firewall.UNKNOWN)), new PeerAddress(host + 1, 1), false, LocalSocket.SERVER, 0);
        }
        assertThat(undone).hasSize(ServerHandshakes.MAX_AT_WORK);
        for (int i = 0; i < undone.size(); i++) undone.get(i).run();
        assertThat(undone).as("each takes two steps").hasSize(2 * ServerHandshakes.MAX_AT_WORK);
        assertThat(streams).hasSize(ServerHandshakes.MAX_AT_WORK);
        working = true;
        assertThat(relayed(client().send(payload(Firewall.UNKNOWN)), 1))
                .as("there is room again")
                .isNotNull();
    }

    @Test
    void shouldAnswerAllWhoBringTheSameHandshakeWhileItIsComputed() {
        working = false;
        byte[] noise = client().send(payload(Firewall.UNKNOWN));
        List<Router.Reply> replies = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Router.Knock knock =
                    new Router.Knock(noise, CLIENT, MessageTest.OTHER, false, MessageTest.OWN, LocalSocket.SERVER, 0);
            server.handshake(knock, replies::add);
        }
        for (int i = 0; i < undone.size(); i++) undone.get(i).run();
        assertThat(undone).hasSize(2);
        assertThat(replies).hasSize(ServerHandshakes.MAX_WAITING);
        assertThat(streams).hasSize(1);
    }

    /** What the server answers to a box with what a client says of punching. */
    private @Nullable HolepunchPayload punch(long id, HolepunchSecret secret, byte[] box) {
        List<byte[]> answers = new ArrayList<>();
        Router.Knock knock = new Router.Knock(
                box.clone(), CLIENT, MessageTest.OTHER, false, MessageTest.OWN, LocalSocket.SERVER, 1_000);
        server.holepunch(id, knock, reply -> answers.add(reply.message()));
        assertThat(answers).hasSizeLessThanOrEqualTo(1);
        return answers.isEmpty() ? null : secret.decrypt(answers.getFirst());
    }

    private static HolepunchPayload punching(long round) {
        return new HolepunchPayload(
                ConnectError.NONE, Firewall.CONSISTENT, round, false, true, List.of(CLIENT), null, null, null);
    }

    @Test
    void shouldNotAnswerBoxesThatWereChangedOrMadeForAnotherHandshakeAndNotGoBackWhenOneIsReplayed() {
        open = null;
        ConnectHandshake client = client();
        byte[] reply = Objects.requireNonNull(relayed(client.send(payload(Firewall.CONSISTENT)), 0));
        long id = Objects.requireNonNull(client.receive(reply).holepunch()).id();
        HolepunchSecret secret = client.holepunchSecret(entropy);
        ConnectHandshake another = client();
        byte[] otherReply = Objects.requireNonNull(relayed(another.send(payload(Firewall.CONSISTENT)), 0));
        long otherId =
                Objects.requireNonNull(another.receive(otherReply).holepunch()).id();

        byte[] early = secret.encrypt(punching(1));
        assertThat(Objects.requireNonNull(punch(id, secret, early)).punching()).isTrue();
        assertThat(punch(otherId, secret, early)).as("for another handshake").isNull();
        assertThat(punch(id + 1_000, secret, early)).as("for no handshake").isNull();
        for (int i = 0; i < early.length; i++) {
            byte[] changed = early.clone();
            changed[i] ^= 1;
            assertThat(punch(id, secret, changed)).as("byte %d changed", i).isNull();
        }
        assertThat(Objects.requireNonNull(punch(id, secret, secret.encrypt(punching(5))))
                        .round())
                .isEqualTo(5);
        int sockets = host.punching();
        for (int i = 0; i < 100; i++) {
            assertThat(Objects.requireNonNull(punch(id, secret, early)).round())
                    .as("replay %d", i)
                    .isEqualTo(5);
        }
        assertThat(host.punching()).as("replays open no sockets").isEqualTo(sockets);
        server.expire(ServerHandshakes.KEPT_WHILE_PUNCHING_MS);
        assertThat(punch(id, secret, early))
                .as("after the handshake was forgotten")
                .isNull();
    }

    @Test
    void shouldPunchForOnlySoManyOfOneHost() {
        open = null;
        for (int i = 0; i < 50; i++) {
            byte[] reply = relayed(client().send(payload(Firewall.UNKNOWN)), 0);
            assertThat(reply == null).isEqualTo(i >= ServerHandshakes.MAX_PUNCHING_PER_HOST);
        }
        assertThat(host.punching()).isEqualTo(ServerHandshakes.MAX_PUNCHING_PER_HOST);
        server.expire(ServerHandshakes.KEPT_MS);
        assertThat(server.size()).as("the punches go on").isEqualTo(ServerHandshakes.MAX_PUNCHING_PER_HOST);
        server.expire(ServerHandshakes.KEPT_WHILE_PUNCHING_MS);
        assertThat(server.size()).isZero();
        assertThat(host.punching()).isZero();
        host.maxSockets = 0;
        assertThat(relayed(client().send(payload(Firewall.UNKNOWN)), 100_000))
                .as("no sockets left")
                .isNull();
    }
}
