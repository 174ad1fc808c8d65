package org.datdot.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.datdot.chain.Block;
import org.datdot.chain.Chain;
import org.datdot.chain.ChainException;
import org.datdot.chain.ChainSpec;
import org.datdot.chain.Extrinsic;
import org.datdot.chain.Subscription;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Call;
import org.datdot.ledger.Genesis;
import org.datdot.ledger.Parameters;
import org.datdot.swarm.SwarmOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChainFollowerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final KeyPair AUTHORITY = keys(1);
    private static final KeyPair ALICE = keys(2);
    private static final AccountId BOB = AccountId.of(keys(3).publicKey());
    private static final long START_MS = 1_790_000_000_000L;

    @TempDir
    Path temporary;

    private static KeyPair keys(int number) {
        byte[] seed = new byte[32];
        seed[0] = (byte) number;
        return KeyPair.fromSeed(seed);
    }

    private static ChainSpec spec(String name) {
        AccountId alice = AccountId.of(ALICE.publicKey());
        return new ChainSpec(
                name,
                START_MS,
                AUTHORITY.publicKey(),
                Parameters.devnet(),
                new Genesis(alice, List.of(new Genesis.Endowment(alice, 1_000_000_000_000L))));
    }

    private Chain chain(String place, String name) {
        return Chain.open(temporary.resolve(place), spec(name), new PalletTreeHeads());
    }

    private static void live(Chain chain, int blocks) {
        for (int i = 0; i < blocks; i++) {
            long nonce = chain.nextNonce(AccountId.of(ALICE.publicKey()));
            chain.submit(Extrinsic.sign(ALICE, nonce, new Call.Transfer(BOB, 1_000 + i), chain.genesis())
                    .encode());
            chain.produce(AUTHORITY, chain.head().timestampMs() + 6_000);
        }
    }

    /** A store with connections. */
    private final class Node implements AutoCloseable {
        private final Corestore store;
        private final Peers peers;

        Node(String name, int number) {
            store = Corestore.open(temporary.resolve(name), StoreOptions.defaults());
            peers = new Peers(keys(number), store, SwarmOptions.defaults());
        }

        InetSocketAddress listen() throws Exception {
            return peers.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }

        ChainFollower follow(CoreKey key, String place, @Nullable Hash genesis) {
            return ChainFollower.start(
                    store.get(key), temporary.resolve(place), new PalletTreeHeads(), genesis, PATIENCE);
        }

        @Override
        public void close() {
            peers.close();
            store.close();
        }
    }

    private static void await(Chain chain, long number) throws Exception {
        CompletableFuture<Void> reached = new CompletableFuture<>();
        Subscription subscription = chain.onHead(header -> {
            if (header.number() >= number) {
                reached.complete(null);
            }
        });
        try {
            if (chain.head().number() < number) {
                reached.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            subscription.close();
        }
    }

    @Test
    void shouldFollowOverTheNetworkThroughAnotherFollowerAndARestart() throws Exception {
        try (Node author = new Node("author-store", 10);
                Node middle = new Node("middle-store", 11);
                Node last = new Node("last-store", 12);
                Chain chain = chain("author", "followed")) {
            live(chain, 5);
            InetSocketAddress authorAt = author.listen();
            CoreKey key;
            try (ChainLog log = ChainLog.publish(chain, author.store.get("blocks"))) {
                key = log.key();
                middle.peers.connect(authorAt);
                // The last one hears of blocks from the one in the middle alone.
                last.peers.connect(middle.listen());
                try (ChainFollower one = middle.follow(key, "middle", chain.genesis());
                        ChainFollower two = last.follow(key, "last", null)) {
                    live(chain, 6);
                    await(one.chain(), 11);
                    await(two.chain(), 11);
                    assertThat(one.chain().head()).isEqualTo(chain.head());
                    assertThat(two.chain().head()).isEqualTo(chain.head());
                    assertThat(two.chain().events(9)).isEqualTo(chain.events(9)).isNotEmpty();
                    assertThat(two.chain().verify()).isEqualTo(chain.head());
                }
                live(chain, 3);
                // Nobody fetches in the middle any more, so that the blocks are to be had from the author alone.
                last.peers.connect(authorAt);
                try (ChainFollower again = last.follow(key, "last", chain.genesis())) {
                    assertThat(again.chain().head().number()).isGreaterThanOrEqualTo(11);
                    await(again.chain(), 14);
                    assertThat(again.chain().head()).isEqualTo(chain.head());
                }
            }
            live(chain, 2);
            Hypercore core = author.store.get("blocks");
            assertThat(core.length()).as("closed: nothing is appended").isEqualTo(15);
            try (ChainLog log = ChainLog.publish(chain, core)) {
                assertThat(log.key()).isEqualTo(key);
                assertThat(core.length()).as("what was missed is appended").isEqualTo(17);
            }
        }
    }

    @Test
    void shouldStopAtTheFirstForgedBlock() throws Exception {
        try (Node node = new Node("store", 10);
                Chain real = chain("real", "forged");
                Chain other = chain("other", "forged")) {
            live(real, 4);
            live(other, 2);
            other.produce(AUTHORITY, other.head().timestampMs() + 1);
            live(other, 1);
            List<byte[]> forgeries = List.of(
                    block(other, 4),
                    block(real, 2),
                    new byte[] {1, 2, 3},
                    changed(block(real, 3), 40),
                    changed(block(real, 3), -1));
            for (int i = 0; i < forgeries.size(); i++) {
                Hypercore core = node.store.get("log " + i);
                core.append(real.spec().encode());
                core.append(block(real, 1), block(real, 2), forgeries.get(i), block(real, 4));
                try (ChainFollower follower = node.follow(core.key(), "follower " + i, real.genesis())) {
                    assertThatThrownBy(() -> follower.stopped().get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                            .as("forgery %d", i)
                            .hasCauseInstanceOf(ChainException.class);
                    assertThat(follower.chain().head()).as("forgery %d", i).isEqualTo(header(real, 2));
                }
            }
        }
    }

    @Test
    void shouldRefuseAnotherChainOrNoChain() throws Exception {
        try (Node node = new Node("store", 10);
                Chain one = chain("one", "one");
                Chain two = chain("two", "two")) {
            live(one, 1);
            live(two, 1);
            Hypercore core = node.store.get("blocks");
            try (ChainLog log = ChainLog.publish(one, core)) {
                assertThatThrownBy(() -> node.follow(log.key(), "wrong", two.genesis()))
                        .isInstanceOf(ChainException.class)
                        .hasMessageContaining("not of");
            }
            assertThatThrownBy(() -> ChainLog.publish(two, core)).hasMessageContaining("another block");
            Hypercore rubbish = node.store.get("rubbish");
            rubbish.append(new byte[] {9});
            assertThatThrownBy(() -> node.follow(rubbish.key(), "none", null))
                    .isInstanceOf(ChainException.class)
                    .hasMessageContaining("no chain's log");
        }
    }

    private static org.datdot.chain.Header header(Chain chain, long number) {
        Block block = chain.block(number);
        assertThat(block).isNotNull();
        return java.util.Objects.requireNonNull(block).header();
    }

    private static byte[] block(Chain chain, long number) {
        return java.util.Objects.requireNonNull(chain.block(number)).encode();
    }

    private static byte[] changed(byte[] block, int at) {
        byte[] out = block.clone();
        out[at < 0 ? out.length + at : at] ^= 1;
        return out;
    }
}
