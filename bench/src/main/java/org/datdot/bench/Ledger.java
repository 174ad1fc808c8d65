package org.datdot.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.datdot.chain.Block;
import org.datdot.chain.Chain;
import org.datdot.chain.ChainSpec;
import org.datdot.chain.Extrinsic;
import org.datdot.chain.LedgerMachine;
import org.datdot.chain.PoolLimits;
import org.datdot.chain.Replay;
import org.datdot.chain.Round;
import org.datdot.chain.RoundResult;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.KeyPair;
import org.datdot.hosting.ChainLog;
import org.datdot.hosting.PalletTreeHeads;
import org.datdot.hosting.Peers;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Call;
import org.datdot.ledger.Genesis;
import org.datdot.ledger.Parameters;
import org.datdot.swarm.SwarmOptions;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger does on one core ({@code bench/README.md}): transfers taken into the pool, executed and written; the same blocks executed by a follower, in memory and on the disk; and what replicating the
 * log to many followers costs its author.
 *
 * <pre>Ledger DIRECTORY [followers]</pre>
 */
public final class Ledger {
    private static final int ACCOUNTS = 200;
    private static final int BLOCKS = 40;
    private static final int TRANSFERS = 1_000;
    private static final KeyPair AUTHORITY = KeyPair.fromSeed(seed(1));
    private static final PrintStream OUT = System.out;

    private Ledger() {}

    private static byte[] seed(int number) {
        byte[] seed = new byte[32];
        seed[0] = (byte) number;
        seed[1] = (byte) (number >> 8);
        return seed;
    }

    private static AccountId id(KeyPair keys) {
        return AccountId.of(keys.publicKey());
    }

    private static ChainSpec spec(List<KeyPair> people) {
        List<Genesis.Endowment> endowments = people.stream()
                .map(each -> new Genesis.Endowment(id(each), 1_000_000_000_000L))
                .toList();
        Genesis genesis = new Genesis(id(AUTHORITY), endowments);
        return new ChainSpec("bench", 1_790_000_000_000L, AUTHORITY.publicKey(), Parameters.defaults(), genesis);
    }

    private static void say(String format, Object... values) {
        OUT.printf(Locale.ROOT, format + "%n", values);
        OUT.flush();
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static void run(Path directory, int followers) throws IOException, InterruptedException {
        List<KeyPair> people = new ArrayList<>();
        for (int i = 0; i < ACCOUNTS; i++) people.add(KeyPair.fromSeed(seed(1_000 + i)));
        ChainSpec spec = spec(people);
        PoolLimits limits = new PoolLimits(1 << 20, 10_000, 64L << 20, 4L << 20, 64, 64, 10_000, 8L << 20);
        List<List<byte[]>> rounds = new ArrayList<>();
        try (Chain chain = Chain.open(directory.resolve("author"), spec, new PalletTreeHeads(), limits)) {
            for (int block = 0; block < BLOCKS; block++) {
                List<byte[]> round = new ArrayList<>();
                for (int i = 0; i < TRANSFERS; i++) {
                    KeyPair from = people.get(i % ACCOUNTS);
                    long nonce = (long) block * (TRANSFERS / ACCOUNTS) + i / ACCOUNTS;
                    AccountId to = id(people.get((i * 7 + block) % ACCOUNTS));
                    round.add(Extrinsic.sign(from, nonce, new Call.Transfer(to, 5), chain.genesis())
                            .encode());
                }
                rounds.add(round);
            }
            long submitting = 0;
            long producing = 0;
            for (int block = 0; block < BLOCKS; block++) {
                long began = System.nanoTime();
                rounds.get(block).forEach(chain::submit);
                long middle = System.nanoTime();
                chain.produce(AUTHORITY, chain.head().timestampMs() + 6_000);
                if (block >= BLOCKS / 2) {
                    submitting += middle - began;
                    producing += System.nanoTime() - middle;
                }
            }
            double count = BLOCKS / 2.0 * TRANSFERS;
            say("pool: %.0f transfers/s with their signatures checked", count / (submitting / 1e9));
            say(
                    "author: %.0f transfers/s executed and written (synced), %.1f ms a block of %d",
                    count / (producing / 1e9), producing / 1e6 / (BLOCKS / 2), TRANSFERS);
            machine(chain, spec);
            follow(chain, spec, directory);
            if (followers > 0) publish(chain, directory, followers);
        }
    }

    /** Execution alone. */
    private static void machine(Chain chain, ChainSpec spec) {
        LedgerMachine machine = new LedgerMachine(spec, new PalletTreeHeads(), chain.genesis());
        Block last = Objects.requireNonNull(chain.block(BLOCKS));
        Replay before = new Replay(spec, new PalletTreeHeads());
        for (long number = 1; number < BLOCKS; number++) {
            before.add(Objects.requireNonNull(chain.block(number)));
        }
        Round round = Round.of(last);
        for (int i = 0; i < 3; i++) {
            long began = System.nanoTime();
            RoundResult result = machine.apply(before.state(), round);
            say(
                    "machine: %.0f transfers/s, signatures checked, neither root nor disk (%d included)",
                    result.included().size() / seconds(began), result.included().size());
        }
    }

    private static void follow(Chain chain, ChainSpec spec, Path directory) throws IOException {
        for (int run = 0; run < 2; run++) {
            Replay replay = new Replay(spec, new PalletTreeHeads());
            long began = System.nanoTime();
            for (long number = 1; number <= BLOCKS; number++) {
                replay.add(Objects.requireNonNull(chain.block(number)));
            }
            double took = seconds(began);
            say(
                    "follower in memory: %.0f transfers/s, %.1f blocks/s of %d",
                    BLOCKS * TRANSFERS / took, BLOCKS / took, TRANSFERS);
        }
        try (Chain follower = Chain.open(directory.resolve("follower"), spec, new PalletTreeHeads())) {
            long began = System.nanoTime();
            for (long number = 1; number <= BLOCKS; number++) {
                follower.importBlock(Objects.requireNonNull(chain.block(number)));
            }
            double took = seconds(began);
            say(
                    "follower on disk: %.0f transfers/s, %.1f blocks/s of %d",
                    BLOCKS * TRANSFERS / took, BLOCKS / took, TRANSFERS);
        }
        ChainSpec idle = new ChainSpec("idle", spec.timestampMs(), spec.authority(), spec.parameters(), spec.genesis());
        try (Chain quiet = Chain.open(directory.resolve("quiet"), idle, new PalletTreeHeads());
                Chain follower = Chain.open(directory.resolve("quiet-follower"), idle, new PalletTreeHeads())) {
            int blocks = 2_000;
            for (int i = 0; i < blocks; i++)
                quiet.produce(AUTHORITY, quiet.head().timestampMs() + 6_000);
            long began = System.nanoTime();
            for (long number = 1; number <= blocks; number++) {
                follower.importBlock(Objects.requireNonNull(quiet.block(number)));
            }
            say("follower on disk: %.0f empty blocks/s", blocks / seconds(began));
        }
    }

    /** What the author's process costs alone, and with followers of its log in a process of their own. */
    private static void publish(Chain chain, Path directory, int count) throws IOException, InterruptedException {
        try (Corestore store = Corestore.open(directory.resolve("log"), StoreOptions.defaults());
                Peers peers = new Peers(KeyPair.fromSeed(seed(5)), store, SwarmOptions.defaults());
                Hypercore core = store.get("blocks");
                ChainLog log = ChainLog.publish(chain, core)) {
            InetSocketAddress at = peers.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            long alone = cost(chain, null);
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Ledger.class.getName(),
                            "followers",
                            log.key().hex(),
                            Integer.toString(at.getPort()),
                            Integer.toString(count),
                            directory.toString(),
                            Long.toString(chain.head().number()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
                await(lines, chain.head().number());
                long with = cost(chain, lines);
                say(
                        "author: %.2f ms of CPU a block with %d followers, %.2f ms without any: %.3f ms a follower",
                        with / 1e6, count, alone / 1e6, (with - alone) / 1e6 / count);
            } finally {
                process.destroy();
            }
        }
    }

    private static void await(BufferedReader lines, long number) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (Long.parseLong(line) >= number) return;
        }
        throw new IOException("the followers ended");
    }

    /** Processor nanoseconds of this process for a block, the least of some rounds; with followers until all of them have it. */
    private static long cost(Chain chain, @Nullable BufferedReader followers) throws IOException {
        int blocks = 20;
        com.sun.management.OperatingSystemMXBean machine =
                (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            long began = machine.getProcessCpuTime();
            for (int i = 0; i < blocks; i++) {
                chain.produce(AUTHORITY, chain.head().timestampMs() + 6_000);
                if (followers != null) await(followers, chain.head().number());
            }
            best = Math.min(best, (machine.getProcessCpuTime() - began) / blocks);
        }
        return best;
    }

    /** Nodes that replicate a log: they take every block, and say so when all of them have it. They do not execute it, which is no matter of the author's. */
    private static void followers(CoreKey key, int port, int count, Path directory, long from)
            throws IOException, InterruptedException {
        InetSocketAddress at = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        List<Hypercore> copies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Corestore own = Corestore.open(directory.resolve("peer-" + i), StoreOptions.defaults());
            Peers link = new Peers(KeyPair.fromSeed(seed(10_000 + i)), own, SwarmOptions.defaults());
            copies.add(own.get(key));
            link.connect(at);
        }
        for (long number = from; ; number++) {
            CountDownLatch all = new CountDownLatch(count);
            for (Hypercore copy : copies) {
                CompletableFuture<?> _ = copy.fetch(number).thenRun(all::countDown);
            }
            if (!all.await(3, TimeUnit.MINUTES)) {
                throw new IllegalStateException(all.getCount() + " followers lack block " + number);
            }
            say("%d", number);
        }
    }

    /** Runs it. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments[0].equals("followers")) {
            CoreKey key = new CoreKey(HexFormat.of().parseHex(arguments[1]));
            followers(
                    key,
                    Integer.parseInt(arguments[2]),
                    Integer.parseInt(arguments[3]),
                    Path.of(arguments[4]),
                    Long.parseLong(arguments[5]));
            return;
        }
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "ledger");
        run(directory, arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0);
    }
}
