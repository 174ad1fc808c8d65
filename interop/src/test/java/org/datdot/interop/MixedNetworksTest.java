package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.datdot.crypto.PublicKey;
import org.datdot.swarm.JoinOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Who finds and reaches whom through which DHT: a stock client and our server, our client and a stock server, our client and our
 * server, each by key and by topic, through networks of stock nodes, of ours and of half and half. The peers are no nodes of
 * those networks.
 */
@Timeout(300)
class MixedNetworksTest {
    /** Whose nodes a network has. */
    enum Nodes {
        STOCK,
        OURS,
        MIXED
    }

    @ParameterizedTest(name = "{0} nodes, {1}")
    @CsvSource({"4, STOCK", "4, OURS", "4, MIXED", "20, STOCK", "20, OURS", "20, MIXED"})
    void shouldConnectEveryPair(int nodes, Nodes kind) throws IOException {
        connectEveryPair(nodes, kind);
    }

    @Tag("slow")
    @ParameterizedTest(name = "{0}")
    @EnumSource
    void shouldConnectEveryPairWhenThereAreAHundredNodes(Nodes kind) throws IOException {
        connectEveryPair(100, kind);
    }

    private static void connectEveryPair(int nodes, Nodes kind) throws IOException {
        if (kind == Nodes.STOCK) {
            try (StockSwarms stock = StockSwarms.start(nodes)) {
                connectEveryPair(stock);
            }
            return;
        }
        int ours = kind == Nodes.OURS ? nodes : nodes / 2;
        try (JavaNet net = new JavaNet(ours);
                StockSwarms stock = StockSwarms.joining(net.bootstrap(), nodes - ours)) {
            connectEveryPair(stock);
        }
    }

    private static void connectEveryPair(StockSwarms stock) throws IOException {
        byKey(stock);
        byTopic(stock);
        stock.finish();
    }

    private static void byKey(StockSwarms stock) throws IOException {
        try (SwarmPeer client = new SwarmPeer(stock.bootstrap(), 1);
                SwarmPeer server = new SwarmPeer(stock.bootstrap(), 2)) {
            PublicKey stockServer = stock.swarm(11);
            stock.listen(11);
            client.echo(client.swarming.connect(stockServer).join());

            server.swarming.listen();
            PublicKey stockClient = stock.swarm(12);
            stock.joinPeer(12, server.swarm.publicKey());
            assertThat(stock.peers(12, 1)).containsExactly(server.hex());
            stock.echo(12, server.swarm.publicKey());
            assertThat(server.awaitPeer(stockClient).initiator()).isFalse();

            client.echo(client.swarming.connect(server.swarm.publicKey()).join());
        }
    }

    private static void byTopic(StockSwarms stock) throws IOException {
        try (SwarmPeer client = new SwarmPeer(stock.bootstrap(), 3);
                SwarmPeer server = new SwarmPeer(stock.bootstrap(), 4)) {
            PublicKey stockServer = stock.swarm(13);
            stock.join(13, 100, true, false);
            client.joinAndFlush(100, JoinOptions.CLIENT);
            client.echo(client.awaitPeer(stockServer));

            server.joinAndFlush(101, JoinOptions.SERVER);
            PublicKey stockClient = stock.swarm(14);
            stock.join(14, 101, false, true);
            assertThat(stock.peers(14, 1)).containsExactly(server.hex());
            stock.echo(14, server.swarm.publicKey());
            assertThat(server.awaitPeer(stockClient).initiator()).isFalse();

            client.joinAndFlush(101, JoinOptions.CLIENT);
            client.echo(client.awaitPeer(server.swarm.publicKey()));
        }
    }
}
