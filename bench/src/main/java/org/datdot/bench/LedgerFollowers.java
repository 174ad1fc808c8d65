package org.datdot.bench;

import static org.datdot.bench.LedgerBench.AUTHORITY;
import static org.datdot.bench.LedgerBench.processorNanos;
import static org.datdot.bench.LedgerBench.say;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.datdot.chain.Chain;
import org.datdot.chain.Extrinsic;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.KeyPair;
import org.datdot.hosting.ChainLog;
import org.datdot.hosting.PalletTreeHeads;
import org.datdot.hosting.Peers;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.Connection;
import org.datdot.swarm.SwarmOptions;

/**
 * What the followers of a ledger's log cost its author ({@code bench/README.md}): processor time and bytes for each block, when all of them are connected to it, and when it lets in a few and
 * those pass the log on to as many each, and so on.
 *
 * <pre>LedgerFollowers DIRECTORY FOLLOWERS CONNECTED-TO-THE-AUTHOR</pre>
 */
public final class LedgerFollowers {
    private static final int BLOCKS = 10;
    private static final int ROUNDS = 3;
    private static final int TRANSFERS = 100;

    private LedgerFollowers() {}

    /** What a block cost: nanoseconds of the author's processor, and bytes it sent. */
    private record Cost(long nanos, long sent, long blockBytes) {}

    private static long sent(Peers peers) {
        return peers.connections().stream().mapToLong(Connection::bytesWritten).sum();
    }

    private static void await(BufferedReader lines, long number) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (Long.parseLong(line) >= number) return;
        }
        throw new IOException("the followers ended");
    }

    private interface Told {
        void of(long number) throws IOException;
    }

    /** A block's cost from being made until all have it, the least of some rounds. */
    private static Cost cost(Chain chain, LedgerBench people, Peers peers, Told told) throws IOException {
        Cost best = new Cost(Long.MAX_VALUE, 0, 0);
        for (int round = 0; round < ROUNDS; round++) {
            long nanos = 0;
            long bytes = 0;
            long before = sent(peers);
            for (int i = 0; i < BLOCKS; i++) {
                people.transfers(TRANSFERS, chain.genesis()).stream()
                        .map(Extrinsic::encode)
                        .forEach(chain::submit);
                long began = processorNanos();
                chain.produce(AUTHORITY, chain.head().timestampMs() + 6_000);
                told.of(chain.head().number());
                nanos += processorNanos() - began;
                bytes += java.util.Objects.requireNonNull(
                                chain.block(chain.head().number()))
                        .encode()
                        .length;
            }
            if (nanos / BLOCKS < best.nanos) {
                best = new Cost(nanos / BLOCKS, (sent(peers) - before) / BLOCKS, bytes / BLOCKS);
            }
        }
        return best;
    }

    private static void author(Path directory, int count, int direct) throws IOException {
        LedgerBench people = new LedgerBench();
        try (Chain chain = Chain.open(directory.resolve("chain"), people.spec(), new PalletTreeHeads());
                Corestore store = Corestore.open(directory.resolve("log"), StoreOptions.defaults());
                Peers peers = new Peers(KeyPair.fromSeed(LedgerBench.seed(5)), store, SwarmOptions.defaults());
                Hypercore core = store.get("blocks");
                ChainLog log = ChainLog.publish(chain, core)) {
            InetSocketAddress at = peers.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Cost alone = cost(chain, people, peers, _ -> {});
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx2g",
                            "-XX:+UseSerialGC",
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            LedgerFollowers.class.getName(),
                            "follow",
                            log.key().hex(),
                            Integer.toString(at.getPort()),
                            Integer.toString(count),
                            Integer.toString(direct),
                            directory.toString(),
                            Long.toString(chain.head().number()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
                await(lines, chain.head().number());
                Cost with = cost(chain, people, peers, number -> await(lines, number));
                say(
                        "%d followers, %d of them connected to the author, blocks of %d bytes: %.2f ms of its"
                                + " processor a block (%.2f ms without any), %.3f ms for each follower; %d bytes sent,"
                                + " %.0f for each follower",
                        count,
                        peers.connections().size(),
                        with.blockBytes,
                        with.nanos / 1e6,
                        alone.nanos / 1e6,
                        (with.nanos - alone.nanos) / 1e6 / count,
                        with.sent,
                        with.sent / (double) count);
            } finally {
                process.destroy();
            }
        }
    }

    /** Nodes that replicate a log: they take every block, and say so when all of them have it. They do not execute it, which is no matter of the author's. */
    private static void follow(CoreKey key, int port, int count, int direct, Path directory, long from)
            throws IOException, InterruptedException {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        List<Hypercore> copies = new ArrayList<>();
        List<InetSocketAddress> places = new ArrayList<>();
        InetSocketAddress author = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        for (int i = 0; i < count; i++) {
            Corestore own = Corestore.open(directory.resolve("peer-" + i), StoreOptions.defaults());
            Peers link = new Peers(KeyPair.fromSeed(LedgerBench.seed(10_000 + i)), own, SwarmOptions.defaults());
            copies.add(own.get(key));
            places.add(link.listen(loopback));
            link.connect(i < direct ? author : places.get((i - direct) / direct));
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
        if (arguments[0].equals("follow")) {
            follow(
                    new CoreKey(HexFormat.of().parseHex(arguments[1])),
                    Integer.parseInt(arguments[2]),
                    Integer.parseInt(arguments[3]),
                    Integer.parseInt(arguments[4]),
                    Path.of(arguments[5]),
                    Long.parseLong(arguments[6]));
            return;
        }
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "followers");
        author(directory, Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
    }
}
