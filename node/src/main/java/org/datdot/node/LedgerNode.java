package org.datdot.node;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.datdot.chain.Chain;
import org.datdot.chain.ChainException;
import org.datdot.chain.ChainSpec;
import org.datdot.chain.EmbeddedEngine;
import org.datdot.chain.RpcServer;
import org.datdot.crypto.Entropy;
import org.datdot.hosting.PalletTreeHeads;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Genesis;
import org.datdot.ledger.Parameters;

/** A ledger of one author: the chain on disk, the engine that makes its blocks, and the JSON-RPC others reach it by. */
final class LedgerNode implements AutoCloseable {
    /** A billion tokens, all with the treasury at first. */
    private static final long ISSUANCE_UNITS = 1_000_000_000L * Tokens.UNITS_PER_TOKEN;

    private final DataDirectory directory;
    private final Chain chain;
    private final EmbeddedEngine engine;
    private final RpcServer server;

    private LedgerNode(DataDirectory directory, Chain chain, EmbeddedEngine engine, RpcServer server) {
        this.directory = directory;
        this.chain = chain;
        this.engine = engine;
        this.server = server;
    }

    /**
     * Starts the ledger in a folder, with a new chain when there is none.
     *
     * @param path its data directory
     * @param bind where it answers JSON-RPC; port 0 for any
     * @param interval time from block to block
     * @param parameters the pallet's, for a new chain; an existing one keeps its own
     */
    static LedgerNode start(Path path, InetSocketAddress bind, Duration interval, Parameters parameters) {
        DataDirectory directory = DataDirectory.open(path);
        Chain chain = null;
        EmbeddedEngine engine = null;
        try {
            AccountKeys keys = AccountFile.openOrCreate(path, Entropy.system());
            chain = openChain(path.resolve("chain"), keys, parameters);
            engine = EmbeddedEngine.start(chain, keys.chain(), interval, InstantSource.system());
            RpcServer server = RpcServer.start(chain, bind);
            return new LedgerNode(directory, chain, engine, server);
        } catch (RuntimeException e) {
            if (engine != null) {
                engine.close();
            }
            if (chain != null) {
                chain.close();
            }
            directory.close();
            throw e;
        }
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
        return engine.stopped();
    }

    @Override
    public void close() {
        server.close();
        engine.close();
        chain.close();
        directory.close();
    }
}
