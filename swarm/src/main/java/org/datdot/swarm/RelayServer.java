package org.datdot.swarm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.Hash;
import org.datdot.dht.PeerNetwork;
import org.datdot.dht.RelayedPair;
import org.datdot.encoding.CompactDecoder;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelHandler;
import org.datdot.wire.ChannelSpec;
import org.jspecify.annotations.Nullable;

/**
 * Relays streams for peers which find no direct way to each other (npm {@code blind-relay} 1, class Server): whoever names the
 * same token is joined, packet by packet, without this side being able to read any of it.
 *
 * <p>One connection may have {@value #MAX_PER_CONNECTION} streams relayed or waiting, all together {@code maxPairs}; more are
 * not answered. What a connection asked for ends with it, but packets are passed on for {@value #LINGER_MS} ms more if the
 * other side stays: it may still have some under way there when this one has found a direct way to it.
 */
public final class RelayServer {
    static final int MAX_PER_CONNECTION = 64;
    static final long LINGER_MS = 10_000;
    private static final byte[] NOTHING = new byte[0];

    /** Two sides that are joined. */
    private record Joined(RelayedPair streams, Session first, Session second) {
        Session other(Session one) {
            return one == first ? second : first;
        }
    }

    /** One side that waits for the other. */
    private record Waiting(Session session, BlindRelay.Pair pair) {}

    private final PeerNetwork network;
    private final int maxPairs;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Hash, Waiting> waiting = new HashMap<>();
    private final Map<Hash, Joined> relayed = new HashMap<>();

    /** Relays nothing before the first {@link #accept}. */
    public RelayServer(PeerNetwork network, int maxPairs) {
        this.network = network;
        this.maxPairs = maxPairs;
    }

    /** Lets a peer ask for relaying. */
    public void accept(Connection connection) {
        byte[] id = connection.remotePublicKey().bytes();
        connection
                .mux()
                .pair(
                        BlindRelay.PROTOCOL,
                        id,
                        (mux, channelId) -> mux.tryOpen(
                                new ChannelSpec(BlindRelay.PROTOCOL, id, NOTHING, new Session(connection))));
    }

    /** How many pairs of streams are joined at present. */
    public int pairs() {
        lock.lock();
        try {
            return relayed.size();
        } finally {
            lock.unlock();
        }
    }

    /** What one connection has asked for. */
    private final class Session implements ChannelHandler {
        private final Connection connection;
        private final Set<Hash> asked = new HashSet<>();
        private @Nullable Channel channel;

        Session(Connection connection) {
            this.connection = connection;
        }

        private RelayedPair.Side side(BlindRelay.Pair pair) {
            return new RelayedPair.Side((int) pair.streamId(), connection.udxStream());
        }

        @Override
        public void onMessage(Channel on, int type, CompactDecoder payload) {
            channel = on;
            if (type == BlindRelay.PAIR) pair(BlindRelay.Pair.decode(payload));
            else if (type == BlindRelay.UNPAIR) forget(new Hash(BlindRelay.decodeUnpair(payload)), false);
        }

        private void pair(BlindRelay.Pair pair) {
            Hash token = new Hash(pair.token());
            List<Runnable> answers = new ArrayList<>(2);
            lock.lock();
            try {
                Waiting other = waiting.get(token);
                boolean full = asked.size() >= MAX_PER_CONNECTION || waiting.size() + relayed.size() >= maxPairs;
                if (relayed.containsKey(token) || full) return;
                if (other == null) {
                    asked.add(token);
                    waiting.put(token, new Waiting(this, pair));
                    return;
                }
                if (other.pair().initiator() == pair.initiator()) return;
                asked.add(token);
                waiting.remove(token);
                RelayedPair joined = network.relay(other.session().side(other.pair()), side(pair), () -> ended(token));
                relayed.put(token, new Joined(joined, other.session(), this));
                answers.add(() -> other.session().answer(other.pair(), joined.firstId()));
                answers.add(() -> answer(pair, joined.secondId()));
            } finally {
                lock.unlock();
            }
            answers.forEach(Runnable::run);
        }

        private void answer(BlindRelay.Pair pair, int streamId) {
            Channel to = channel;
            if (to == null) throw new IllegalStateException("who asked has a channel");
            to.send(
                    BlindRelay.PAIR,
                    new BlindRelay.Pair(pair.initiator(), pair.token(), Integer.toUnsignedLong(streamId)).encode());
        }

        /**
         * @param linger whether to pass packets on for a while if the other side stays
         */
        private void forget(Hash token, boolean linger) {
            Joined joined;
            boolean stays;
            lock.lock();
            try {
                if (!asked.remove(token)) return;
                waiting.remove(token);
                joined = relayed.get(token);
                stays = joined != null && joined.other(this).asked.contains(token);
            } finally {
                lock.unlock();
            }
            if (joined == null) return;
            RelayedPair streams = joined.streams();
            if (stays && linger) {
                CompletableFuture.delayedExecutor(LINGER_MS, TimeUnit.MILLISECONDS)
                        .execute(streams::close);
            } else {
                streams.close();
            }
        }

        @Override
        public void onClose(Channel on, boolean byRemote) {
            Set<Hash> left;
            lock.lock();
            try {
                left = Set.copyOf(asked);
            } finally {
                lock.unlock();
            }
            left.forEach(token -> forget(token, true));
        }
    }

    private void ended(Hash token) {
        lock.lock();
        try {
            Joined joined = relayed.remove(token);
            if (joined == null) return;
            joined.first().asked.remove(token);
            joined.second().asked.remove(token);
        } finally {
            lock.unlock();
        }
    }
}
