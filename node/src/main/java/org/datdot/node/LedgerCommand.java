package org.datdot.node;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.datdot.ledger.Parameters;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code datdot ledger}: a ledger alone. */
@Command(
        name = "ledger",
        mixinStandardHelpOptions = true,
        description = {
            "Run a ledger of one author until Ctrl-C.",
            "Its chain is in HOME/ledger and goes on after a restart. `datdot devnet` runs one with providers."
        })
final class LedgerCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9944",
            description = "Where it answers JSON-RPC (default: ${DEFAULT-VALUE}). There is no access control.")
    String listen = "127.0.0.1:9944";

    @Option(
            names = "--interval",
            paramLabel = "MS",
            defaultValue = "250",
            description = "Milliseconds from block to block (default: ${DEFAULT-VALUE}).")
    long intervalMs;

    @Option(
            names = "--peers",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:0",
            description =
                    "Where followers get its blocks as a hypercore (default: ${DEFAULT-VALUE}; port 0: the one of last"
                            + " time, or any).")
    String peers = "127.0.0.1:0";

    @Override
    public Integer call() throws InterruptedException {
        Arguments.require(intervalMs > 0, "--interval " + intervalMs + ": at least 1 millisecond");
        InetSocketAddress bind = Arguments.address(listen);
        Home home = global.home();
        Logs.toFile(home.ledger());
        LedgerNode ledger = LedgerNode.start(
                home.ledger(),
                bind,
                Duration.ofMillis(intervalMs),
                Parameters.devnet(),
                Optional.empty(),
                Arguments.address(peers));
        String log = ledger.logKey().orElseThrow().toString();
        String logAt = Addresses.text(ledger.peers().orElseThrow());
        try (Shutdown shutdown = Shutdown.closing(ledger)) {
            if (global.json) {
                Json.print(Json.object(
                        "network",
                        ledger.uri().toString(),
                        "genesis",
                        ledger.chain().genesis().hex(),
                        "log",
                        log,
                        "peers",
                        logAt));
            } else {
                global.console()
                        .line("ledger at " + ledger.uri() + ", block "
                                + ledger.chain().head().number() + "; Ctrl-C ends it");
                global.console().line("follow it with: datdot chain follow " + log + " --peer " + logAt);
            }
            CompletableFuture<Void> ended = ledger.stopped().whenComplete((_, _) -> shutdown.request());
            shutdown.await();
            if (ended.isDone()) {
                ended.join(); // the ledger stopped by itself: say why
            }
        }
        return Exit.OK.code();
    }
}
