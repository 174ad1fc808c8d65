package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.datdot.crypto.PublicKey;
import org.datdot.wire.MemoryDuplex;
import org.datdot.wire.Protomux;

/**
 * Stores, cores and connections in memory, moved one step at a time in an order decided by a seed. Time stands still
 * until nothing else can happen. Only the moment of a commit is not ours: a store writes on a thread of its own.
 */
final class ReplicationTestBed implements AutoCloseable {
    private static final int MAX_STEPS = 2_000_000;

    final Random random;
    private final Path directory;
    private final long seed;
    private final List<Corestore> stores = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private final List<Runnable> tasks = new ArrayList<>();
    private final List<Timer> timers = new ArrayList<>();
    private long nowNanos = 1;

    private record Timer(long atNanos, Runnable task) {}

    /** A connection; a stuck one moves nothing. */
    static final class Link {
        final MemoryDuplex duplex;
        boolean stuck;

        private Link(MemoryDuplex duplex) {
            this.duplex = duplex;
        }
    }

    /** A core in a store of its own, with a replicator under the test's control. */
    final class Node {
        final Hypercore core;
        final Replicator replicator;

        private Node(Hypercore core) {
            this.core = core;
            this.replicator = new Replicator(core.state(), new TestClock(), ReplicationTestBed.this::later);
        }

        boolean holds(long start, long end) {
            for (long i = start; i < end; i++) if (!core.has(i)) return false;
            return true;
        }
    }

    private final class TestClock implements ReplicationClock {
        @Override
        public long nanoTime() {
            return nowNanos;
        }

        @Override
        public void schedule(Runnable task, long delayMs) {
            synchronized (timers) {
                timers.add(new Timer(nowNanos + delayMs * 1_000_000, task));
            }
        }
    }

    ReplicationTestBed(Path directory, long seed) {
        this.directory = directory;
        this.seed = seed;
        this.random = new Random(seed);
    }

    /** May be called by a store's commit thread. */
    private void later(Runnable task) {
        synchronized (tasks) {
            tasks.add(task);
        }
    }

    Node writer(int blocks) {
        Hypercore core = store().get("core");
        append(core, blocks);
        return node(core);
    }

    Node reader(Node writer) {
        return node(store().get(writer.core.key()));
    }

    Node node(Hypercore core) {
        Node node = new Node(core);
        nodes.add(node);
        return node;
    }

    Corestore store() {
        return store(TestStores.options());
    }

    Corestore store(StoreOptions options) {
        Corestore store = Corestore.open(directory.resolve("seed" + seed + "-store" + stores.size()), options);
        stores.add(store);
        return store;
    }

    void append(Hypercore core, int blocks) {
        if (blocks > 0) core.append(TestStores.blocks(random, blocks));
    }

    Link connect(Node dialler, Node listener) {
        Link link = link();
        dialler.replicator.attach(link.duplex.initiator());
        listener.replicator.attach(link.duplex.responder());
        return link;
    }

    Link link() {
        byte[] handshakeHash = new byte[64];
        random.nextBytes(handshakeHash);
        Link link = new Link(new MemoryDuplex(key(), key(), handshakeHash));
        links.add(link);
        return link;
    }

    private PublicKey key() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return new PublicKey(bytes);
    }

    /** A core's end of a link that speaks for itself. */
    void attach(Node node, Protomux mux) {
        node.replicator.attach(mux);
    }

    /** The time as replicators see it. */
    long nanoTime() {
        return nowNanos;
    }

    /** Moves things until the condition holds. */
    void until(String what, BooleanSupplier condition) {
        int quiet = 0;
        for (int step = 0; step < MAX_STEPS; step++) {
            if (condition.getAsBoolean()) return;
            if (step()) {
                quiet = 0;
            } else if (quiet++ == 0) {
                settle();
            } else if (!advanceTime()) {
                throw new AssertionError("seed " + seed + ": nothing moves, but not: " + what);
            }
        }
        throw new AssertionError("seed " + seed + ": too many steps until: " + what);
    }

    /** Moves things until the cores take no more changes, because a conflict was found. */
    void untilFrozen(Node... frozen) {
        for (Node node : frozen) nodes.remove(node); // which cannot settle any more
        until("frozen", () -> {
            for (Node node : frozen) {
                try {
                    node.core.state().settle();
                    return false;
                } catch (StorageException e) {
                    if (e.kind() != StorageException.Kind.CONFLICT) throw e;
                }
            }
            return true;
        });
        nodes.addAll(List.of(frozen));
        while (step()) Thread.onSpinWait();
    }

    /** Moves things until nothing is left to do, without letting time pass. */
    void quiet() {
        for (int step = 0, still = 0; still < 2; step++) {
            if (step > MAX_STEPS) throw new AssertionError("seed " + seed + ": never quiet");
            if (step()) {
                still = 0;
            } else {
                settle();
                still++;
            }
        }
    }

    /** One random step; false when there is none. */
    boolean step() {
        int first = random.nextInt(links.size() + 1);
        for (int i = 0; i <= links.size(); i++) {
            int at = (first + i) % (links.size() + 1);
            if (at == links.size()
                    ? runTask()
                    : !links.get(at).stuck && links.get(at).duplex.deliverOne()) return true;
        }
        return false;
    }

    private boolean runTask() {
        Runnable task;
        synchronized (tasks) {
            if (tasks.isEmpty()) return false;
            task = tasks.remove(random.nextInt(tasks.size()));
        }
        task.run();
        return true;
    }

    private void settle() {
        for (Node node : nodes) TestStores.settle(node.core);
    }

    private boolean advanceTime() {
        Timer next = null;
        synchronized (timers) {
            for (Timer timer : timers) if (next == null || timer.atNanos < next.atNanos) next = timer;
            if (next == null || nowNanos > 600_000_000_000L) return false;
            timers.remove(next);
            nowNanos = Math.max(nowNanos, next.atNanos);
        }
        next.task.run();
        return true;
    }

    /** Asserts that one core holds what the other holds. */
    void requireSame(Node expected, Node actual, long start, long end) {
        for (long i = start; i < end; i++) {
            assertThat(Arrays.equals(actual.core.local(i), expected.core.local(i)))
                    .as("seed %d block %d", seed, i)
                    .isTrue();
        }
    }

    @Override
    public void close() {
        for (Node node : nodes) node.replicator.close();
        for (Corestore store : stores) store.close();
    }
}
