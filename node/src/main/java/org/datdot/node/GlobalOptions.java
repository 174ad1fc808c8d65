package org.datdot.node;

import java.net.URI;
import java.nio.file.Path;
import org.datdot.chain.LedgerClient;
import org.datdot.chain.RpcLedgerClient;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that every command has. */
final class GlobalOptions {
    private static final String DEFAULT_NETWORK = "ws://127.0.0.1:9944";

    @Option(
            names = "--home",
            paramLabel = "FOLDER",
            description = "Where this person's keys and data are (default: $DATDOT_HOME, else ~/.datdot).")
    @Nullable
    Path home;

    @Option(
            names = "--network",
            paramLabel = "URI",
            description = "The ledger to talk to (default: $DATDOT_NETWORK, else " + DEFAULT_NETWORK + ").")
    @Nullable
    URI network;

    @Option(names = "--json", description = "Print JSON for machines instead of lines for people.")
    boolean json;

    Home home() {
        Path named = home;
        return named != null
                ? new Home(named.toAbsolutePath())
                : Home.of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    URI network() {
        URI named = network;
        if (named != null) {
            return Arguments.ledger(named.toString());
        }
        String environment = System.getenv("DATDOT_NETWORK");
        return Arguments.ledger(environment == null || environment.isBlank() ? DEFAULT_NETWORK : environment);
    }

    LedgerClient ledger() {
        return RpcLedgerClient.connect(network());
    }

    Console console() {
        return Console.standard(json);
    }
}
