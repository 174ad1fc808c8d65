package org.datdot.node;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.datdot.crypto.PublicKey;
import org.datdot.hosting.BlindPeerOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code datdot seed}: joins the network as a provider. */
@Command(
        name = "seed",
        mixinStandardHelpOptions = true,
        description = {
            "Join as a provider until Ctrl-C: encode, attest and host for others, and be paid.",
            "Its account, replicas and port are in HOME/seed; started again, it goes on where it was."
        })
final class SeedCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Option(
            names = "--storage",
            paramLabel = "SIZE",
            required = true,
            description = "Disk to lend, as 500MB, 10GB, 1TiB.")
    ByteSize storage = new ByteSize(0);

    @Option(
            names = "--price",
            paramLabel = "TOKENS",
            required = true,
            description = "What to ask for one GiB stored for one hour, as 0.001.")
    Tokens price = new Tokens(0);

    @Option(names = "--region", paramLabel = "LABEL", description = "Where this is; may be repeated.")
    List<String> regions = new ArrayList<>();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:0",
            description =
                    "Where peers and readers reach it (default: ${DEFAULT-VALUE}; port 0: the one of last time, or"
                            + " any).")
    String listen = "127.0.0.1:0";

    @Option(
            names = "--blind-peer",
            paramLabel = "SIZE",
            description =
                    "Besides, keep cores for apps that use blind-peering with this provider's key, unpaid, up to so"
                            + " much.")
    @Nullable
    ByteSize blindPeer;

    @Option(
            names = "--trust",
            paramLabel = "KEY",
            description = "An app's key, in hex, whose cores are also announced, and deleted when it says so; may be"
                    + " repeated.")
    List<String> trusted = new ArrayList<>();

    @Mixin
    ReachOptions reach = new ReachOptions();

    @Override
    public Integer call() throws InterruptedException {
        Home home = global.home();
        Set<PublicKey> trust = new HashSet<>();
        for (String key : trusted) trust.add(Arguments.publicKey(key));
        Logs.toFile(home.provider());
        Console console = global.console();
        ProviderNode node = ProviderNode.start(
                home.provider(),
                Arguments.address(listen),
                global.answering(),
                global::bootstrap,
                new Offer(storage, price, regions),
                alert -> console.line("ALERT: " + alert));
        try (Shutdown shutdown = Shutdown.closing(node)) {
            InetSocketAddress webSocket = node.open(reach);
            ByteSize lent = blindPeer;
            if (lent != null) node.keepCores(BlindPeerOptions.upTo(lent.bytes()).withTrusted(trust));
            if (global.json) {
                Json.print(Json.object(
                        "user", node.user(),
                        "publicKey", node.noiseKey().hex(),
                        "account", node.keys().accountId().toString(),
                        "address", Addresses.text(node.address()),
                        "websocket", webSocket == null ? "" : "ws://" + Addresses.text(webSocket)));
            } else {
                console.line("provider " + node.user() + " at " + Addresses.text(node.address()) + " offers " + storage
                        + "; Ctrl-C ends it");
                if (webSocket != null) console.line("peers over WebSocket at ws://" + Addresses.text(webSocket));
                if (lent != null)
                    console.line("apps have cores kept here, up to " + lent + ", by its key "
                            + node.noiseKey().hex());
            }
            shutdown.await();
        }
        return Exit.OK.code();
    }
}
