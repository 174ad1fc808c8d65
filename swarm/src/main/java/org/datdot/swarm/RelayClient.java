package org.datdot.swarm;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Arrays;
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
    private static final byte[] NOTHING = new byte[0];

    private final PeerNetwork network;
    private final KeyPair keys;
    private final Swarm connections;

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
        Request request = new Request(initiator, token, Integer.toUnsignedLong(streamId), outcome);
        Thread.ofVirtual().name("relay " + relay).start(() -> request.run(relay));
        CompletableFuture.delayedExecutor(PAIRING_MS, TimeUnit.MILLISECONDS).execute(request::expire);
        return request;
    }

    /** Closes the connections to relays. */
    @Override
    public void close() {
        connections.close();
    }

    private final class Request implements Pairing, ChannelHandler {
        private final BlindRelay.Pair asked;
        private final Outcome outcome;
        private final AtomicBoolean answered = new AtomicBoolean();
        private final ReentrantLock lock = new ReentrantLock();
        private boolean closed;
        private @Nullable Connection connection;

        Request(boolean initiator, byte[] token, long streamId, Outcome outcome) {
            this.asked = new BlindRelay.Pair(initiator, token, streamId);
            this.outcome = outcome;
        }

        void run(PublicKey relay) {
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
            outcome.paired((int) pair.streamId());
        }

        @Override
        public void onClose(Channel channel, boolean byRemote) {
            fail();
        }

        private void fail() {
            if (!answered.getAndSet(true)) outcome.failed();
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
