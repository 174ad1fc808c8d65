package org.datdot.node;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.Dht;
import org.datdot.dht.PeerAddress;
import org.datdot.ledger.Parameters;

/**
 * A whole network on one machine: a ledger and providers, each with its own keys, data directory and sockets, in one process. They and
 * whoever uses them meet through a DHT of their own. All of it listens on the loopback address only. Its state is in the folder, so it goes on after a restart.
 */
final class DevNetwork implements AutoCloseable {
    /** Time from block to block. */
    static final Duration BLOCK_INTERVAL = Duration.ofMillis(250);

    private final Dht bootstrap;
    private final LedgerNode ledger;
    private final List<ProviderNode> providers;

    private DevNetwork(Dht bootstrap, LedgerNode ledger, List<ProviderNode> providers) {
        this.bootstrap = bootstrap;
        this.ledger = ledger;
        this.providers = providers;
    }

    /**
     * Starts the network in a folder.
     *
     * @param path where it keeps its state
     * @param ledgerPort where the ledger answers; 0 for any
     * @param count how many providers
     * @param offer what each of them offers
     * @param alerts told of what somebody should look at
     */
    static DevNetwork start(Path path, int ledgerPort, int count, Offer offer, Consumer<String> alerts) {
        Dht bootstrap = bootstrapper();
        LedgerNode ledger;
        List<BootstrapNode> nodes = List.of(BootstrapNode.at(PeerAddress.of(bootstrap.localAddress())));
        try {
            ledger = LedgerNode.start(
                    path.resolve("ledger"),
                    ProviderNode.loopback(ledgerPort),
                    BLOCK_INTERVAL,
                    Parameters.devnet(),
                    Optional.of(PeerAddress.of(bootstrap.localAddress())),
                    ProviderNode.loopback(0));
        } catch (RuntimeException e) {
            bootstrap.close();
            throw e;
        }
        List<ProviderNode> providers = new ArrayList<>();
        try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<ProviderNode>> starting = new ArrayList<>();
            for (int i = 1; i <= count; i++) {
                Path folder = path.resolve("provider-%02d".formatted(i));
                starting.add(starters.submit(() ->
                        ProviderNode.start(folder, ProviderNode.loopback(0), ledger.uri(), _ -> nodes, offer, alerts)));
            }
            RuntimeException failure = null;
            for (Future<ProviderNode> one : starting) {
                try {
                    providers.add(one.get());
                } catch (ExecutionException e) {
                    failure = Failures.explain(e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    failure = Failures.explain(e);
                }
            }
            if (failure != null) {
                throw failure;
            }
            return new DevNetwork(bootstrap, ledger, providers);
        } catch (RuntimeException e) {
            new DevNetwork(bootstrap, ledger, providers).close();
            throw e;
        }
    }

    private static Dht bootstrapper() {
        try {
            return Dht.bootstrapper(PeerAddress.of(ProviderNode.loopback(0)));
        } catch (IOException e) {
            throw new NodeException(Exit.NETWORK, "cannot use a UDP port of this machine: " + e.getMessage(), e);
        }
    }

    /** Where the DHT of this network begins. */
    PeerAddress bootstrap() {
        return PeerAddress.of(bootstrap.localAddress());
    }

    /** The ledger. */
    LedgerNode ledger() {
        return ledger;
    }

    /** The providers, in the order of their folders. */
    List<ProviderNode> providers() {
        return providers;
    }

    /** Ends everything; the providers first, all at once. */
    @Override
    public void close() {
        providers.forEach(ProviderNode::leaveNetwork);
        ledger.leaveNetwork();
        try (ExecutorService closers = Executors.newVirtualThreadPerTaskExecutor()) {
            providers.forEach(provider -> closers.execute(provider::close));
        }
        ledger.close();
        bootstrap.close();
    }
}
