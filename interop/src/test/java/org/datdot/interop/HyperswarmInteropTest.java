package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.util.List;
import org.datdot.crypto.PublicKey;
import org.datdot.swarm.Connection;
import org.datdot.swarm.JoinOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What our hyperswarms and stock ones do to each other. Who meets whom in which network: {@link MixedNetworksTest}. */
@Timeout(300)
class HyperswarmInteropTest {
    @Test
    void shouldKeepOneConnectionWhenBothSidesDialAtOnce() throws IOException {
        try (StockSwarms stock = StockSwarms.start(4)) {
            for (int round = 0; round < 6; round++) {
                int topic = 120 + round;
                int seed = 20 + round;
                PublicKey theirs = stock.swarm(seed);
                try (SwarmPeer ours = new SwarmPeer(stock.bootstrap(), 40 + round)) {
                    // Announced first, so that both find the other and dial in the same moment.
                    ours.joinAndFlush(topic, JoinOptions.SERVER);
                    stock.join(seed, topic, true, false);
                    stock.beginToJoin(seed, topic, true, true);
                    ours.joinAndFlush(topic, JoinOptions.BOTH);
                    stock.answered();
                    assertThat(stock.peers(seed, 1)).as("round %s", round).containsExactly(ours.hex());
                    ours.settle(theirs);
                    stock.echo(seed, ours.swarm.publicKey());
                    assertThat(ours.swarm.connections()).as("round %s", round).hasSize(1);
                }
                stock.destroy(seed);
            }
            stock.finish();
        }
    }

    @Test
    void shouldConnectAgainWhenAStockPeerDropsTheConnection() throws IOException {
        try (StockSwarms stock = StockSwarms.start(3);
                SwarmPeer ours = new SwarmPeer(stock.bootstrap(), 60)) {
            PublicKey theirs = stock.swarm(61);
            stock.join(61, 160, true, false);
            ours.swarming.joinPeer(theirs);
            Connection first = ours.awaitPeer(theirs);
            stock.drop(61);
            Connection second = ours.awaitPeer(theirs);
            assertThat(second).isNotSameAs(first);
            ours.echo(second);
            assertThat(ours.swarming.stats().dialled()).isGreaterThanOrEqualTo(2);
            stock.finish();
        }
    }

    @Test
    void shouldNotBeFoundAnyMoreWhenItHasLeftOrIsSuspended() throws IOException {
        try (StockSwarms stock = StockSwarms.start(3);
                SwarmPeer ours = new SwarmPeer(stock.bootstrap(), 70)) {
            ours.joinAndFlush(170, JoinOptions.SERVER);
            assertThat(found(stock, 71, 170)).containsExactly(ours.hex());
            ours.swarming.leave(StockSwarms.topic(170));
            assertThat(found(stock, 72, 170)).isEmpty();
            ours.joinAndFlush(170, JoinOptions.SERVER);
            ours.swarming.suspend();
            assertThat(ours.swarm.connections()).isEmpty();
            assertThat(found(stock, 73, 170)).isEmpty();
            // Somebody takes its port meanwhile: what stock peers are told is where it is then.
            try (DatagramSocket taken = new DatagramSocket(ours.network.dht().localAddress())) {
                ours.swarming.resume();
                assertThat(ours.network.dht().localAddress()).isNotEqualTo(taken.getLocalSocketAddress());
            }
            assertThat(ours.swarming.flush()).isTrue();
            assertThat(found(stock, 74, 170)).containsExactly(ours.hex());
            stock.finish();
        }
    }

    @Test
    void shouldRefuseAPeerWhenItIsBanned() throws IOException {
        try (StockSwarms stock = StockSwarms.start(3);
                SwarmPeer ours = new SwarmPeer(stock.bootstrap(), 80)) {
            PublicKey banned = stock.swarm(81);
            ours.swarming.ban(banned, true);
            ours.joinAndFlush(180, JoinOptions.BOTH);
            stock.join(81, 180, true, true);
            ours.joinAndFlush(180, JoinOptions.BOTH);
            assertThat(ours.swarming.stats().dialled()).isZero();
            assertThat(ours.swarm.connections()).isEmpty();
            assertThat(ours.swarming.peer(banned))
                    .hasValueSatisfying(peer -> assertThat(peer.banned()).isTrue());
            stock.finish();
        }
    }

    /** Who a new stock swarm meets under a topic, after it has tried all it found. */
    private static List<String> found(StockSwarms stock, int seed, int topic) {
        stock.swarm(seed);
        stock.join(seed, topic, false, true);
        List<String> peers = stock.flush(seed);
        stock.destroy(seed);
        return peers;
    }
}
