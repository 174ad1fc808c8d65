package org.datdot.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.datdot.chain.LedgerUnavailableException;
import org.datdot.chain.RpcLedgerClient;
import org.datdot.dht.BootstrapNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options that every command has. */
final class GlobalOptions {
    private static final String DEFAULT_NETWORK = "ws://127.0.0.1:9944";
    /** Longer than a far machine takes to accept. */
    private static final int PROBE_MS = 10_000;

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

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "A node of the DHT to begin with; may be repeated (default: $DATDOT_BOOTSTRAP, else what the"
                    + " ledger names, else the public ones).")
    List<String> bootstrap = new ArrayList<>();

    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec command;

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

    /** The ledger to talk to, which answers: a command does not wait for one that is not there. */
    URI answering() {
        URI ledger = network();
        int otherwise = "wss".equals(ledger.getScheme()) ? 443 : 80;
        int port = ledger.getPort() < 0 ? otherwise : ledger.getPort();
        try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress(ledger.getHost(), port), PROBE_MS);
        } catch (IOException e) {
            throw new LedgerUnavailableException("no ledger answers at " + ledger + ": " + e.getMessage(), e);
        }
        return ledger;
    }

    RpcLedgerClient ledger() {
        return RpcLedgerClient.connect(answering());
    }

    /** Where to begin in the DHT when no ledger is asked. */
    List<BootstrapNode> bootstrap() {
        return named().orElseGet(() -> Main.of(Objects.requireNonNull(command)).bootstrap());
    }

    /** Where to begin in the DHT: as named, or as the ledger says. */
    List<BootstrapNode> bootstrap(RpcLedgerClient ledger) {
        return named().or(() -> ledger.property(LedgerNode.BOOTSTRAP).map(text -> nodes(List.of(text.split(",")))))
                .orElseGet(this::bootstrap);
    }

    /** Whether somebody said where to begin in the DHT. */
    boolean namesBootstrap() {
        return named().isPresent();
    }

    private Optional<List<BootstrapNode>> named() {
        if (!bootstrap.isEmpty()) return Optional.of(nodes(bootstrap));
        String environment = System.getenv("DATDOT_BOOTSTRAP");
        return environment == null || environment.isBlank()
                ? Optional.empty()
                : Optional.of(nodes(List.of(environment.split(","))));
    }

    private static List<BootstrapNode> nodes(List<String> texts) {
        return texts.stream().map(Arguments::bootstrap).toList();
    }

    Console console() {
        return Console.standard(json);
    }
}
