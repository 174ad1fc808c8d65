package org.datdot.swarm;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.datdot.dht.DhtException;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * One dial of a peer by several ways: the first one alone, through UDP; when it fails or takes long, the others side by side,
 * each a little after the one before (RFC 8305). The first connection on which the peer proves its key stays, the rest is
 * ended.
 */
final class KeyDial {
    /** How long the first way goes alone. */
    static final long HEAD_START_MS = 3_000;
    /** From one of the others to the next. */
    static final long STAGGER_MS = 250;

    /** One way to the peer. */
    interface Way {
        Connection go(Gate gate) throws IOException;
    }

    /** Finds more ways; may take long, and find none. */
    interface Search {
        List<Way> find();
    }

    /** What came of something that was begun. */
    private sealed interface Outcome {
        record Connected(Connection connection) implements Outcome {}

        record Failed(Exception cause) implements Outcome {}

        record Found(List<Way> ways) implements Outcome {}
    }

    private final Gate gate;
    private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Set<Connection> begun = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean won = new AtomicBoolean();
    private final Deque<Way> waiting = new ArrayDeque<>();
    private volatile boolean over;
    private int running;
    private @Nullable Exception failure;

    /**
     * A dial.
     *
     * @param gate decides on the first connection whose peer has proven its key
     */
    KeyDial(Gate gate) {
        this.gate = gate;
    }

    /** Hands the connections to the gate, one at most that is to stay. */
    private final class Once implements Gate {
        @Override
        public boolean begun(Connection connection) {
            begun.add(connection);
            return !over && gate.begun(connection);
        }

        @Override
        public boolean admits(Connection connection) {
            return !won.getAndSet(true) && gate.admits(connection);
        }

        @Override
        public void joined(Connection connection) {
            gate.joined(connection);
        }
    }

    /**
     * Dials.
     *
     * @param first goes alone at the beginning; null when there is none
     * @param known the others
     * @param search finds more of them, begun together with the known ones
     * @throws IOException that of the first way that failed, with those of the others suppressed; so are the others
     * @throws InterruptedIOException when this thread is interrupted: nothing is left of the dial
     */
    Connection run(@Nullable Way first, List<Way> known, Search search) throws IOException {
        try {
            if (first != null) start(first);
            long nextAt = System.nanoTime() + (first == null ? 0 : TimeUnit.MILLISECONDS.toNanos(HEAD_START_MS));
            boolean alone = true;
            while (true) {
                boolean more = alone || !waiting.isEmpty();
                if (running == 0 && !more) throw failed();
                Outcome outcome = more
                        ? outcomes.poll(Math.max(0, nextAt - System.nanoTime()), TimeUnit.NANOSECONDS)
                        : outcomes.take();
                switch (outcome) {
                    case Outcome.Connected connected -> {
                        begun.remove(connected.connection());
                        return connected.connection();
                    }
                    case Outcome.Failed failed -> add(failed.cause());
                    case Outcome.Found found -> waiting.addAll(found.ways());
                    case null -> {}
                }
                if (outcome != null) running--;
                boolean due = System.nanoTime() - nextAt >= 0 || outcome instanceof Outcome.Failed;
                if (!due) continue;
                if (alone) {
                    alone = false;
                    waiting.addAll(known);
                    look(search);
                }
                Way next = waiting.poll();
                if (next != null) {
                    start(next);
                    nextAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STAGGER_MS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while dialling a peer");
        } finally {
            over = true;
            threads.forEach(Thread::interrupt);
            WireException unwanted =
                    new WireException(WireException.Reason.CLOSED, "this side does not need the connection any more");
            begun.forEach(connection -> connection.fail(unwanted));
        }
    }

    private void start(Way way) {
        begin(() -> {
            try {
                outcomes.add(new Outcome.Connected(way.go(new Once())));
            } catch (IOException | WireException | DhtException | IllegalStateException e) {
                outcomes.add(new Outcome.Failed(e));
            }
        });
    }

    private void look(Search search) {
        begin(() -> {
            List<Way> found = List.of();
            try {
                found = search.find();
            } finally {
                outcomes.add(new Outcome.Found(found));
            }
        });
    }

    private void begin(Runnable task) {
        running++;
        threads.add(Thread.ofVirtual().name("swarm-dial").start(task));
    }

    private void add(Exception cause) {
        Exception known = failure;
        if (known == null) failure = cause;
        else known.addSuppressed(cause);
    }

    private IOException failed() {
        Exception cause = failure;
        return switch (cause) {
            case null -> new IOException("no way to the peer is known");
            case IOException io -> io;
            case RuntimeException runtime -> throw runtime;
            default -> new IOException(cause.getMessage(), cause);
        };
    }
}
