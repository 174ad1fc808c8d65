package org.datdot.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.datdot.chain.Chain;
import org.datdot.chain.ChainException;
import org.datdot.chain.ChainSpec;
import org.datdot.chain.Extrinsic;
import org.datdot.chain.Header;
import org.datdot.chain.Subscription;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.KeyPair;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.hypercore.TreeHead;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Call;
import org.datdot.ledger.Genesis;
import org.datdot.ledger.Parameters;
import org.datdot.swarm.SwarmOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChainSnapshotTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final KeyPair AUTHORITY = keys(1);
    private static final KeyPair ALICE = keys(2);
    private static final AccountId BOB = AccountId.of(keys(3).publicKey());
    private static final long INTERVAL = 8;

    @TempDir
    Path temporary;

    private static KeyPair keys(int number) {
        byte[] seed = new byte[32];
        seed[0] = (byte) number;
        return KeyPair.fromSeed(seed);
    }

    private Chain chain(String place) {
        AccountId alice = AccountId.of(ALICE.publicKey());
        ChainSpec spec = new ChainSpec(
                "snapshots",
                1_790_000_000_000L,
                AUTHORITY.publicKey(),
                Parameters.devnet(),
                new Genesis(alice, List.of(new Genesis.Endowment(alice, 1_000_000_000_000L))));
        return Chain.open(temporary.resolve(place), spec, new PalletTreeHeads());
    }

    private static void live(Chain chain, int blocks) {
        for (int i = 0; i < blocks; i++) {
            long nonce = chain.nextNonce(AccountId.of(ALICE.publicKey()));
            chain.submit(Extrinsic.sign(ALICE, nonce, new Call.Transfer(BOB, 1_000 + i), chain.genesis())
                    .encode());
            chain.produce(AUTHORITY, chain.head().timestampMs() + 6_000);
        }
    }

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

        ChainFollower follow(CoreKey key, String place, Chain of, long ahead) {
            return ChainFollower.start(
                    store,
                    store.get(key),
                    temporary.resolve(place),
                    new PalletTreeHeads(),
                    of.genesis(),
                    PATIENCE,
                    ahead);
        }

        Hypercore index(Hypercore log) {
            return store.get(SnapshotIndex.of(log), store.keyPair("blocks"));
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
            if (header.number() >= number) reached.complete(null);
        });
        try {
            if (chain.head().number() < number) reached.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } finally {
            subscription.close();
        }
    }

    private static void awaitLength(Hypercore core, long length) throws Exception {
        CompletableFuture<Void> reached = new CompletableFuture<>();
        core.onAppend(head -> {
            if (head.length() >= length) reached.complete(null);
        });
        if (core.length() < length) reached.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void shouldBeginWithASnapshotThatAnotherFollowerPassesOnAndFollowFromThere() throws Exception {
        try (Node author = new Node("author-store", 10);
                Node middle = new Node("middle-store", 11);
                Node last = new Node("last-store", 12);
                Chain chain = chain("followed")) {
            live(chain, 20);
            Hypercore blocks = author.store.get("blocks");
            InetSocketAddress authorAt = author.listen();
            try (ChainLog log = ChainLog.publish(chain, blocks);
                    SnapshotPublisher publisher = SnapshotPublisher.start(
                            chain, author.store, blocks, author.store.keyPair("blocks"), INTERVAL)) {
                awaitLength(author.index(blocks), 1);
                middle.peers.connect(authorAt);
                InetSocketAddress middleAt = middle.listen();
                try (ChainFollower one = middle.follow(log.key(), "middle", chain, 1)) {
                    assertThat(one.chain().block(20)).as("begins with it").isNotNull();
                    assertThat(one.chain().block(3)).as("not executed").isNull();
                    live(chain, 2);
                    await(one.chain(), 22);
                    assertThat(one.chain().head()).isEqualTo(chain.head());
                    // Of the author, the last one hears nothing.
                    last.peers.connect(middleAt);
                    try (ChainFollower two = last.follow(log.key(), "last", chain, 1)) {
                        assertThat(two.chain().block(3)).isNull();
                        await(two.chain(), 22);
                        live(chain, 1);
                        await(two.chain(), 23);
                        assertThat(two.chain().head()).isEqualTo(chain.head());
                        assertThat(two.chain().events(21))
                                .isEqualTo(chain.events(21))
                                .isNotEmpty();
                    }
                }
                try (ChainFollower again = middle.follow(log.key(), "middle", chain, 1)) {
                    await(again.chain(), 23);
                    assertThat(again.chain().head()).isEqualTo(chain.head());
                }
                assertThat(publisher.failed()).isNotDone();
            }
        }
    }

    @Test
    void shouldKeepTheTwoNewestSnapshotsAndExecuteAllBlocksWhereNoneIsFarEnoughAhead() throws Exception {
        try (Node author = new Node("author-store", 10);
                Chain chain = chain("followed")) {
            Hypercore blocks = author.store.get("blocks");
            try (ChainLog log = ChainLog.publish(chain, blocks)) {
                Hypercore index = author.index(blocks);
                assertThat(index.length()).as("none at block 0").isZero();
                try (SnapshotPublisher _ = SnapshotPublisher.start(
                        chain, author.store, blocks, author.store.keyPair("blocks"), INTERVAL)) {
                    for (int made = 1; made <= 4; made++) {
                        live(chain, (int) INTERVAL);
                        awaitLength(index, made);
                    }
                }
                List<SnapshotEntry> entries = new ArrayList<>();
                for (long i = 0; i < index.length(); i++) entries.add(SnapshotEntry.decode(index.get(i)));
                assertThat(entries).extracting(SnapshotEntry::number).containsExactly(8L, 16L, 24L, 32L);
                List<CoreKey> there = author.store.list().stream()
                        .map(Corestore.CoreInfo::key)
                        .toList();
                assertThat(entries.stream()
                                .map(each -> there.contains(each.manifest().coreKey())))
                        .containsExactly(false, false, true, true);
                try (ChainFollower follower = author.follow(log.key(), "all", chain, 33)) {
                    await(follower.chain(), 32);
                    assertThat(follower.chain().block(3)).isNotNull();
                    assertThat(follower.chain().verify()).isEqualTo(chain.head());
                }
            }
        }
    }

    /** Bytes as a snapshot of the chain, listed by who has the log's key. */
    private static void list(Node node, Hypercore log, Header header, byte[] bytes) {
        Hypercore made = node.store.get("forged " + Arrays.hashCode(bytes));
        for (int at = 0; at < bytes.length; at += 4_096) {
            made.append(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 4_096)));
        }
        TreeHead head = made.head();
        SnapshotEntry entry = new SnapshotEntry(header.number(), header.hash(), head.treeHash(), head.length());
        node.store.get(entry.manifest()).copyPrologue(made);
        node.index(log).append(entry.encode());
    }

    @Test
    void shouldRefuseForgedSnapshotsByNameAndKeepNothingOfThem() throws Exception {
        try (Node node = new Node("store", 10);
                Chain chain = chain("real");
                Chain other = chain("other")) {
            live(chain, 9);
            other.produce(AUTHORITY, other.head().timestampMs() + 1);
            live(other, 8);
            Hypercore blocks = node.store.get("blocks");
            try (ChainLog log = ChainLog.publish(chain, blocks)) {
                byte[] good = bytes(chain);
                byte[] richer = good.clone();
                richer[richer.length - 5] ^= 1;
                byte[] another = bytes(other);
                List<byte[]> forged = List.of(
                        richer,
                        another,
                        Arrays.copyOf(good, good.length - 1),
                        Arrays.copyOf(good, 40),
                        "no snapshot at all".getBytes(StandardCharsets.US_ASCII),
                        changed(good, 60));
                for (int i = 0; i < forged.size(); i++) {
                    list(node, blocks, chain.head(), forged.get(i));
                    String place = "follower " + i;
                    assertThatThrownBy(() ->
                                    node.follow(log.key(), place, chain, 1).close())
                            .as("forgery %d", i)
                            .isInstanceOfSatisfying(
                                    ChainException.class,
                                    e -> assertThat(e.kind()).isEqualTo(ChainException.Kind.INVALID_BLOCK))
                            .hasMessageContaining("the snapshot is not believed");
                    try (ChainFollower all = ChainFollower.start(
                            node.store.get(log.key()),
                            temporary.resolve(place),
                            new PalletTreeHeads(),
                            null,
                            PATIENCE)) {
                        await(all.chain(), 9);
                        assertThat(all.chain().verify()).isEqualTo(chain.head());
                    }
                }
                list(node, blocks, other.head(), bytes(other));
                assertThatThrownBy(() -> node.follow(log.key(), "unlike the log", chain, 1)
                                .close())
                        .isInstanceOf(ChainException.class)
                        .hasMessageContaining("the log has another one");
                list(node, blocks, chain.head(), good);
                try (ChainFollower right = node.follow(log.key(), "right", chain, 1)) {
                    assertThat(right.chain().head()).isEqualTo(chain.head());
                }
            }
        }
    }

    private static byte[] bytes(Chain chain) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        chain.snapshot().write(out);
        return out.toByteArray();
    }

    private static byte[] changed(byte[] bytes, int at) {
        byte[] out = Objects.requireNonNull(bytes).clone();
        out[at] ^= 1;
        return out;
    }
}
