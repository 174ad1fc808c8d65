package org.datdot.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.datdot.chain.LedgerClient;
import org.datdot.chain.LedgerException;
import org.datdot.chain.RpcLedgerClient;
import org.datdot.crypto.CoreKey;
import org.datdot.drive.Hyperdrive;
import org.datdot.hosting.PlanTerms;
import org.datdot.hosting.Reader;
import org.datdot.hosting.Sealing;
import org.datdot.hosting.Sponsor;
import org.datdot.hosting.SponsorProgress;
import org.datdot.hypercore.Hypercore;
import org.datdot.ledger.LedgerError;
import org.datdot.ledger.Plan;
import org.datdot.ledger.PlanStatus;
import org.datdot.ledger.PositionStatus;
import org.datdot.ledger.Queries;
import org.datdot.swarm.Endpoint;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code datdot host KEY}: pays others to keep a drive readable. */
@Command(
        name = "host",
        mixinStandardHelpOptions = true,
        description = {
            "Pay others to keep a drive readable; then this machine may go offline.",
            "It publishes a plan and serves the drive until the network has its copies. The budget is reserved at",
            "once; what is not used comes back when the plan ends. Started again for the same drive, it goes on",
            "with the plan that is running. A drive of somebody else is found by its key through the DHT while",
            "somebody has it, or at --peer."
        })
final class HostCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Parameters(paramLabel = "KEY", description = "The drive's key, as `datdot publish` printed it.")
    String key = "";

    @Option(
            names = "--replicas",
            paramLabel = "N",
            defaultValue = "3",
            description = "Copies (default: ${DEFAULT-VALUE}).")
    int replicas;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "1h",
            description = "For how long, as 90s, 30m, 1h, 7d, 4w (default: ${DEFAULT-VALUE}).")
    Duration duration = Duration.ofHours(1);

    @Option(names = "--budget", paramLabel = "TOKENS", required = true, description = "The most it may cost in all.")
    Tokens budget = new Tokens(0);

    @Option(
            names = "--sealed",
            description = {
                "Have every copy sealed, so that no provider can make one again from the others.",
                "Encoding then takes long: some seconds for each MB."
            })
    boolean sealed;

    @Option(names = "--region", paramLabel = "LABEL", description = "Only hosters in this region; may be repeated.")
    List<String> regions = new ArrayList<>();

    @Option(
            names = "--peer",
            paramLabel = "ADDRESS",
            description = "Who has the drive now, when it is not from here; for peers that are not found by its key.")
    List<String> peers = new ArrayList<>();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where encoders fetch from this machine over TCP, told to them by the plan, besides finding"
                    + " it by the drive's key (port 0: the one of last time, or any).")
    @Nullable
    String listen;

    @Mixin
    ReachOptions reach = new ReachOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        CoreKey driveKey = Arguments.key(key);
        Console console = global.console();
        try (RpcLedgerClient ledger = global.ledger();
                PeerNode node = PeerNode.open(global.home(), global.bootstrap(ledger))) {
            Users.enrol(ledger, node.keys());
            Hyperdrive drive = open(node, driveKey);
            List<String> sources = sources(node, drive);
            PlanTerms terms = new PlanTerms(
                    replicas,
                    sealed ? Sealing.TRAPDOOR : Sealing.PLAIN,
                    InstantSource.system().millis() + duration.toMillis(),
                    budget.units(),
                    regions,
                    sources);
            Sponsor sponsor = new Sponsor(node.keys(), ledger);
            SponsorProgress.Listener tell = progress -> console.line("  " + SetupLines.text(progress));
            List<Hypercore> cores = Sponsor.cores(drive, PATIENCE);
            long plan = publish(sponsor, cores, terms, tell, ledger, node);
            requireReachable(new Queries(ledger.state()).getPlanByID(plan).orElseThrow(), drive, sources);
            long bytes = cores.stream().mapToLong(Hypercore::byteLength).sum();
            try (ServingBar _ = new ServingBar(console, node.peers(), replicas * bytes)) {
                sponsor.awaitHosted(plan, tell);
            }
            report(console, new Queries(ledger.state()), plan, driveKey);
        }
        return Exit.OK.code();
    }

    private long publish(
            Sponsor sponsor,
            List<Hypercore> cores,
            PlanTerms terms,
            SponsorProgress.Listener tell,
            LedgerClient ledger,
            PeerNode node) {
        try {
            return sponsor.publish(cores, terms, tell);
        } catch (LedgerException e) {
            if (e.error() != LedgerError.INSUFFICIENT_BALANCE) {
                throw e;
            }
            Tokens free = new Tokens(new Queries(ledger.state())
                    .getAccount(node.keys().accountId())
                    .free());
            throw new NodeException(
                    Exit.REFUSED,
                    "the budget of " + budget + " tokens is above your balance: " + free
                            + " tokens are free; choose a smaller --budget (`datdot account` shows what you have)",
                    e);
        }
    }

    private Hyperdrive open(PeerNode node, CoreKey driveKey) throws IOException, InterruptedException {
        Hyperdrive own = Hyperdrive.open(node.store(), driveKey);
        if (own.dbCore().writable()) {
            return own;
        }
        own.close();
        if (peers.isEmpty() && !node.meets()) {
            throw new NodeException(
                    Exit.NOT_FOUND,
                    "drive " + driveKey
                            + " was not published from here: name a peer that has it with --peer ADDRESS, or check"
                            + " the key");
        }
        try {
            return new Reader(node.peers(), node.store(), PATIENCE).open(driveKey, Arguments.peers(peers));
        } catch (IOException e) {
            if (!peers.isEmpty()) throw e;
            throw new NodeException(
                    Exit.NOT_FOUND,
                    "drive " + driveKey + " was not published from here, and nobody who has it is found by its key:"
                            + " name a peer that has it with --peer ADDRESS, or check the key",
                    e);
        }
    }

    private List<String> sources(PeerNode node, Hyperdrive drive) {
        if (!drive.dbCore().writable()) {
            reach.open(node, null);
            return peers.stream()
                    .map(Arguments::endpoint)
                    .filter(Endpoint.Tcp.class::isInstance) // the ledger has host:port only
                    .map(peer -> Addresses.text(Arguments.address(peer.address().getHostString() + ":"
                            + peer.address().getPort())))
                    .toList();
        }
        for (Hypercore core : Sponsor.cores(drive, PATIENCE)) node.peers().announce(core.key());
        boolean announced = node.peers().awaitAnnounced();
        String where = listen;
        if (where == null && node.meets() && announced) {
            reach.open(node, null);
            return List.of();
        }
        InetSocketAddress bound = node.listen(where == null ? ProviderNode.loopback(0) : Arguments.address(where));
        reach.open(node, bound);
        return List.of(Addresses.text(bound));
    }

    /** A plan that goes on names the addresses it was published with: encoders would wait for ever for another one. */
    private static void requireReachable(Plan plan, Hyperdrive drive, List<String> sources) {
        boolean served = plan.sources().isEmpty() || plan.sources().stream().anyMatch(sources::contains);
        if (plan.status() == PlanStatus.HOSTED || served || !drive.dbCore().writable()) {
            return;
        }
        throw new NodeException(
                Exit.NETWORK,
                "plan " + plan.id() + " tells encoders to fetch from " + String.join(", ", plan.sources())
                        + ", but this machine listens at " + String.join(", ", sources)
                        + ": free that port and add --listen "
                        + plan.sources().stream().findFirst().orElse("HOST:PORT"));
    }

    private void report(Console console, Queries queries, long planId, CoreKey driveKey) {
        Plan plan = queries.getPlanByID(planId).orElseThrow();
        long active = plan.contracts().stream()
                .flatMap(id -> queries.getContractByID(id).stream())
                .flatMap(contract -> contract.positions().stream())
                .filter(position -> position.status() == PositionStatus.ACTIVE)
                .count();
        if (global.json) {
            Json.print(Json.object(
                    "plan", planId,
                    "key", driveKey.toString(),
                    "status", plan.status().name(),
                    "positions", active,
                    "untilMs", plan.untilMs(),
                    "budgetUnits", plan.budget(),
                    "paidUnits", plan.paid()));
        } else {
            console.line("hosted: plan " + planId + ", " + active + " positions; this machine may go offline");
        }
    }
}
