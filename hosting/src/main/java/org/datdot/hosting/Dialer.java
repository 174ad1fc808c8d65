package org.datdot.hosting;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.PublicKey;
import org.datdot.swarm.Connection;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * Connects to several peers at once, so that those that are dead cost no time: returns with the first that answers, the
 * others go on being dialled.
 */
final class Dialer {
    private static final System.Logger LOG = System.getLogger(Dialer.class.getName());

    private Dialer() {}

    /** Collects how the dials end, until one succeeded or all failed. */
    private static final class Dials {
        final CompletableFuture<@Nullable Void> first = new CompletableFuture<>();
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private final AtomicInteger left;

        Dials(int count) {
            this.left = new AtomicInteger(count);
        }

        void searched(CoreKey core, boolean found) {
            if (found) first.complete(null);
            else failed(core.toString(), "nobody who answers is announced for it");
        }

        void failed(String what, @Nullable String why) {
            failures.add(what + ": " + why);
            if (left.decrementAndGet() == 0) first.completeExceptionally(noneReached(""));
        }

        IOException noneReached(String addition) {
            return new IOException("no peer can be reached" + addition + ": " + String.join("; ", failures));
        }
    }

    /**
     * Dials all of them, looks for others that have the cores if a network was joined, and waits for the first.
     *
     * @throws IOException when none answers in time; the message names each with its reason
     */
    static void connectAny(Peers peers, List<PeerAddress> addresses, List<CoreKey> cores, Duration timeout)
            throws IOException, InterruptedException {
        boolean joined = peers.network().isPresent();
        if (addresses.isEmpty() && (cores.isEmpty() || !joined)) {
            throw new IOException("nobody is known who has the data");
        }
        Dials dials = new Dials(addresses.size() + (joined ? cores.size() : 0));
        if (joined) {
            var _ = peers.next().thenRun(() -> dials.first.complete(null));
            for (CoreKey core : cores) peers.find(core, found -> dials.searched(core, found));
        }
        for (PeerAddress peer : addresses) {
            Thread.ofVirtual().name("datdot-dial " + peer).start(() -> dial(peers, peer, dials));
        }
        try {
            dials.first.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            IOException late = dials.noneReached(" within " + timeout.toSeconds() + " s");
            late.initCause(e);
            throw late;
        } catch (ExecutionException e) {
            throw new IOException(
                    String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()), e);
        }
    }

    private static void dial(Peers peers, PeerAddress peer, Dials dials) {
        try {
            PublicKey key = peer.key();
            Connection connection =
                    key == null ? peers.connect(peer.endpoints()) : peers.connect(peer.endpoints(), key);
            LOG.log(System.Logger.Level.DEBUG, "connected to {0}", connection);
            dials.first.complete(null);
        } catch (IOException | WireException | IllegalStateException e) {
            dials.failed(peer.toString(), e.getMessage());
        }
    }
}
