package org.datdot.udx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What each way of sending and receiving has to do alike. */
@Timeout(60)
@ParameterizedClass
@MethodSource("engines")
class DatagramEngineTest {
    /** A way of sending and receiving, with a name. */
    record Opener(String name, Source source) {
        interface Source {
            DatagramEngine open() throws IOException;
        }

        DatagramEngine open() throws IOException {
            return source.open();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Opener> engines() {
        Opener nio = new Opener("nio", NioEngine::new);
        boolean linux = LinuxCalls.fit(System.getProperty("os.name"), System.getProperty("os.arch"));
        return linux ? Stream.of(nio, new Opener("linux", LinuxEngine::new)) : Stream.of(nio);
    }

    private final DatagramEngine engine;

    DatagramEngineTest(Opener opener) throws IOException {
        engine = opener.open();
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private record Got(int length, int first, int from) {}

    private static InetSocketAddress address(String host) {
        return new InetSocketAddress(host, 0);
    }

    private static void put(DatagramPort from, InetSocketAddress to, int length, int first) {
        byte[] bytes = new byte[length];
        bytes[0] = (byte) first;
        from.begin(to, length).put(bytes);
        from.end();
    }

    private List<Got> receive(DatagramPort port, int count) throws IOException {
        List<Got> got = new ArrayList<>();
        while (got.size() < count) {
            engine.await(100_000);
            port.receive((datagram, from) -> {
                assertThat(from.getAddress().isLoopbackAddress()).isTrue();
                got.add(new Got(datagram.remaining(), datagram.get(datagram.position()), from.getPort()));
            });
        }
        return got;
    }

    @Test
    void shouldKeepPacketsOfAllLengthsToManyApartAndInOrder() throws IOException {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            DatagramPort from = engine.bind(address("127.0.0.1"));
            DatagramPort[] to = {engine.bind(address("127.0.0.1")), engine.bind(address("127.0.0.1"))};
            List<List<Got>> expected = List.of(new ArrayList<>(), new ArrayList<>());
            int length = 1;
            for (int i = 0; i < 500; i++) {
                int target = random.nextInt(20) == 0 ? 1 : 0;
                length = random.nextInt(10) == 0 ? 1 + random.nextInt(2_048) : length;
                put(from, to[target].local(), length, i & 127);
                expected.get(target).add(new Got(length, i & 127, from.local().getPort()));
                if (random.nextInt(100) == 0) {
                    from.flush();
                }
            }
            from.flush();
            for (int i = 0; i < 2; i++) {
                assertThat(receive(to[i], expected.get(i).size()))
                        .as("seed %d, port %d", seed, i)
                        .isEqualTo(expected.get(i));
            }
            from.close();
            to[0].close();
            to[1].close();
        }
    }

    @Test
    void shouldReachIpv4FromASocketForIpv6AndTellIpv4AddressesAsSuch() throws IOException {
        DatagramPort six = engine.bind(address("::"));
        DatagramPort four = engine.bind(address("127.0.0.1"));
        put(six, four.local(), 3, 7);
        six.flush();
        assertThat(receive(four, 1)).containsExactly(new Got(3, 7, six.local().getPort()));
        InetSocketAddress mapped = new InetSocketAddress(
                InetAddress.getLoopbackAddress(), six.local().getPort());
        put(four, mapped, 4, 8);
        four.flush();
        List<InetSocketAddress> from = new ArrayList<>();
        while (from.isEmpty()) {
            engine.await(100_000);
            six.receive((datagram, sender) -> from.add(sender));
        }
        assertThat(from).containsExactly(four.local());
    }

    @Test
    void shouldLoseWhatCannotBeSentAndGoOn() throws IOException {
        DatagramPort from = engine.bind(address("127.0.0.1"));
        DatagramPort to = engine.bind(address("127.0.0.1"));
        InetSocketAddress nowhere = new InetSocketAddress("255.255.255.255", 9);
        for (int i = 0; i < 5; i++) {
            put(from, nowhere, 100, i);
        }
        put(from, to.local(), 100, 9);
        from.flush();
        assertThat(receive(to, 1)).containsExactly(new Got(100, 9, from.local().getPort()));
        assertThat(from.ready()).isTrue();
    }

    @Test
    void shouldRefuseAPortThatIsTaken() throws IOException {
        DatagramPort taken = engine.bind(address("127.0.0.1"));
        assertThatThrownBy(() -> engine.bind(taken.local())).isInstanceOf(BindException.class);
    }

    @Test
    void shouldWaitUntilItIsWokenOrTheTimeIsOver() throws Exception {
        long began = System.nanoTime();
        engine.await(20_000);
        assertThat(System.nanoTime() - began).isGreaterThan(15_000_000);
        engine.wakeUp();
        engine.await(50_000_000);
        Thread waker = Thread.ofPlatform().start(engine::wakeUp);
        engine.await(50_000_000);
        waker.join();
    }

    @Test
    void shouldCloseMoreThanOnce() throws IOException {
        DatagramPort port = engine.bind(address("127.0.0.1"));
        port.close();
        port.close();
        engine.close();
        engine.close();
        engine.wakeUp();
    }
}
