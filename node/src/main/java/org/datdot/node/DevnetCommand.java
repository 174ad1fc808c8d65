package org.datdot.node;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code datdot devnet}: a network of one machine, left running. */
@Command(
        name = "devnet",
        mixinStandardHelpOptions = true,
        description = {
            "Run a ledger and providers on this machine until Ctrl-C.",
            "They listen on 127.0.0.1 only and meet through a DHT of their own, which the ledger names to the other",
            "commands. Stock peers join it with its address in their option `bootstrap`. The state is in HOME/devnet"
                    + " and goes on after a restart. Use the other",
            "commands against it from another terminal."
        })
final class DevnetCommand implements Callable<Integer> {
    private static final Offer OFFER = new Offer(new ByteSize(10_000_000_000L), new Tokens(1_000_000L), List.of());

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Option(
            names = "--providers",
            paramLabel = "N",
            defaultValue = "10",
            description = "How many (default: ${DEFAULT-VALUE}).")
    int providers;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "9944",
            description = "Where the ledger answers; 0 for any (default: ${DEFAULT-VALUE}).")
    int port;

    @Override
    public Integer call() throws InterruptedException {
        Arguments.require(port >= 0 && port <= 65_535, "--port " + port + ": a port is 0 to 65535");
        Arguments.require(providers > 0, "--providers " + providers + ": at least 1; a plan of 3 replicas needs 7");
        Home home = global.home();
        Logs.toFile(home.devnet());
        Console console = global.console();
        DevNetwork network =
                DevNetwork.start(home.devnet(), port, providers, OFFER, alert -> console.line("ALERT: " + alert));
        try (Shutdown shutdown = Shutdown.closing(network)) {
            show(console, network);
            CompletableFuture<Void> ended = network.ledger().stopped().whenComplete((_, _) -> shutdown.request());
            shutdown.await();
            if (ended.isDone()) {
                ended.join(); // the ledger stopped by itself: say why
            }
        }
        return Exit.OK.code();
    }

    private void show(Console console, DevNetwork network) {
        if (global.json) {
            Json.print(Json.object(
                    "network", network.ledger().uri().toString(),
                    "bootstrap", network.bootstrap().toString(),
                    "log", network.ledger().logKey().orElseThrow().toString(),
                    "block", network.ledger().chain().head().number(),
                    "providers",
                            network.providers().stream()
                                    .map(one ->
                                            Json.object("user", one.user(), "address", Addresses.text(one.address())))
                                    .toList()));
            return;
        }
        console.line("ledger at " + network.ledger().uri() + ", block "
                + network.ledger().chain().head().number() + "; its DHT begins at " + network.bootstrap());
        console.line("its blocks are the hypercore " + network.ledger().logKey().orElseThrow()
                + ": datdot chain follow replicates it");
        console.table(
                List.of("provider", "address", "account"),
                network.providers().stream()
                        .map(one -> List.of(
                                String.valueOf(one.user()),
                                Addresses.text(one.address()),
                                one.keys().accountId().toString()))
                        .toList());
        console.line(
                "Ctrl-C ends all of it. In another terminal: ./datdot publish FOLDER, then ./datdot host KEY --budget"
                        + " 20");
    }
}
