package org.datdot.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.datdot.chain.Chain;
import org.datdot.chain.Header;
import org.datdot.chain.RpcLedgerClient;
import org.datdot.chain.RpcServer;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Hash;
import org.datdot.dht.BootstrapNode;
import org.datdot.hosting.ChainFollower;
import org.datdot.hosting.PalletTreeHeads;
import org.datdot.hosting.PeerAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code datdot chain follow}: a ledger of one's own that believes nobody. */
@Command(
        name = "follow",
        mixinStandardHelpOptions = true,
        description = {
            "Follow a chain by its log, a hypercore, until Ctrl-C: fetch the blocks from any peer that has them, check"
                    + " every signature, execute them, and answer the same JSON-RPC as the ledger, read-only.",
            "A new follower of a long chain begins with the newest snapshot of the state that is published beside the"
                    + " log, and believes it where a signed header commits to it; --from-genesis executes all blocks.",
            "What was followed is in HOME/follow and goes on after a restart. `datdot ledger` and `datdot devnet`"
                    + " print the log's key."
        })
final class FollowCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** Blocks that a snapshot spares to be taken without being asked for. */
    private static final long WORTH_BLOCKS = 4_096;

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Parameters(index = "0", paramLabel = "LOG", description = "The key of the chain's log.")
    String log = "";

    @Option(
            names = "--peer",
            paramLabel = "ADDRESS",
            description =
                    "Who has the log: the ledger's --peers address, or another follower's; may be repeated. Without"
                            + " any, peers are found in the DHT by the log's key.")
    List<String> peers = new ArrayList<>();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:0",
            description = "Where it answers JSON-RPC (default: ${DEFAULT-VALUE}; port 0: any).")
    String listen = "127.0.0.1:0";

    @Option(names = "--serve", paramLabel = "HOST:PORT", description = "Pass the log on to others at this address.")
    @Nullable
    String serve;

    @Option(
            names = "--genesis",
            paramLabel = "HEX",
            description = "The chain it must be; else the first block of the log is believed.")
    @Nullable
    String genesis;

    @ArgGroup
    @Nullable
    Beginning beginning;

    /** What a new follower begins with; without either, a snapshot where it spares many blocks. */
    static final class Beginning {
        @Option(names = "--snapshot", description = "Begin with the newest snapshot, however short the chain is.")
        boolean snapshot;

        @Option(names = "--from-genesis", description = "Begin with block 1 and execute all blocks.")
        boolean fromGenesis;

        /** How many blocks a snapshot must spare. */
        private static long ahead(@Nullable Beginning chosen) {
            return chosen == null ? WORTH_BLOCKS : chosen.snapshot ? 1 : Long.MAX_VALUE;
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        Path folder = global.home().root().resolve("follow");
        InetSocketAddress bind = Arguments.address(listen);
        CoreKey key = Arguments.key(log);
        List<PeerAddress> known = Arguments.peers(peers);
        Hash expected = hash();
        List<BootstrapNode> bootstrap = bootstrap();
        Logs.toFile(folder);
        Resources resources = new Resources();
        ChainFollower follower;
        try {
            PeerNode node = PeerNode.open(folder, folder, folder.resolve("log"), bootstrap, false);
            resources.add(node::close);
            for (PeerAddress peer : known) {
                connect(node, peer);
            }
            if (known.isEmpty()) node.peers().find(key, found -> searched(key, found));
            follower = resources.add(ChainFollower.start(
                    node.store(),
                    node.store().get(key),
                    folder.resolve("chain"),
                    new PalletTreeHeads(),
                    expected,
                    PATIENCE,
                    Beginning.ahead(beginning)));
            RpcServer server = resources.add(RpcServer.startReadOnly(follower.chain(), bind));
            String served = serve;
            tell(
                    server,
                    follower.chain(),
                    served == null ? null : Addresses.text(node.listen(Arguments.address(served))));
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
        follower.chain().onHead(this::show);
        try (Shutdown shutdown = Shutdown.closing(resources)) {
            CompletableFuture<Void> ended = follower.stopped().whenComplete((_, _) -> shutdown.request());
            shutdown.await();
            if (ended.isCompletedExceptionally()) {
                ended.join(); // a block was not right: say which
            }
        }
        return Exit.OK.code();
    }

    private void show(Header header) {
        if (global.json) {
            Json.print(Json.object(
                    "block", header.number(), "stateRoot", header.stateRoot().hex()));
        } else {
            global.console()
                    .line("block " + header.number() + ", state root "
                            + header.stateRoot().hex());
        }
    }

    private @Nullable Hash hash() {
        String text = genesis;
        if (text == null) {
            return null;
        }
        try {
            return new Hash(HexFormat.of().parseHex(text));
        } catch (IllegalArgumentException e) {
            throw new NodeException(
                    Exit.USAGE, "--genesis " + text + " is no hash of 32 bytes in hexadecimal digits", e);
        }
    }

    /** Where to begin in the DHT: as named, or, where no peers are named either, as the ledger says. */
    private List<BootstrapNode> bootstrap() {
        if (global.namesBootstrap()) return global.bootstrap();
        if (!peers.isEmpty()) return List.of();
        try (RpcLedgerClient ledger = global.ledger()) {
            return global.bootstrap(ledger);
        }
    }

    private void searched(CoreKey key, boolean found) {
        if (!found) global.console().line("nobody who has " + key + " is found in the DHT yet; --peer names somebody");
    }

    private static void connect(PeerNode node, PeerAddress peer) {
        try {
            node.peers().connect(peer.endpoints());
        } catch (IOException e) {
            throw new NodeException(Exit.NETWORK, "nobody answers at " + peer + ": " + e.getMessage(), e);
        }
    }

    private void tell(RpcServer server, Chain chain, @Nullable String serving) {
        String network = "ws://" + Addresses.text(server.address());
        if (global.json) {
            Json.print(Json.object(
                    "network",
                    network,
                    "genesis",
                    chain.genesis().hex(),
                    "block",
                    chain.head().number(),
                    "serving",
                    serving));
        } else {
            global.console()
                    .line("following the chain " + chain.spec().name() + " from block "
                            + chain.head().number() + ", JSON-RPC at " + network
                            + (serving == null ? "" : ", log served at " + serving) + "; Ctrl-C ends it");
        }
    }
}
