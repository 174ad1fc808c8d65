package org.datdot.bench;

import static org.datdot.bench.LedgerBench.AUTHORITY;
import static org.datdot.bench.LedgerBench.processorNanos;
import static org.datdot.bench.LedgerBench.say;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.datdot.chain.Block;
import org.datdot.chain.Chain;
import org.datdot.chain.ChainSpec;
import org.datdot.chain.Extrinsic;
import org.datdot.chain.Replay;
import org.datdot.hosting.PalletTreeHeads;

/**
 * What blocks cost ({@code bench/README.md}): transfers taken into the pool, executed and written by the author; the same blocks by a follower, its state in memory and on the disk. Processor time of all threads, the least of
 * some rounds, so that what others do on the machine counts little.
 *
 * <pre>Ledger DIRECTORY</pre>
 */
public final class Ledger {
    private static final int BLOCKS = 40;
    private static final int TRANSFERS = 1_000;
    private static final int EMPTY_BLOCKS = 2_000;
    private static final int ROUNDS = 4;

    private Ledger() {}

    private interface Importer {
        void add(Block block);
    }

    private static void author(Chain chain, LedgerBench people) {
        long submitting = Long.MAX_VALUE;
        long producing = Long.MAX_VALUE;
        for (int i = 0; i < BLOCKS; i++) {
            var round = people.transfers(TRANSFERS, chain.genesis()).stream()
                    .map(Extrinsic::encode)
                    .toList();
            long began = processorNanos();
            round.forEach(chain::submit);
            long middle = processorNanos();
            chain.produce(AUTHORITY, chain.head().timestampMs() + 6_000);
            submitting = Math.min(submitting, middle - began);
            producing = Math.min(producing, processorNanos() - middle);
        }
        say(
                "pool: %.1f us a transfer with its signature checked, %.0f a second of one core",
                submitting / 1e3 / TRANSFERS, TRANSFERS / (submitting / 1e9));
        say(
                "author: %.1f us a transfer executed and written (synced), %.0f a second of one core",
                producing / 1e3 / TRANSFERS, TRANSFERS / (producing / 1e9));
    }

    /** Adds all blocks of a chain from block 1 on. */
    private static void follow(String what, Chain chain, Importer importer) {
        long count = chain.head().number();
        long began = processorNanos();
        long wall = System.nanoTime();
        for (long number = 1; number <= count; number++) {
            importer.add(Objects.requireNonNull(chain.block(number)));
        }
        double seconds = (processorNanos() - began) / 1e9;
        say(
                "%s: %.1f blocks a second of one core, %.2f ms each; %.1f a second on the clock",
                what, count / seconds, seconds * 1e3 / count, count / ((System.nanoTime() - wall) / 1e9));
    }

    private static void followers(String what, Chain chain, ChainSpec spec, Path directory) throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            try (Replay replay = new Replay(spec, new PalletTreeHeads())) {
                follow("follower in memory, " + what, chain, replay::add);
            }
            Path place = Files.createTempDirectory(directory, "follower");
            try (Chain follower = Chain.open(place, spec, new PalletTreeHeads())) {
                follow("follower on disk, " + what, chain, follower::importBlock);
            }
            try (Replay replay =
                    Replay.onDisk(spec, new PalletTreeHeads(), Files.createTempDirectory(directory, "verify"))) {
                follow("verify, state on disk, " + what, chain, replay::add);
            }
        }
    }

    /** Runs it. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "ledger");
        LedgerBench people = new LedgerBench();
        try (Chain chain =
                Chain.open(directory.resolve("author"), people.spec(), new PalletTreeHeads(), LedgerBench.LIMITS)) {
            author(chain, people);
            followers("blocks of " + TRANSFERS + " transfers", chain, people.spec(), directory);
        }
        try (Chain quiet = Chain.open(directory.resolve("quiet"), people.spec(), new PalletTreeHeads())) {
            long began = processorNanos();
            for (int i = 0; i < EMPTY_BLOCKS; i++)
                quiet.produce(AUTHORITY, quiet.head().timestampMs() + 6_000);
            say("author: %.2f ms an empty block", (processorNanos() - began) / 1e6 / EMPTY_BLOCKS);
            followers("empty blocks", quiet, people.spec(), directory);
        }
    }
}
