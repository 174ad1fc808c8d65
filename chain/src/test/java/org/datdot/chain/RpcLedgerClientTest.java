package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Balances;
import org.datdot.ledger.Event;
import org.datdot.ledger.LedgerError;
import org.datdot.ledger.Storage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RpcLedgerClientTest {
    private static final Duration INTERVAL = Duration.ofMillis(100);

    @TempDir
    Path temporary;

    private @Nullable Ledger ledger;
    private final List<AutoCloseable> open = new ArrayList<>();

    RpcLedgerClientTest() {}

    /** A ledger process in small: chain, author and server, started and stopped together. */
    private static final class Ledger {
        final Chain chain;
        final EmbeddedEngine engine;
        final RpcServer server;

        Ledger(Path directory, int port, String name) {
            chain = Chain.open(directory, TestChain.spec(name), (key, manifest, head) -> true);
            engine = EmbeddedEngine.start(chain, TestChain.AUTHORITY, INTERVAL, InstantSource.system());
            server = RpcServer.start(chain, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }

        int port() {
            return server.address().getPort();
        }

        void stop() {
            server.close();
            engine.close();
            chain.close();
        }
    }

    private Ledger start(int port) {
        return start(port, "test");
    }

    private Ledger start(int port, String name) {
        Ledger started = new Ledger(temporary.resolve(name), port, name);
        ledger = started;
        return started;
    }

    private RpcLedgerClient connect(Ledger at) {
        RpcLedgerClient client = RpcLedgerClient.connect(
                URI.create("ws://127.0.0.1:" + at.port()), Duration.ofSeconds(10), Duration.ofSeconds(60));
        open.add(client);
        return client;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        if (ledger != null) {
            ledger.stop();
        }
    }

    @Test
    void shouldReadSubmitAndListenWhenConnected() throws Exception {
        Ledger at = start(0);
        RpcLedgerClient client = connect(at);
        assertThat(client.genesis()).isEqualTo(at.chain.genesis());
        assertThat(client.parameters()).isEqualTo(at.chain.spec().parameters());
        List<Event> events = client.submit(TestChain.ALICE, TestChain.transfer(TestChain.BOB, 5));
        assertThat(events)
                .contains(new Event.Transfer(TestChain.id(TestChain.ALICE), TestChain.id(TestChain.BOB), 5))
                .hasAtLeastOneElementOfType(Event.ExtrinsicSuccess.class);
        assertThat(Balances.nonce(client.state(), TestChain.id(TestChain.ALICE)))
                .isEqualTo(1);
        long first = client.head().number();
        TestChain.awaitHead(client, header -> header.number() >= first + 3);
        assertThat(Storage.BLOCK_NUMBER.get(client.state()).orElseThrow()).isGreaterThanOrEqualTo(first + 3);
        Map<String, String> remote = new HashMap<>();
        client.state().forEach(new byte[0], (key, value) -> remote.put(RpcParams.hex(key), "") == null);
        assertThat(remote).hasSizeGreaterThan(4);
        assertThat(client.events(client.head().number() + 1_000)).isEmpty();
    }

    @Test
    void shouldListenToEveryEventOnceAlthoughTheLedgerRestarts() throws Exception {
        Ledger at = start(0);
        int port = at.port();
        RpcLedgerClient client = connect(at);
        ConcurrentLinkedQueue<Event> heard = new ConcurrentLinkedQueue<>();
        CountDownLatch all = new CountDownLatch(3);
        open.add(client.listenToEvents(event -> {
            heard.add(event);
            if (event instanceof Event.Transfer(var from, var to, long units) && units < 10) {
                all.countDown();
            }
        }));
        for (long units = 1; units <= 3; units++) {
            client.submit(TestChain.ALICE, TestChain.transfer(TestChain.BOB, units));
            at.stop();
            at = start(port);
        }
        assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(heard)
                .filteredOn(event -> event instanceof Event.Transfer(var from, var to, long units) && units < 10)
                .extracting(event -> ((Event.Transfer) event).units())
                .containsExactly(1L, 2L, 3L);
    }

    @Test
    void shouldNameTheRuleWhenACallIsRejected() {
        RpcLedgerClient client = connect(start(0));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(
                            () -> client.submit(TestChain.ALICE, TestChain.transfer(TestChain.BOB, 2 * TestChain.RICH)))
                    .isInstanceOfSatisfying(
                            LedgerException.class,
                            e -> assertThat(e.error()).isEqualTo(LedgerError.INSUFFICIENT_BALANCE));
        }
    }

    @Test
    void shouldApplyEachCallOnceWhenManySubmitForOneAccountAndTheLedgerRestarts() throws Exception {
        Ledger first = start(0);
        int port = first.port();
        RpcLedgerClient one = connect(first);
        RpcLedgerClient two = connect(first);
        ConcurrentLinkedQueue<Long> heads = new ConcurrentLinkedQueue<>();
        open.add(one.onHead(header -> heads.add(header.number())));
        int calls = 60;
        CountDownLatch some = new CountDownLatch(10);
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Event>>> results = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                RpcLedgerClient client = i % 2 == 0 ? one : two;
                AccountKeys from = i % 3 == 0 ? TestChain.BOB : TestChain.ALICE;
                long units = 1_000L + i;
                results.add(executor.submit(() -> {
                    List<Event> events = client.submit(from, TestChain.transfer(TestChain.account("carol"), units));
                    some.countDown();
                    return events;
                }));
            }
            assertThat(some.await(30, TimeUnit.SECONDS)).isTrue();
            first.stop();
            Ledger second = start(port);
            for (int restart = 0; restart < 2; restart++) {
                long number = second.chain.head().number() + 3;
                TestChain.awaitHead(one, header -> header.number() >= number);
                second.stop();
                second = start(port);
            }
            for (Future<List<Event>> result : results) {
                assertThat(result.get(60, TimeUnit.SECONDS)).isNotEmpty();
            }
            Ledger last = second;
            long expected = 0;
            for (int i = 0; i < calls; i++) {
                expected += 1_000L + i;
            }
            long arrived = last.chain.read(state ->
                    Balances.of(state, TestChain.id(TestChain.account("carol"))).free());
            assertThat(arrived).isEqualTo(expected);
            long after = one.head().number() + 2;
            TestChain.awaitHead(one, header -> header.number() >= after);
            assertThat(new ArrayList<>(heads)).isSorted().doesNotHaveDuplicates();
            last.chain.verify();
        }
    }

    @Test
    void shouldSayUnavailableWhenNobodyAnswers() {
        Ledger at = start(0);
        URI uri = URI.create("ws://127.0.0.1:" + at.port());
        RpcLedgerClient client = RpcLedgerClient.connect(uri, Duration.ofMillis(500), Duration.ofSeconds(1));
        open.add(client);
        at.stop();
        ledger = null;
        assertThatThrownBy(() -> client.state().get(new byte[] {1}))
                .isInstanceOf(LedgerUnavailableException.class)
                .hasMessageContaining(uri.toString());
        assertThatThrownBy(() -> client.submit(TestChain.ALICE, TestChain.transfer(TestChain.BOB, 1)))
                .isInstanceOf(LedgerUnavailableException.class);
        assertThatThrownBy(() -> RpcLedgerClient.connect(uri, Duration.ofMillis(500), Duration.ofSeconds(1)))
                .isInstanceOf(LedgerUnavailableException.class)
                .hasMessageContaining("check the address");
        client.close();
        assertThatThrownBy(() -> client.events(1)).isInstanceOf(LedgerUnavailableException.class);
    }

    @Test
    void shouldNotTalkToAnotherChainWhenItTakesTheAddress() {
        Ledger at = start(0);
        int port = at.port();
        RpcLedgerClient client = RpcLedgerClient.connect(
                URI.create("ws://127.0.0.1:" + port), Duration.ofSeconds(1), Duration.ofSeconds(2));
        open.add(client);
        at.stop();
        start(port, "impostor");
        assertThatThrownBy(() -> client.state().get(new byte[] {1}))
                .isInstanceOf(LedgerUnavailableException.class)
                .hasMessageContaining("another chain");
    }

    @Test
    void shouldNotDelayHeadsWhenOneListenerBlocks() throws Exception {
        RpcLedgerClient client = connect(start(0));
        CountDownLatch never = new CountDownLatch(1);
        open.add(client.onHead(header -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        long number = client.head().number() + 5;
        assertThat(TestChain.awaitHead(client, header -> header.number() >= number)
                        .number())
                .isGreaterThanOrEqualTo(number);
        never.countDown();
    }

    @Test
    void shouldSubmitLocallyWhenTheChainIsInTheSameProcess() {
        Ledger at = start(0);
        LocalLedgerClient client = new LocalLedgerClient(at.chain, Duration.ofSeconds(20));
        open.add(client);
        assertThat(client.submit(TestChain.ALICE, TestChain.transfer(TestChain.BOB, 5)))
                .hasAtLeastOneElementOfType(Event.Transfer.class);
        assertThatThrownBy(() -> client.submit(TestChain.ALICE, TestChain.transfer(TestChain.BOB, 2 * TestChain.RICH)))
                .isInstanceOf(LedgerException.class);
    }
}
