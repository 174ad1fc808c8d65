package org.datdot.node;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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

    @Override
    public Integer call() throws InterruptedException {
        Home home = global.home();
        Logs.toFile(home.provider());
        Console console = global.console();
        ProviderNode node = ProviderNode.start(
                home.provider(),
                Arguments.address(listen),
                global.network(),
                new Offer(storage, price, regions),
                alert -> console.line("ALERT: " + alert));
        try (Shutdown shutdown = Shutdown.closing(node)) {
            if (global.json) {
                Json.print(Json.object(
                        "user", node.user(),
                        "account", node.keys().accountId().toString(),
                        "address", Addresses.text(node.address())));
            } else {
                console.line("provider " + node.user() + " at " + Addresses.text(node.address()) + " offers " + storage
                        + "; Ctrl-C ends it");
            }
            shutdown.await();
        }
        return Exit.OK.code();
    }
}
