package org.datdot.node;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.datdot.chain.Chain;
import org.datdot.chain.ChainException;
import org.datdot.chain.ChainSpec;
import org.datdot.chain.EmbeddedEngine;
import org.datdot.chain.RpcServer;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Entropy;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.PeerAddress;
import org.datdot.hosting.ChainLog;
import org.datdot.hosting.PalletTreeHeads;
import org.datdot.hosting.SnapshotPublisher;
import org.datdot.hypercore.Hypercore;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Genesis;
import org.datdot.ledger.Parameters;
import org.jspecify.annotations.Nullable;

/** A ledger of one author: the chain on disk, the engine that makes its blocks, and the JSON-RPC others reach it by. */
final class LedgerNode implements AutoCloseable {
    /** A billion tokens, all with the treasury at first. */
    private static final long ISSUANCE_UNITS = 1_000_000_000L * Tokens.UNITS_PER_TOKEN;

    /** The property under which the ledger tells where the DHT of its network begins: {@code host:port,host:port}. */
    static final String BOOTSTRAP = "dhtBootstrap";

    /** The name of the log's core. */
    private static final String BLOCKS = "blocks";

    private final DataDirectory directory;
    private final Chain chain;
    private final EmbeddedEngine engine;
    private final RpcServer server;
    private final @Nullable PublishedLog log;

    /** The blocks as a hypercore, and where peers get it. */
    private record PublishedLog(PeerNode node, ChainLog log, SnapshotPublisher snapshots, InetSocketAddress address) {
        static PublishedLog open(Path path, Chain chain, InetSocketAddress bind, Optional<PeerAddress> bootstrap) {
            List<BootstrapNode> nodes =
                    bootstrap.map(BootstrapNode::at).map(List::of).orElse(List.of());
            Resources resources = new Resources();
            try {
                PeerNode node = PeerNode.open(path, path.resolve("log"), nodes);
                resources.add(node::close);
                Hypercore blocks = node.store().get(BLOCKS);
                ChainLog log = resources.add(ChainLog.publish(chain, blocks));
                SnapshotPublisher snapshots = resources.add(SnapshotPublisher.start(
                        chain, node.store(), blocks, node.store().keyPair(BLOCKS), SnapshotPublisher.INTERVAL));
                node.peers().announce(log.key());
                return new PublishedLog(node, log, snapshots, node.listen(bind));
            } catch (RuntimeException e) {
                throw resources.closeAfter(e);
            }
        }

        void close() {
            snapshots.close();
            log.close();
            node.close();
        }
    }

    private LedgerNode(
            DataDirectory directory, Chain chain, EmbeddedEngine engine, RpcServer server, @Nullable PublishedLog log) {
        this.directory = directory;
        this.chain = chain;
        this.engine = engine;
        this.server = server;
        this.log = log;
    }

    /**
     * Starts the ledger in a folder, with a new chain when there is none.
     *
     * @param path its data directory
     * @param bind where it answers JSON-RPC; port 0 for any
     * @param interval time from block to block
     * @param parameters the pallet's, for a new chain; an existing one keeps its own
     * @param bootstrap where the DHT of the network begins, in which its log is found; none when it is the public one, which is
     *     not told of it
     * @param peers where followers replicate its log; null to publish none
     */
    static LedgerNode start(
            Path path,
            InetSocketAddress bind,
            Duration interval,
            Parameters parameters,
            Optional<PeerAddress> bootstrap,
            @Nullable InetSocketAddress peers) {
        DataDirectory directory = DataDirectory.open(path);
        Chain chain = null;
        EmbeddedEngine engine = null;
        PublishedLog log = null;
        try {
            AccountKeys keys = AccountFile.openOrCreate(path, Entropy.system());
            chain = openChain(path.resolve("chain"), keys, parameters);
            if (peers != null) {
                log = PublishedLog.open(path, chain, peers, bootstrap);
            }
            engine = EmbeddedEngine.start(chain, keys.chain(), interval, InstantSource.system());
            RpcServer server = RpcServer.start(
                    chain,
                    bind,
                    bootstrap.map(node -> Map.of(BOOTSTRAP, node.toString())).orElse(Map.of()));
            return new LedgerNode(directory, chain, engine, server, log);
        } catch (RuntimeException e) {
            if (engine != null) {
                engine.close();
            }
            if (log != null) {
                log.close();
            }
            if (chain != null) {
                chain.close();
            }
            directory.close();
            throw e;
        }
    }

    /** Starts the ledger without publishing its log. */
    static LedgerNode start(
            Path path,
            InetSocketAddress bind,
            Duration interval,
            Parameters parameters,
            Optional<PeerAddress> bootstrap) {
        return start(path, bind, interval, parameters, bootstrap, null);
    }

    private static Chain openChain(Path path, AccountKeys keys, Parameters parameters) {
        try {
            return Chain.open(path, new PalletTreeHeads());
        } catch (ChainException e) {
            if (e.kind() != ChainException.Kind.NOT_FOUND) {
                throw e;
            }
        }
        Genesis genesis =
                new Genesis(keys.accountId(), List.of(new Genesis.Endowment(keys.accountId(), ISSUANCE_UNITS)));
        ChainSpec spec = new ChainSpec(
                "DatDot devnet", InstantSource.system().millis(), keys.chain().publicKey(), parameters, genesis);
        return Chain.open(path, spec, new PalletTreeHeads());
    }

    /** Where participants connect to. */
    URI uri() {
        InetSocketAddress address = server.address();
        return URI.create("ws://" + address.getAddress().getHostAddress() + ":" + address.getPort());
    }

    /** The chain itself. */
    Chain chain() {
        return chain;
    }

    /** Completes when no more blocks are made; with the cause when that is a failure. */
    CompletableFuture<Void> stopped() {
        PublishedLog published = log;
        return published == null
                ? engine.stopped()
                : CompletableFuture.anyOf(engine.stopped(), published.log.failed())
                        .thenRun(() -> {});
    }

    /** The key of the log that followers open, if one is published. */
    Optional<CoreKey> logKey() {
        return Optional.ofNullable(log).map(published -> published.log.key());
    }

    /** Where followers replicate the log, if one is published. */
    Optional<InetSocketAddress> peers() {
        return Optional.ofNullable(log).map(PublishedLog::address);
    }

    /** Leaves the DHT without a word, as when all of it ends: then nobody is there to be told. */
    void leaveNetwork() {
        if (log != null) log.node().leaveNetwork();
    }

    @Override
    public void close() {
        server.close();
        engine.close();
        if (log != null) {
            log.close();
        }
        chain.close();
        directory.close();
    }
}
