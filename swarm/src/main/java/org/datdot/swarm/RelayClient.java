package org.datdot.swarm;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.ConnectOptions;
import org.datdot.dht.PeerNetwork;
import org.datdot.dht.RelayDialer;
import org.datdot.encoding.CompactDecoder;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelHandler;
import org.datdot.wire.ChannelSpec;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * Asks peers to relay streams which find no direct way: connects to the relay by its key, names the token, and stays connected
 * for as long as the relay is needed (npm {@code blind-relay} 1, class Client). One connection for each stream, as stock peers do it.
 */
public final class RelayClient implements RelayDialer, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RelayClient.class.getName());
    private static final long PAIRING_MS = 15_000;
    private static final long AVOID_MS = 60_000;
    private static final int MAX_FAILURES = 64;
    private static final byte[] NOTHING = new byte[0];

    private final PeerNetwork network;
    private final KeyPair keys;
    private final Swarm connections;
    private final ReentrantLock lock = new ReentrantLock();
    /** Relays that failed, the last one last, and when. */
    private final LinkedHashMap<PublicKey, Long> failures = new LinkedHashMap<>();

    /**
     * Relays can be asked from now on; see {@link PeerNetwork#relays}.
     *
     * @param keys who this side is to relays
     */
    public RelayClient(PeerNetwork network, KeyPair keys, SwarmOptions options) {
        this.network = network;
        this.keys = keys;
        this.connections = new Swarm(keys, connection -> {}, options);
    }

    @Override
    public Pairing pair(PublicKey relay, boolean initiator, byte[] token, int streamId, Outcome outcome) {
        Request request = new Request(relay, initiator, token, Integer.toUnsignedLong(streamId), outcome);
        Thread.ofVirtual().name("relay " + relay).start(request);
        CompletableFuture.delayedExecutor(PAIRING_MS, TimeUnit.MILLISECONDS).execute(request::expire);
        return request;
    }

    /** Closes the connections to relays. */
    @Override
    public void close() {
        connections.close();
    }

    /** Whether a relay was not to be reached lately, did not answer, or went away while it was needed: then others come first. */
    boolean failedLately(PublicKey relay) {
        lock.lock();
        try {
            Long at = failures.get(relay);
            return at != null && System.nanoTime() - at < TimeUnit.MILLISECONDS.toNanos(AVOID_MS);
        } finally {
            lock.unlock();
        }
    }

    private void failed(PublicKey relay) {
        lock.lock();
        try {
            failures.putLast(relay, System.nanoTime());
            // Peers name relays as well: there may be any number of them.
            if (failures.size() > MAX_FAILURES) failures.pollFirstEntry();
        } finally {
            lock.unlock();
        }
    }

    private final class Request implements Pairing, ChannelHandler, Runnable {
        private final PublicKey relay;
        private final BlindRelay.Pair asked;
        private final Outcome outcome;
        private final AtomicBoolean answered = new AtomicBoolean();
        private boolean paired;
        private boolean closed;
        private @Nullable Connection connection;

        Request(PublicKey relay, boolean initiator, byte[] token, long streamId, Outcome outcome) {
            this.relay = relay;
            this.asked = new BlindRelay.Pair(initiator, token, streamId);
            this.outcome = outcome;
        }

        @Override
        public void run() {
            try {
                Connection made =
                        PeerWays.direct(connections, network, relay, ConnectOptions.DEFAULT, found -> new Gate() {
                            @Override
                            public boolean admits(Connection connection) {
                                return true;
                            }

                            // Before anything is read: a relay opens the channel as well, and takes it for over when
                            // nobody has it here.
                            @Override
                            public void joined(Connection connection) {
                                outcome.reached(found.socket(), found.address());
                                ask(connection);
                            }
                        });
                boolean late;
                lock.lock();
                try {
                    connection = made;
                    late = closed;
                } finally {
                    lock.unlock();
                }
                if (late) made.close();
            } catch (IOException | WireException | IllegalStateException e) {
                LOG.log(Level.DEBUG, () -> "the relay " + relay + " cannot be asked", e);
                fail();
            }
        }

        private void ask(Connection relay) {
            byte[] id = keys.publicKey().bytes();
            Channel channel = relay.mux().open(new ChannelSpec(BlindRelay.PROTOCOL, id, NOTHING, this));
            channel.send(BlindRelay.PAIR, asked.encode());
        }

        @Override
        public void onMessage(Channel channel, int type, CompactDecoder payload) {
            if (type != BlindRelay.PAIR) return;
            BlindRelay.Pair pair = BlindRelay.Pair.decode(payload);
            boolean ours = pair.initiator() == asked.initiator() && Arrays.equals(pair.token(), asked.token());
            if (!ours || answered.getAndSet(true)) return;
            lock.lock();
            try {
                paired = true;
            } finally {
                lock.unlock();
            }
            outcome.paired((int) pair.streamId());
        }

        @Override
        public void onClose(Channel channel, boolean byRemote) {
            boolean lost;
            lock.lock();
            try {
                lost = paired && !closed;
            } finally {
                lock.unlock();
            }
            if (!lost) {
                fail();
                return;
            }
            failed(relay);
            outcome.lost();
        }

        private void fail() {
            if (answered.getAndSet(true)) return;
            if (!isClosed()) failed(relay);
            outcome.failed();
        }

        private boolean isClosed() {
            lock.lock();
            try {
                return closed;
            } finally {
                lock.unlock();
            }
        }

        void expire() {
            if (answered.get()) return;
            fail();
            close();
        }

        @Override
        public void close() {
            Connection left;
            lock.lock();
            try {
                closed = true;
                left = connection;
            } finally {
                lock.unlock();
            }
            if (left != null) Thread.ofVirtual().name("relay-end").start(left::close);
        }
    }
}
