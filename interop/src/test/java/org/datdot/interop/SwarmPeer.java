package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerNetwork;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Hyperswarm;
import org.datdot.swarm.HyperswarmListener;
import org.datdot.swarm.HyperswarmOptions;
import org.datdot.swarm.JoinOptions;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmOptions;
import org.jspecify.annotations.Nullable;

/** One of our swarms: serves what wire-peer.mjs lists. */
final class SwarmPeer implements AutoCloseable {
    private static final int BYTES = StockSwarms.BYTES;
    private static final SwarmOptions PATIENT = SwarmOptions.defaults().withTimes(30_000, 5_000, 60_000);

    final PeerNetwork network;
    final Swarm swarm;
    final Hyperswarm swarming;
    private final BlockingQueue<Connection> made = new LinkedBlockingQueue<>();

    SwarmPeer(PeerAddress bootstrap, int seed) throws IOException {
        // Ephemeral, so that nobody waits for it when it has gone.
        network = PeerNetwork.open(options(bootstrap, DhtOptions.Mode.EPHEMERAL), anyPort());
        swarm = new Swarm(KeyPair.fromSeed(StockSwarms.filled(seed)), this::attach, PATIENT);
        swarming = new Hyperswarm(swarm, network, HyperswarmOptions.defaults(), HyperswarmListener.NONE);
        network.dht().awaitBootstrapped();
    }

    static DhtOptions options(PeerAddress bootstrap, DhtOptions.Mode mode) {
        return DhtOptions.joining(List.of(BootstrapNode.at(bootstrap))).withReachable(mode);
    }

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private void attach(Connection connection) {
        WireServices.attach(connection.mux());
        made.add(connection);
    }

    String hex() {
        return swarm.publicKey().hex();
    }

    void joinAndFlush(int topic, JoinOptions how) {
        assertThat(swarming.join(StockSwarms.topic(topic), how).flushed()).isTrue();
        assertThat(swarming.flush()).isTrue();
    }

    /** Waits for a new connection to a peer. */
    Connection awaitPeer(PublicKey peer) {
        while (true) {
            Connection connection = Waiting.next(made);
            if (connection.remotePublicKey().equals(peer)) return connection;
        }
    }

    /** Waits until there is one connection to a peer, whatever came and went before. */
    void settle(PublicKey peer) {
        @Nullable Connection last = null;
        while (last == null || last.closed().isDone()) last = awaitPeer(peer);
    }

    void echo(Connection connection) {
        Talk echo = Talk.open(connection.mux(), "test/echo", null);
        echo.awaitOpen();
        byte[] block = new byte[65_536];
        for (int i = 0; i < BYTES / block.length; i++) {
            block[0] = (byte) i;
            echo.sendPatiently(0, block.clone());
        }
        for (int i = 0; i < BYTES / block.length; i++) {
            block[0] = (byte) i;
            assertThat(echo.next().payload()).isEqualTo(block);
        }
    }

    @Override
    public void close() {
        swarming.close();
        swarm.close();
        network.close();
    }
}
