package org.datdot.chain;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.crypto.Signature;

/**
 * Measures states of many entries (bench/README.md): {@code memory N} the trie all in memory, {@code disk N DIRECTORY} a state on the disk: making it out of a snapshot's entries, opening it, blocks that
 * change some of it. Entries are those of accounts: keys of 80 bytes, values of 36.
 */
final class StateLoad {
    private static final Hash NONE = new Hash(new byte[32]);
    private static final Signature UNSIGNED = new Signature(new byte[64]);
    /** As many accounts as 1,000 transfers change. */
    private static final int CHANGES = 2_000;

    private static final int BLOCKS = 40;
    private static final PrintStream OUT = System.out;

    private StateLoad() {}

    /** Entry {@code i} of {@code count}, in the order of keys, which are spread as hashes are. */
    private static byte[] key(long i, long count) {
        long spread = Long.divideUnsigned(-1L, count) * i;
        byte[] id = Blake2b.hash(ByteBuffer.allocate(8).putLong(i).array());
        return ByteBuffer.allocate(80)
                .put(Accounts.PREFIX)
                .putLong(spread)
                .put(id, 0, 8)
                .put(id)
                .array();
    }

    /** What all accounts begin with. */
    private static final class Accounts {
        private static final byte[] PREFIX =
                Arrays.copyOf(org.datdot.ledger.Balances.ACCOUNTS.key(TestChain.id(TestChain.ALICE)), 32);
    }

    private static byte[] value(Random random) {
        byte[] value = new byte[36];
        random.nextBytes(value);
        return value;
    }

    private static StateChanges changes(Random random, long count) {
        List<StateChanges.Change> changes = new ArrayList<>();
        for (int i = 0; i < CHANGES; i++) {
            changes.add(new StateChanges.Change(key(random.nextLong(count), count), value(random)));
        }
        changes.sort((one, other) -> Arrays.compareUnsigned(one.key(), other.key()));
        return new StateChanges(changes);
    }

    private static Block block(long number, Hash root) {
        return new Block(new Header(NONE, number, number, root, NONE, NONE, UNSIGNED, UNSIGNED), List.of());
    }

    private static long heapMib() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) >> 20;
    }

    private static String residentMib() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS") || line.startsWith("VmHWM"))
                .map(line -> line.replaceAll("\\s+", " "))
                .toList()
                .toString();
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static void say(String format, Object... values) {
        OUT.printf(Locale.ROOT, format + "%n", values);
        OUT.flush();
    }

    private static StateTrie inMemory(long count) {
        Random random = new Random(1);
        StateTrie.Builder builder = new StateTrie.Builder();
        for (long i = 0; i < count; i++) {
            builder.put(key(i, count), value(random));
        }
        return builder.build();
    }

    private static void memory(long count) throws IOException {
        long empty = heapMib();
        long began = System.nanoTime();
        StateTrie state = inMemory(count);
        say("made in %.2f s, root %s", seconds(began), state.root());
        say("heap %d MiB, %s", heapMib() - empty, residentMib());
        Random random = new Random(2);
        for (int round = 0; round < 3; round++) {
            long from = System.nanoTime();
            for (int block = 0; block < BLOCKS; block++) {
                state = state.with(changes(random, count));
            }
            say("%.2f ms a block of %d changes", seconds(from) * 1e3 / BLOCKS, CHANGES);
        }
    }

    private static void disk(long count, Path directory) throws IOException {
        ChainStore store = ChainStore.open(directory, true);
        Hash root = count <= 1_000_000 ? inMemory(count).root() : null;
        Random entries = new Random(1);
        long began = System.nanoTime();
        StateTrie state = store.restoreState(to -> {
            for (long i = 0; i < count; i++) {
                to.put(key(i, count), value(entries));
            }
        });
        say("restored %d entries in %.1f s, root %s %s", count, seconds(began), state.root(), residentMib());
        if (root != null && !root.equals(state.root())) {
            throw new IllegalStateException("other root than in memory");
        }
        state = store.commit(block(0, state.root()), new byte[0], null, state, null);
        store.close();
        for (int run = 0; run < 2; run++) {
            began = System.nanoTime();
            store = ChainStore.open(directory, false);
            state = store.openState();
            long head = store.head();
            say("opened at block %d in %.0f ms", head, seconds(began) * 1e3);
            Random random = new Random(3 + run);
            for (int round = 0; round < 3; round++) {
                long update = 0;
                long commit = 0;
                for (int i = 0; i < BLOCKS; i++) {
                    StateChanges changes = changes(random, count);
                    long from = System.nanoTime();
                    StateTrie after = state.with(changes);
                    long middle = System.nanoTime();
                    state = store.commit(block(++head, after.root()), new byte[0], state, after, null);
                    update += middle - from;
                    commit += System.nanoTime() - middle;
                }
                say(
                        "block of %d changes: root %.1f ms, commit %.1f ms; heap %d MiB, cache %d MiB, %s",
                        CHANGES,
                        update / 1e6 / BLOCKS,
                        commit / 1e6 / BLOCKS,
                        heapMib(),
                        store.cachedBytes() >> 20,
                        residentMib());
            }
            store.close();
        }
    }

    public static void main(String[] arguments) throws IOException {
        long count = Long.parseLong(arguments[1]);
        switch (arguments[0]) {
            case "memory" -> memory(count);
            case "disk" -> disk(count, Path.of(arguments[2]));
            default -> throw new IllegalArgumentException("memory N or disk N DIRECTORY");
        }
    }
}
