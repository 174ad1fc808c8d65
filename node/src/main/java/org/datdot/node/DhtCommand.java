package org.datdot.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.datdot.crypto.DiscoveryKey;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtInfo;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.DhtResults;
import org.datdot.dht.LookupResult;
import org.datdot.dht.PeerAddress;
import org.datdot.dht.PeerRecord;
import org.datdot.dht.Target;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code datdot dht}: a look into the network in which Hypercore peers find each other. */
@Command(
        name = "dht",
        mixinStandardHelpOptions = true,
        description = {
            "Look into the network in which Hypercore peers find each other (HyperDHT), or run one of your own.",
            "Every command but `network` joins with --bootstrap, by default the public network."
        },
        subcommands = {
            DhtCommand.Network.class,
            DhtCommand.Lookup.class,
            DhtCommand.Announce.class,
            DhtCommand.Ping.class,
            DhtCommand.Nodes.class
        })
final class DhtCommand implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() {
        CommandSpec command = Objects.requireNonNull(spec);
        throw new ParameterException(command.commandLine(), "What about the DHT? See `datdot dht --help`.");
    }

    /** How to join, for those commands that do. */
    static final class Joining {
        @Spec(Spec.Target.MIXEE)
        @Nullable
        CommandSpec command;

        @Option(
                names = "--bootstrap",
                paramLabel = "HOST:PORT",
                description = "A node to begin with; may be repeated (default: those of the public network).")
        List<String> bootstrap = new ArrayList<>();

        @Option(names = "--json", description = "Print JSON for machines instead of lines for people.")
        boolean json;

        Console console() {
            return Console.standard(json);
        }

        Dht join() {
            List<BootstrapNode> nodes = bootstrap.isEmpty()
                    ? Main.of(Objects.requireNonNull(command)).bootstrap()
                    : bootstrap.stream().map(Arguments::bootstrap).toList();
            try {
                Dht dht = DhtNetwork.look(nodes);
                dht.awaitBootstrapped();
                if (!dht.nodes().isEmpty()) return dht;
                dht.close();
                throw new NodeException(Exit.NETWORK, "no node of the DHT answered (--bootstrap names others)");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** {@code datdot dht network}. */
    @Command(
            name = "network",
            mixinStandardHelpOptions = true,
            description = {
                "Run a network of its own until Ctrl-C: a bootstrap node, and as many others as you like.",
                "Stock peers join it with its first address in their option `bootstrap`."
            })
    static final class Network implements Callable<Integer> {
        @Option(
                names = "--listen",
                paramLabel = "HOST:PORT",
                defaultValue = "127.0.0.1:49737",
                description = "Where others reach the first node (default: ${DEFAULT-VALUE}; port 0: any).")
        String listen = "127.0.0.1:49737";

        @Option(
                names = "--nodes",
                paramLabel = "COUNT",
                defaultValue = "1",
                description = "How many nodes, the first included (default: ${DEFAULT-VALUE}).")
        int nodes;

        @Option(names = "--json", description = "Print JSON for machines instead of lines for people.")
        boolean json;

        @Override
        public Integer call() throws InterruptedException {
            Arguments.require(nodes >= 1 && nodes <= 1_000, "--nodes " + nodes + ": 1 to 1000");
            List<Dht> all = new ArrayList<>();
            try (Shutdown shutdown = Shutdown.closing(() -> all.reversed().forEach(Dht::close))) {
                Dht first = Dht.bootstrapper(Arguments.dhtAddress(listen));
                all.add(first);
                PeerAddress bootstrap = new PeerAddress(
                        Arguments.dhtAddress(listen).host(),
                        first.localAddress().getPort());
                DhtOptions options = DhtOptions.joining(List.of(BootstrapNode.at(bootstrap)))
                        .withReachable(DhtOptions.Mode.PERSISTENT);
                while (all.size() < nodes) {
                    InetAddress host = first.localAddress().getAddress();
                    Dht next = Dht.open(options, new InetSocketAddress(host, 0));
                    all.add(next);
                    next.awaitBootstrapped();
                }
                if (json) Json.print(Json.object("bootstrap", bootstrap.toString(), "nodes", nodes));
                else {
                    Console.standard(false)
                            .line("a DHT of " + nodes + (nodes == 1 ? " node" : " nodes") + ", --bootstrap " + bootstrap
                                    + "; Ctrl-C ends it");
                }
                shutdown.await();
            } catch (IOException e) {
                throw new NodeException(Exit.NETWORK, "cannot use " + listen + ": " + e.getMessage(), e);
            }
            return Exit.OK.code();
        }
    }

    /** {@code datdot dht lookup}. */
    @Command(
            name = "lookup",
            mixinStandardHelpOptions = true,
            description = "Show who is announced as having a core or drive.")
    static final class Lookup implements Callable<Integer> {
        @Mixin
        Joining joining = new Joining();

        @Parameters(paramLabel = "KEY", description = "The key of the core or drive.")
        String key = "";

        @Override
        public Integer call() {
            TreeMap<String, Integer> peers = new TreeMap<>();
            try (Dht dht = joining.join();
                    DhtResults<LookupResult> results = dht.lookup(topic(key))) {
                while (results.hasNext()) {
                    for (PeerRecord peer : results.next().peers()) {
                        peers.merge(peer.publicKey().hex(), 1, Integer::sum);
                    }
                }
            }
            if (joining.json) {
                Json.print(Json.object("peers", peers));
            } else {
                peers.forEach((peer, nodes) -> joining.console().line(peer + "  on " + nodes + " nodes"));
            }
            if (peers.isEmpty()) throw new NodeException(Exit.NOT_FOUND, "nobody is announced for " + key);
            return Exit.OK.code();
        }
    }

    /** {@code datdot dht announce}. */
    @Command(
            name = "announce",
            mixinStandardHelpOptions = true,
            description = {
                "Announce a made-up peer for a core or drive, to see whether others find it.",
                "Nodes forget it after about 20 minutes. There is nobody to connect to."
            })
    static final class Announce implements Callable<Integer> {
        @Mixin
        Joining joining = new Joining();

        @Parameters(paramLabel = "KEY", description = "The key of the core or drive.")
        String key = "";

        @Override
        public Integer call() {
            KeyPair peer = KeyPair.generate(Entropy.system());
            Target topic = topic(key);
            try (Dht dht = joining.join()) {
                List<PeerAddress> nodes = dht.announce(topic, peer, List.of());
                String name = peer.publicKey().hex();
                if (joining.json) Json.print(Json.object("peer", name, "nodes", texts(nodes)));
                else joining.console().line("peer " + name + " announced on " + nodes.size() + " nodes");
            }
            return Exit.OK.code();
        }
    }

    /** {@code datdot dht ping}. */
    @Command(name = "ping", mixinStandardHelpOptions = true, description = "Show how long a node takes to answer.")
    static final class Ping implements Callable<Integer> {
        @Parameters(paramLabel = "HOST:PORT", description = "The node, as 88.99.3.86:49737.")
        String node = "";

        @Option(names = "--json", description = "Print JSON for machines instead of lines for people.")
        boolean json;

        @Override
        public Integer call() throws IOException {
            PeerAddress address = Arguments.dhtAddress(node);
            InetAddress bind = new InetSocketAddress(0).getAddress();
            DhtOptions options = DhtOptions.joining(List.of()).withMode(DhtOptions.Mode.EPHEMERAL);
            try (Dht dht = Dht.open(options, new InetSocketAddress(bind, 0))) {
                Duration took = dht.ping(address);
                if (json) Json.print(Json.object("ms", took.toMillis()));
                else Console.standard(false).line(address + " answered in " + took.toMillis() + " ms");
            }
            return Exit.OK.code();
        }
    }

    /** {@code datdot dht nodes}. */
    @Command(
            name = "nodes",
            mixinStandardHelpOptions = true,
            description = "Join, and show the routing table: the nodes met, and our address as they see it.")
    static final class Nodes implements Callable<Integer> {
        @Mixin
        Joining joining = new Joining();

        @Override
        public Integer call() {
            try (Dht dht = joining.join()) {
                DhtInfo info = dht.info();
                List<PeerAddress> nodes = dht.nodes();
                PeerAddress own = info.publicAddress();
                if (joining.json) {
                    Json.print(Json.object("publicAddress", own == null ? "" : own.toString(), "nodes", texts(nodes)));
                } else {
                    Console console = joining.console();
                    console.line(nodes.size() + " nodes; they see us at " + (own == null ? "no one address" : own));
                    console.table(
                            List.of("id", "address"),
                            nodes.stream()
                                    .map(node -> List.of(node.id().hex(), node.toString()))
                                    .toList());
                }
            }
            return Exit.OK.code();
        }
    }

    private static Target topic(String key) {
        return Target.of(DiscoveryKey.of(Arguments.key(key)));
    }

    private static List<String> texts(List<PeerAddress> addresses) {
        return addresses.stream().map(PeerAddress::toString).toList();
    }
}
