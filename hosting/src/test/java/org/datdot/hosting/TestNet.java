package org.datdot.hosting;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.datdot.chain.Chain;
import org.datdot.chain.ChainSpec;
import org.datdot.chain.EmbeddedEngine;
import org.datdot.chain.LocalLedgerClient;
import org.datdot.chain.RpcLedgerClient;
import org.datdot.chain.RpcServer;
import org.datdot.chain.Subscription;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Balances;
import org.datdot.ledger.Call;
import org.datdot.ledger.Economy;
import org.datdot.ledger.Form;
import org.datdot.ledger.Genesis;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.Periods;
import org.datdot.ledger.Queries;
import org.datdot.swarm.SwarmOptions;
import org.jspecify.annotations.Nullable;

/** A whole network in one process: a real chain on disk, its JSON-RPC, nodes with real sockets on 127.0.0.1 and real stores. */
final class TestNet implements Closeable {
    static final Duration BLOCK = Duration.ofMillis(60);
    final Path directory;
    final Chain chain;
    final LocalLedgerClient ledger;
    private final EmbeddedEngine engine;
    private final RpcServer rpc;
    private final List<Node> nodes = new ArrayList<>();

    TestNet(Path directory, long followupDelayBlocks, long contractSetSize) {
        this(directory, parameters(followupDelayBlocks, contractSetSize));
    }

    TestNet(Path directory, Parameters parameters) {
        this.directory = directory;
        KeyPair author = KeyPair.fromSeed(Blake2b.hash(new byte[] {42}));
        AccountKeys treasury = keys("treasury");
        Genesis genesis = new Genesis(
                account(treasury), List.of(new Genesis.Endowment(account(treasury), 1_000_000_000_000_000L)));
        ChainSpec spec =
                new ChainSpec("test", System.currentTimeMillis() - 1000, author.publicKey(), parameters, genesis);
        chain = Chain.open(directory.resolve("chain"), spec, new PalletTreeHeads());
        engine = EmbeddedEngine.start(chain, author, BLOCK, InstantSource.system());
        rpc = RpcServer.start(chain, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        ledger = new LocalLedgerClient(chain, Duration.ofSeconds(30));
    }

    static Parameters parameters(long followupDelayBlocks, long contractSetSize) {
        return new Parameters(
                3,
                6,
                2,
                2,
                followupDelayBlocks,
                contractSetSize,
                50,
                3,
                3,
                1,
                300,
                4L << 20,
                25,
                4,
                600,
                16,
                500,
                50_000_000L,
                20_000_000L,
                1000,
                1_000_000_000_000L,
                Economy.defaults(),
                Periods.devnet());
    }

    static AccountKeys keys(String name) {
        return AccountKeys.fromSeed(Blake2b.hash(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    static AccountId account(AccountKeys keys) {
        return AccountId.of(keys.chain().publicKey());
    }

    Queries queries() {
        return new Queries(ledger.state());
    }

    /** A participant: keys, store, connections; a provider once {@link #provide} was called. */
    final class Node implements Closeable {
        final String name;
        final AccountKeys keys;
        final Queue<String> alerts = new ConcurrentLinkedQueue<>();
        final Corestore store;
        final Peers peers;
        final InetSocketAddress address;
        final RpcLedgerClient remoteLedger;

        @Nullable
        Provider provider;

        private boolean closed;

        Node(String name, int port) throws IOException {
            this.name = name;
            this.keys = TestNet.keys(name);
            this.store = Corestore.open(directory.resolve(name).resolve("store"), StoreOptions.defaults());
            this.peers = new Peers(keys.noise(), store, SwarmOptions.defaults());
            this.address = peers.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            this.remoteLedger = RpcLedgerClient.connect(
                    URI.create("ws://127.0.0.1:" + rpc.address().getPort()));
            nodes.add(this);
        }

        Path home() {
            return directory.resolve(name);
        }

        String addressText() {
            return "127.0.0.1:" + address.getPort();
        }

        long user() {
            return queries().getUserByAccount(account(keys)).orElseThrow().id();
        }

        void register() {
            ledger.submit(
                    keys,
                    new Call.NewUser(keys.signing().publicKey(), keys.noise().publicKey()));
        }

        void offer() {
            Form form = new Form(1L << 30, 1000, 8, addressText(), List.of(), 0, 0);
            ledger.submit(keys, new Call.RegisterForWork(form));
        }

        void provide() throws IOException {
            provide(1L << 30);
        }

        void provide(long storageBytes) throws IOException {
            ProviderOptions options = new ProviderOptions(
                    storageBytes,
                    Duration.ofSeconds(10),
                    Duration.ofMillis(200),
                    Duration.ofSeconds(5),
                    2,
                    3,
                    Entropy.system());
            provider =
                    Provider.start(keys, remoteLedger, peers, store, home().resolve("replicas"), options, alerts::add);
        }

        /** Ends everything this node runs, as a killed process would; its disk stays. */
        @Override
        public void close() throws IOException {
            if (closed) return;
            closed = true;
            if (provider != null) provider.close();
            remoteLedger.close();
            peers.close();
            store.close();
        }
    }

    Node node(String name) throws IOException {
        return new Node(name, 0);
    }

    /** A node on the disk and port of one that was closed. */
    Node restart(Node before) throws IOException {
        return new Node(before.name, before.address.getPort());
    }

    /** Registered, offering and running providers. */
    List<Node> providers(int count) throws IOException {
        List<Node> made = offering(count);
        for (Node node : made) node.provide();
        return made;
    }

    /** Registered providers that offer but do not run yet. */
    List<Node> offering(int count) throws IOException {
        List<Node> made = new ArrayList<>();
        for (int i = 0; i < count; i++) made.add(node("provider" + i));
        try (var pool = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            for (Node node : made) {
                pool.execute(() -> {
                    node.register();
                    node.offer();
                });
            }
        }
        return made;
    }

    /** Makes a node's replicas lies whenever it encodes. */
    LyingEncoder lie(Node node) {
        LyingEncoder liar = new LyingEncoder(
                node.peers.replicaServer(),
                ledger.genesis(),
                node.user(),
                node.keys.signing(),
                node.home().resolve("lies"));
        node.peers.serveReplicas(liar);
        return liar;
    }

    /** Waits, block by block, until something is so. */
    void await(String what, Duration most, BooleanSupplier condition) throws InterruptedException {
        Semaphore blocks = new Semaphore(0);
        long end = System.nanoTime() + most.toNanos();
        try (Subscription _ = ledger.onHead(_ -> blocks.release())) {
            while (!condition.getAsBoolean()) {
                if (System.nanoTime() > end) throw new AssertionError("not within " + most + ": " + what);
                if (blocks.tryAcquire(500, TimeUnit.MILLISECONDS)) blocks.drainPermits();
            }
        }
    }

    /** All units of all accounts. */
    long sum() {
        return chain.read(state -> {
            long[] sum = {0};
            Balances.ACCOUNTS.forEach(state, (_, data) -> sum[0] += data.total());
            return sum[0];
        });
    }

    @Override
    public void close() throws IOException {
        for (Node node : nodes) node.close();
        ledger.close();
        rpc.close();
        engine.close();
        chain.close();
    }
}
