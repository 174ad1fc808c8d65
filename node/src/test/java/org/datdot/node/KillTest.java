package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.datdot.chain.LedgerClient;
import org.datdot.chain.RpcLedgerClient;
import org.datdot.crypto.CoreKey;
import org.datdot.drive.Hyperdrive;
import org.datdot.hosting.PlanTerms;
import org.datdot.hosting.Sponsor;
import org.datdot.ledger.Amendment;
import org.datdot.ledger.Assignment;
import org.datdot.ledger.Event;
import org.datdot.ledger.Plan;
import org.datdot.ledger.PlanStatus;
import org.datdot.ledger.Queries;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each role of a setup is a process and killed with SIGKILL in the middle of it; started again in the same folder, the setup completes
 * and the data reads back equal. One copy and four providers keep it affordable: three are drawn, one is spare.
 */
class KillTest {
    private static final int PROVIDERS = 4;
    private static final int FOLDER_BYTES = 4_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(DatdotProcess.LIMIT_SECONDS);

    @TempDir
    Path place;

    private final List<DatdotProcess> processes = new ArrayList<>();
    private final List<Seed> seeds = new ArrayList<>();
    private URI network = URI.create("ws://127.0.0.1:0");
    private @Nullable DatdotProcess ledgerProcess;

    /** A provider's process. */
    private record Seed(Path home, long user, DatdotProcess process) {}

    /** The roles of an amendment for one position. */
    enum Role {
        ENCODER("", "fetching-"),
        ATTESTOR("attested", ""),
        HOSTER("hosted", "");

        private final String folder;
        private final String prefix;

        /** Where it begins to write, below its replicas: a name with a prefix in a folder. */
        Role(String folder, String prefix) {
            this.folder = folder;
            this.prefix = prefix;
        }

        long user(Amendment amendment) {
            Assignment assignment = amendment.assignments().getFirst();
            return switch (this) {
                case ENCODER -> assignment.encoder();
                case ATTESTOR -> amendment.attestor();
                case HOSTER -> assignment.hoster();
            };
        }
    }

    /** When the role is killed. */
    enum Moment {
        /** It was drawn and waits: the publisher does not answer yet. */
        DRAWN,
        /** It has begun to write what it receives. */
        WRITING
    }

    @BeforeEach
    void startNetwork() throws InterruptedException {
        startLedger("127.0.0.1:0");
        List<DatdotProcess> starting = new ArrayList<>();
        for (int i = 0; i < PROVIDERS; i++) {
            starting.add(startSeed(seedHome(i)));
        }
        for (int i = 0; i < PROVIDERS; i++) {
            long user = starting.get(i).awaitJson().path("user").asLong();
            seeds.add(new Seed(seedHome(i), user, starting.get(i)));
        }
    }

    @AfterEach
    void endProcesses() {
        processes.forEach(DatdotProcess::close);
    }

    private Path seedHome(int index) {
        return place.resolve("seed-" + index);
    }

    private void startLedger(String listen) throws InterruptedException {
        DatdotProcess process = started(DatdotProcess.start(
                place.resolve("ledger"), null, "ledger", "--json", "--listen", listen, "--interval", "300"));
        ledgerProcess = process;
        network = URI.create(process.awaitJson().path("network").asString());
    }

    private DatdotProcess startSeed(Path home) {
        return started(DatdotProcess.start(home, network, "seed", "--json", "--storage", "1GB", "--price", "0.5"));
    }

    private DatdotProcess started(DatdotProcess process) {
        processes.add(process);
        return process;
    }

    private Seed seed(long user) {
        return seeds.stream().filter(one -> one.user() == user).findFirst().orElseThrow();
    }

    /** Kills the process of a user; what is to be started again is returned. */
    private Seed kill(long user) throws InterruptedException {
        Seed seed = seed(user);
        seed.process().kill();
        return seed;
    }

    private void restart(Seed killed) throws InterruptedException {
        DatdotProcess again = startSeed(killed.home());
        assertThat(again.awaitJson().path("user").asLong()).isEqualTo(killed.user());
        seeds.set(seeds.indexOf(killed), new Seed(killed.home(), killed.user(), again));
    }

    @ParameterizedTest
    @CsvSource({
        "ENCODER, DRAWN",
        "ENCODER, WRITING",
        "ATTESTOR, DRAWN",
        "ATTESTOR, WRITING",
        "HOSTER, DRAWN",
        "HOSTER, WRITING"
    })
    void shouldCompleteASetupWhenAProviderIsKilled(Role role, Moment moment)
            throws IOException, InterruptedException, ExecutionException {
        Path folder = Samples.folder(place.resolve("folder"), FOLDER_BYTES, new Random(9));
        CoreKey key = hostAndKill(folder, role, moment);
        requireReadable(key, folder); // the publisher is gone: the network alone has it
    }

    private CoreKey hostAndKill(Path folder, Role role, Moment moment)
            throws IOException, InterruptedException, ExecutionException {
        try (PeerNode node = PeerNode.open(new Home(place.resolve("publisher")));
                LedgerClient ledger = RpcLedgerClient.connect(network);
                EventWatch events = new EventWatch(ledger);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Users.enrol(ledger, node.keys());
            Hyperdrive drive = Hyperdrive.open(node.store());
            PublishCommand.importFolder(Console.standard(true), folder, drive, false);
            InetSocketAddress source = ProviderNode.loopback(freePort());
            Sponsor sponsor = new Sponsor(node.keys(), ledger);
            long plan = sponsor.publish(Sponsor.cores(drive, PATIENCE), terms(source), _ -> {});
            long victim = role.user(firstAmendment(ledger, events));
            if (moment == Moment.DRAWN) {
                assertThat(sponsor.activePositions(plan)).isZero();
                Seed killed = kill(victim);
                node.listen(source);
                restart(killed);
            } else {
                Path replicas = seed(victim).home().resolve("seed/replicas");
                Future<?> written = threads.submit(() -> awaitEntry(replicas.resolve(role.folder), role.prefix));
                node.listen(source);
                written.get();
                restart(kill(victim));
            }
            sponsor.awaitHosted(plan, _ -> {});
            return drive.key();
        }
    }

    @Test
    void shouldResumeThePlanWhenThePublisherIsKilled() throws IOException, InterruptedException {
        Path folder = Samples.folder(place.resolve("folder"), FOLDER_BYTES, new Random(7));
        Path home = place.resolve("publisher");
        CoreKey key = publish(home, folder);
        DatdotProcess host = host(home, key);
        host.awaitLine("is published");
        host.kill();
        refuseAnotherPort(home, key);
        DatdotProcess.Ended again = host(home, key).ended();
        assertThat(again.code()).as(again.toString()).isZero();
        assertThat(again.out()).contains("goes on");
        try (LedgerClient ledger = RpcLedgerClient.connect(network)) {
            assertThat(plans(ledger, key)).hasSize(1).allMatch(plan -> plan.status() == PlanStatus.HOSTED);
        }
        requireReadable(key, folder);
    }

    @Test
    void shouldContinueASetupWhenTheLedgerIsKilled() throws IOException, InterruptedException {
        Path folder = Samples.folder(place.resolve("folder"), FOLDER_BYTES, new Random(8));
        Path home = place.resolve("publisher");
        CoreKey key = publish(home, folder);
        DatdotProcess host = host(home, key);
        host.awaitLine("drawn");
        long killedAfter;
        try (LedgerClient ledger = RpcLedgerClient.connect(network)) {
            killedAfter = ledger.head().number();
        }
        Objects.requireNonNull(ledgerProcess).kill();
        startLedger(network.getHost() + ":" + network.getPort());
        DatdotProcess.Ended ended = host.ended();
        assertThat(ended.code()).as(ended.toString()).isZero();
        try (LedgerClient ledger = RpcLedgerClient.connect(network)) {
            assertThat(ledger.head().number()).isGreaterThan(killedAfter);
            assertThat(plans(ledger, key)).hasSize(1).allMatch(plan -> plan.status() == PlanStatus.HOSTED);
        }
        requireReadable(key, folder);
        assertThat(seeds).allMatch(seed -> seed.process().alive());
    }

    /** Encoders ask at the address that is in the plan: elsewhere they would wait for ever. */
    private void refuseAnotherPort(Path home, CoreKey key) throws IOException, InterruptedException {
        InetSocketAddress source;
        try (LedgerClient ledger = RpcLedgerClient.connect(network)) {
            source = Addresses.parse(plans(ledger, key).getFirst().sources().getFirst());
        }
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(source);
            DatdotProcess.Ended refused = host(home, key).ended();
            assertThat(refused.code()).as(refused.toString()).isEqualTo(Exit.NETWORK.code());
            assertThat(refused.err()).contains("--listen " + Addresses.text(source));
        }
    }

    private static CoreKey publish(Path home, Path folder) throws InterruptedException {
        DatdotProcess.Ended ended = DatdotProcess.run(home, null, "publish", "--json", folder.toString());
        assertThat(ended.code()).as(ended.toString()).isZero();
        return CoreKey.parse(ended.json().path("key").asString());
    }

    private DatdotProcess host(Path home, CoreKey key) {
        return started(DatdotProcess.start(home, network, "host", key.toString(), "--replicas", "1", "--budget", "20"));
    }

    private static List<Plan> plans(LedgerClient ledger, CoreKey key) {
        Queries queries = new Queries(ledger.state());
        return queries.getPlansByFeed(queries.getFeedByKey(key).orElseThrow().id());
    }

    private static PlanTerms terms(InetSocketAddress source) {
        return new PlanTerms(
                1,
                0,
                InstantSource.system().millis() + Duration.ofHours(1).toMillis(),
                20 * Tokens.UNITS_PER_TOKEN,
                List.of(),
                List.of(Addresses.text(source)));
    }

    private static Amendment firstAmendment(LedgerClient ledger, EventWatch events) throws InterruptedException {
        Event.NewAmendment drawn = events.await(Event.NewAmendment.class, _ -> true, PATIENCE);
        return new Queries(ledger.state()).getAmendmentByID(drawn.amendment()).orElseThrow();
    }

    /** Nobody answers there until somebody listens. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(ProviderNode.loopback(0));
            return socket.getLocalPort();
        }
    }

    /** Waits until a name that begins so is in a folder. */
    private static boolean awaitEntry(Path folder, String prefix) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (WatchService watch = folder.getFileSystem().newWatchService()) {
            folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            while (true) {
                try (var entries = Files.newDirectoryStream(folder, prefix + "*")) {
                    if (entries.iterator().hasNext()) {
                        return true;
                    }
                }
                WatchKey key = watch.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                assertThat(key).as("nothing like " + prefix + " in " + folder).isNotNull();
                key.pollEvents();
                key.reset();
            }
        }
    }

    private void requireReadable(CoreKey key, Path folder) throws IOException, InterruptedException {
        Path copy = place.resolve("copy");
        DatdotProcess.Ended got =
                DatdotProcess.run(place.resolve("reader"), network, "get", key.toString(), copy.toString());
        assertThat(got.code()).as(got.toString()).isZero();
        assertThat(FolderCompare.run(folder, copy).difference()).isEmpty();
    }
}
