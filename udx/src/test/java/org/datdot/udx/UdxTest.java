package org.datdot.udx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams over real sockets on this machine, by each way of sending and receiving that works here. */
@Timeout(120)
@ParameterizedClass
@MethodSource("org.datdot.udx.DatagramEngineTest#engines")
class UdxTest {
    private final DatagramEngineTest.Opener opener;

    UdxTest(DatagramEngineTest.Opener opener) {
        this.opener = opener;
    }

    private Udx udx() throws IOException {
        return new Udx(opener.open());
    }

    private static InetSocketAddress local(String host) {
        try {
            return new InetSocketAddress(InetAddress.getByName(host), 0);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldCarryBytesAndMessagesBothWaysAndEnd(String host) throws Exception {
        try (Udx one = udx();
                Udx two = udx()) {
            UdxSocket socketA = one.bind(local(host), DatagramListener.NONE);
            UdxSocket socketB = two.bind(local(host), DatagramListener.NONE);
            LivePeer a = new LivePeer(5, 6);
            LivePeer b = new LivePeer(6, 5);
            a.attach(one.createStream(7, UdxOptions.defaults(), a));
            b.attach(two.createStream(8, UdxOptions.defaults(), b));
            b.stream().connect(socketB, 7, socketA.local());
            a.stream().connect(socketA, 8, socketB.local());
            a.stream().send(ByteBuffer.wrap("hello".getBytes(UTF_8)));
            assertThat(b.nextMessage()).isEqualTo("hello");
            a.writeAll(16 << 20);
            b.writeAll(3 << 20);
            assertThat(a.closed().get(60, TimeUnit.SECONDS)).isEqualTo(CloseReason.ENDED);
            assertThat(b.closed().get(60, TimeUnit.SECONDS)).isEqualTo(CloseReason.ENDED);
            assertThat(a.read()).isEqualTo(3 << 20);
            assertThat(b.read()).isEqualTo(16 << 20);
            assertThat(a.firstWrong()).isEqualTo(-1);
            assertThat(b.firstWrong()).isEqualTo(-1);
        }
    }

    @Test
    void shouldShareThePortWithOtherDatagramsAndIgnoreStreamsItDoesNotKnow() throws Exception {
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        try (Udx udx = udx()) {
            UdxSocket one = udx.bind(
                    local("127.0.0.1"),
                    (datagram, from) -> got.add(UTF_8.decode(datagram) + " from " + from.getPort()));
            UdxSocket two = udx.bind(local("127.0.0.1"), DatagramListener.NONE);
            ByteBuffer unknown = ByteBuffer.allocate(20);
            UdxPacket.putHeader(unknown, UdxPacket.DATA, 0, 99, 0, 0, 0);
            two.send(unknown.flip(), one.local());
            two.send(ByteBuffer.wrap("dht".getBytes(UTF_8)), one.local());
            assertThat(got.poll(30, TimeUnit.SECONDS))
                    .isEqualTo("dht from " + two.local().getPort());
            assertThat(got).isEmpty();
        }
    }

    @Test
    void shouldConnectToWhereTheFirstPacketComesFromWhenTheFirewallAdmitsIt() throws Exception {
        try (Udx udx = udx()) {
            UdxSocket one = udx.bind(local("127.0.0.1"), DatagramListener.NONE);
            UdxSocket two = udx.bind(local("127.0.0.1"), DatagramListener.NONE);
            LivePeer a = new LivePeer(1, 2);
            LivePeer b = new LivePeer(2, 1);
            a.attach(udx.createStream(1, UdxOptions.defaults(), a));
            CompletableFuture<InetSocketAddress> seen = new CompletableFuture<>();
            b.attach(udx.createStream(2, UdxOptions.defaults(), b, (socket, from) -> {
                seen.complete(from);
                b.stream().connect(socket, 1, from);
                return true;
            }));
            a.stream().connect(one, 2, two.local());
            a.writeAll(100_000);
            b.writeAll(0);
            assertThat(seen.get(30, TimeUnit.SECONDS)).isEqualTo(one.local());
            assertThat(a.closed().get(30, TimeUnit.SECONDS)).isEqualTo(CloseReason.ENDED);
            assertThat(b.closed().get(30, TimeUnit.SECONDS)).isEqualTo(CloseReason.ENDED);
            assertThat(b.read()).isEqualTo(100_000);
            assertThat(b.firstWrong()).isEqualTo(-1);
        }
    }

    @Test
    void shouldNotBeTouchedByPacketsFromElsewhereThatGuessItsIdOrItsNumbers() throws Exception {
        try (Udx udx = udx();
                Udx hostile = udx()) {
            LivePeer[] peers = pair(udx, UdxOptions.defaults());
            UdxSocket attacker = hostile.bind(local("127.0.0.1"), DatagramListener.NONE);
            Random random = new Random(1);
            peers[0].writeAll(4 << 20);
            peers[1].writeAll(1 << 20);
            for (int i = 0; i < 20_000; i++) {
                ByteBuffer forged = ByteBuffer.allocate(100);
                int type = 1 << random.nextInt(6);
                int id = i % 2 == 0 ? 1 + i % 4 / 2 : random.nextInt();
                // Numbers that no packet of a stream this young can have: a guesser of 32 bits hits others only by
                // chance.
                int seq = 1_000_000 + random.nextInt(1 << 30);
                UdxPacket.putHeader(forged, type, 0, id, random.nextInt(), seq, 1_000_000 + random.nextInt(1 << 30));
                attacker.send(forged.rewind(), peers[i % 2].socket().local());
            }
            for (int i = 0; i < 2; i++) {
                assertThat(peers[i].closed().get(60, TimeUnit.SECONDS)).isEqualTo(CloseReason.ENDED);
                assertThat(peers[i].firstWrong()).isEqualTo(-1);
                assertThat(peers[i].read()).isEqualTo(i == 0 ? 1 << 20 : 4 << 20);
            }
        }
    }

    @Test
    void shouldResetTheOtherSideWhenDestroyed() throws Exception {
        try (Udx udx = udx()) {
            LivePeer[] peers = pair(udx, UdxOptions.defaults());
            peers[0].stream().destroy();
            assertThat(peers[0].closed().get(30, TimeUnit.SECONDS)).isEqualTo(CloseReason.DESTROYED);
            assertThat(peers[1].closed().get(30, TimeUnit.SECONDS)).isEqualTo(CloseReason.RESET);
        }
    }

    @Test
    void shouldHoldBackTheSenderWhenTheReaderPauses() throws Exception {
        try (Udx udx = udx()) {
            LivePeer[] peers = pair(udx, UdxOptions.defaults().withReceiveWindowBytes(100_000));
            LivePeer reader = peers[1];
            reader.stream().pause();
            peers[0].writeAll(2 << 20);
            reader.writeAll(0);
            long stalled = peers[0].awaitStall();
            assertThat(stalled).isLessThan(1 << 20);
            assertThat(reader.read()).isZero();
            reader.stream().resume();
            assertThat(peers[0].closed().get(60, TimeUnit.SECONDS)).isEqualTo(CloseReason.ENDED);
            assertThat(reader.read()).isEqualTo(2 << 20);
            assertThat(reader.firstWrong()).isEqualTo(-1);
        }
    }

    @Test
    void shouldPassPacketsOnWhenItRelaysAndMoveToTheDirectWay() throws Exception {
        try (Udx ends = udx();
                Udx middle = udx()) {
            UdxSocket one = ends.bind(local("127.0.0.1"), DatagramListener.NONE);
            UdxSocket two = ends.bind(local("127.0.0.1"), DatagramListener.NONE);
            UdxSocket relay = middle.bind(local("127.0.0.1"), DatagramListener.NONE);
            LivePeer a = new LivePeer(1, 2);
            LivePeer b = new LivePeer(2, 1);
            a.attach(ends.createStream(1, UdxOptions.defaults(), a));
            b.attach(ends.createStream(2, UdxOptions.defaults(), b));
            UdxStream toA = middle.createStream(11, UdxOptions.defaults(), new LivePeer(0, 0));
            UdxStream toB = middle.createStream(12, UdxOptions.defaults(), new LivePeer(0, 0));
            toA.connect(relay, 1, one.local());
            toB.connect(relay, 2, two.local());
            toA.relayTo(toB);
            toB.relayTo(toA);
            toA.stats().get(30, TimeUnit.SECONDS);
            a.stream().connect(one, 11, relay.local());
            b.stream().connect(two, 12, relay.local());
            a.writeAll(1 << 20, false);
            b.awaitRead(1 << 20);
            CompletableFuture<Boolean> left = new CompletableFuture<>();
            a.stream().whenLeft(one, relay.local(), () -> left.complete(true));
            a.stream().changeRemote(one, 2, two.local());
            a.remoteChanged().get(30, TimeUnit.SECONDS);
            b.writeAll(1_000, false);
            a.awaitRead(1_000);
            assertThat(left).as("the other side still sends to the relay").isNotDone();
            b.stream().changeRemote(two, 1, one.local());
            b.remoteChanged().get(30, TimeUnit.SECONDS);
            b.writeAll(1_000, false);
            assertThat(left.get(30, TimeUnit.SECONDS)).isTrue();
            relay.close();
            a.writeAll(1 << 20);
            b.writeAll(0);
            assertThat(a.closed().get(30, TimeUnit.SECONDS)).isEqualTo(CloseReason.ENDED);
            assertThat(b.read()).isEqualTo(2 << 20);
            assertThat(b.firstWrong()).isEqualTo(-1);
        }
    }

    @Test
    void shouldPassPacketsOnToASideThatHasSentNothingYetWhenItIsKnownWhereThatAsked() throws Exception {
        try (Udx ends = udx();
                Udx middle = udx()) {
            UdxSocket one = ends.bind(local("127.0.0.1"), DatagramListener.NONE);
            UdxSocket two = ends.bind(local("127.0.0.1"), DatagramListener.NONE);
            UdxSocket relay = middle.bind(local("127.0.0.1"), DatagramListener.NONE);
            LivePeer a = new LivePeer(1, 2);
            LivePeer b = new LivePeer(2, 1);
            a.attach(ends.createStream(1, UdxOptions.defaults(), a));
            b.attach(ends.createStream(2, UdxOptions.defaults(), b));
            UdxStream asked = middle.createStream(10, UdxOptions.defaults(), new LivePeer(0, 0));
            asked.connect(relay, 9, one.local());
            UdxStream toA = middle.createStream(11, UdxOptions.defaults(), new LivePeer(0, 0));
            UdxStream toB = middle.createStream(12, UdxOptions.defaults(), new LivePeer(0, 0), (_, _) -> true);
            toA.connectBeside(asked, 1);
            toB.connect(relay, 2, two.local());
            toA.relayTo(toB);
            toB.relayTo(toA);
            toA.stats().get(30, TimeUnit.SECONDS);
            a.stream().connect(one, 2, two.local());
            b.stream().connect(two, 12, relay.local());
            b.writeAll(1_000, false);
            a.awaitRead(1_000);
            assertThat(a.firstWrong()).isEqualTo(-1);
        }
    }

    @Test
    void shouldCloseEveryStreamOfASocketWithIt() throws Exception {
        try (Udx udx = udx()) {
            LivePeer[] peers = pair(udx, UdxOptions.defaults());
            peers[0].socket().close();
            assertThat(peers[0].closed().get(30, TimeUnit.SECONDS)).isEqualTo(CloseReason.SOCKET_CLOSED);
        }
    }

    private static LivePeer[] pair(Udx udx, UdxOptions options) throws IOException {
        LivePeer a = new LivePeer(1, 2);
        LivePeer b = new LivePeer(2, 1);
        UdxSocket one = udx.bind(local("127.0.0.1"), DatagramListener.NONE);
        UdxSocket two = udx.bind(local("127.0.0.1"), DatagramListener.NONE);
        a.attach(udx.createStream(1, options, a));
        b.attach(udx.createStream(2, options, b));
        b.stream().connect(two, 1, one.local());
        a.stream().connect(one, 2, two.local());
        a.socket(one);
        b.socket(two);
        return new LivePeer[] {a, b};
    }
}
