package org.datdot.node;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.datdot.chain.LedgerClient;
import org.datdot.chain.RpcLedgerClient;
import org.datdot.crypto.CoreKey;
import org.datdot.dht.BootstrapNode;
import org.datdot.drive.FolderExport;
import org.datdot.drive.FolderImport;
import org.datdot.drive.Hyperdrive;
import org.datdot.hosting.PlanTerms;
import org.datdot.hosting.Reader;
import org.datdot.hosting.Sealing;
import org.datdot.hosting.Sponsor;
import org.datdot.hosting.SponsorProgress;
import org.datdot.hypercore.Hypercore;
import org.datdot.ledger.AccountData;
import org.datdot.ledger.Amendment;
import org.datdot.ledger.Balances;
import org.datdot.ledger.Contract;
import org.datdot.ledger.Event;
import org.datdot.ledger.Plan;
import org.datdot.ledger.Position;
import org.datdot.ledger.Queries;
import org.datdot.ledger.User;

/** The story that `datdot demo` tells, on a network of its own. */
final class Demo {
    private static final Tokens BUDGET = new Tokens(20 * Tokens.UNITS_PER_TOKEN);
    private static final Offer OFFER = new Offer(new ByteSize(20_000_000_000L), new Tokens(500_000_000L), List.of());
    private static final Duration PLAN = Duration.ofHours(1);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Console console;
    private final Path folder;
    private final Path place;
    private final int providerCount;
    private final int sealing;
    private final long beganNs = System.nanoTime();

    /** Publishes {@code folder}; all nodes live below {@code place}; {@code sealing} is how replicas are sealed. */
    Demo(Console console, Path folder, Path place, int providerCount, int sealing) {
        this.console = console;
        this.folder = folder;
        this.place = place;
        this.providerCount = providerCount;
        this.sealing = sealing;
    }

    /** What the publisher leaves behind. */
    private record Published(CoreKey drive, long plan, long sponsor) {}

    void run() throws IOException, InterruptedException {
        Logs.toFile(place);
        stage("1. A network on this machine");
        try (DevNetwork network = DevNetwork.start(place.resolve("network"), 0, providerCount, OFFER, this::alert);
                LedgerClient ledger = RpcLedgerClient.connect(network.ledger().uri());
                EventWatch events = new EventWatch(ledger)) {
            console.line("  ledger at " + network.ledger().uri() + ", "
                    + network.providers().size() + " providers, each with its own keys, folder and port");
            console.line("  they meet through a DHT of " + (network.providers().size() + 1) + " nodes, which begins at "
                    + network.bootstrap());
            Published published = publish(network, ledger);

            stage("4. The publisher is gone; one hoster is stopped as well");
            ProviderNode victim = stopOneHoster(network, ledger, published.plan());

            stage("5. The folder is read back from the other hosters");
            readBack(network, ledger, published);

            stage("6. Proofs of storage, and the failed hoster replaced");
            heal(ledger, events, published, victim);

            stage("7. Who paid, who earned");
            settle(ledger, published);
        }
        console.line("");
    }

    private void stage(String title) {
        double seconds = (System.nanoTime() - beganNs) / 1e9;
        console.stage(title + String.format(java.util.Locale.ROOT, "  [%.1f s]", seconds));
    }

    private void alert(String message) {
        console.line("  ALERT: " + message);
    }

    private Published publish(DevNetwork network, LedgerClient ledger) throws IOException, InterruptedException {
        stage("2. The publisher makes a drive of " + folder);
        Path home = place.resolve("publisher");
        try (PeerNode node = PeerNode.open(home.resolve("account"), home.resolve("store"), nodes(network))) {
            User sponsor = Users.enrol(ledger, node.keys());
            Hyperdrive drive = Hyperdrive.open(node.store());
            FolderImport.Result imported = PublishCommand.importFolder(console, folder, drive, false);
            console.line("  " + imported.added() + " files, " + new ByteSize(imported.byteLength()));
            console.line("  drive " + drive.key());

            stage("3. A plan: 3 " + (sealing == Sealing.PLAIN ? "" : "sealed ") + "replicas for " + Durations.text(PLAN)
                    + ", at most " + BUDGET + " tokens");
            PlanTerms terms = new PlanTerms(
                    3,
                    sealing,
                    InstantSource.system().millis() + PLAN.toMillis(),
                    BUDGET.units(),
                    List.of(),
                    List.of());
            List<Hypercore> cores = Sponsor.cores(drive, PATIENCE);
            cores.forEach(core -> node.peers().announce(core.key()));
            node.peers().awaitAnnounced();
            console.line("  the plan names no address: encoders find the publisher by the drive's key");
            Sponsor role = new Sponsor(node.keys(), ledger);
            SponsorProgress.Listener tell = progress -> tell(ledger, progress);
            long plan = role.publish(cores, terms, tell);
            try (ServingBar _ = new ServingBar(console, node.peers(), terms.replicas() * imported.byteLength())) {
                role.awaitHosted(plan, tell);
            }
            showHosters(network, ledger, plan);
            return new Published(drive.key(), plan, sponsor.id());
        }
    }

    private void tell(LedgerClient ledger, SponsorProgress progress) {
        console.line("  " + SetupLines.text(progress));
        if (progress instanceof SponsorProgress.PositionChanged one && one.position() == 0 && one.amendment() != 0) {
            new Queries(ledger.state())
                    .getAmendmentByID(one.amendment())
                    .map(Amendment::attestor)
                    .ifPresent(attestor ->
                            console.line("    attestor " + attestor + " checks every block of every replica"));
        }
    }

    private void showHosters(DevNetwork network, LedgerClient ledger, long planId) {
        List<List<String>> rows = new ArrayList<>();
        for (Contract contract : contracts(ledger, planId)) {
            for (int i = 0; i < contract.positions().size(); i++) {
                Position position = contract.positions().get(i);
                ProviderNode hoster = provider(network, position.hoster());
                rows.add(List.of(
                        String.valueOf(contract.id()),
                        String.valueOf(i),
                        String.valueOf(position.encoder()),
                        String.valueOf(position.hoster()),
                        Addresses.text(hoster.address()),
                        new ByteSize(position.reservedBytes()).toString()));
            }
        }
        console.table(List.of("contract", "position", "encoder", "hoster", "listens at", "stores"), rows);
    }

    private static List<Contract> contracts(LedgerClient ledger, long planId) {
        Queries queries = new Queries(ledger.state());
        Plan plan = queries.getPlanByID(planId).orElseThrow();
        return plan.contracts().stream()
                .map(id -> queries.getContractByID(id).orElseThrow())
                .toList();
    }

    private static ProviderNode provider(DevNetwork network, long user) {
        return network.providers().stream()
                .filter(one -> one.user() == user)
                .findFirst()
                .orElseThrow();
    }

    private ProviderNode stopOneHoster(DevNetwork network, LedgerClient ledger, long plan) {
        long user = contracts(ledger, plan).getFirst().positions().getFirst().hoster();
        ProviderNode victim = provider(network, user);
        victim.close();
        console.line("  hoster " + user + " at " + Addresses.text(victim.address()) + " is stopped");
        return victim;
    }

    private static List<BootstrapNode> nodes(DevNetwork network) {
        return List.of(BootstrapNode.at(network.bootstrap()));
    }

    private void readBack(DevNetwork network, LedgerClient ledger, Published published)
            throws IOException, InterruptedException {
        Path home = place.resolve("reader");
        Path copy = place.resolve("copy");
        int hosters = Reader.hosters(ledger, published.drive()).size();
        console.line("  " + hosters + " hosters on the ledger, one of them is stopped; the reader knows nothing but the"
                + " drive's key");
        long began = System.nanoTime();
        try (PeerNode node = PeerNode.open(home.resolve("account"), home.resolve("store"), nodes(network))) {
            FolderExport.Result result = GetCommand.download(console, node, published.drive(), List.of(), copy, false);
            double seconds = (System.nanoTime() - began) / 1e9;
            console.line(String.format(
                    java.util.Locale.ROOT,
                    "  %d files, %s in %.1f s",
                    result.files(),
                    new ByteSize(result.byteLength()),
                    seconds));
        }
        FolderCompare.Result compared = FolderCompare.run(folder, copy);
        if (compared.difference().isPresent()) {
            throw new NodeException(
                    Exit.FAILED, "the copy differs: " + compared.difference().get());
        }
        console.line(
                "  every byte compared: " + compared.files() + " files, " + compared.bytes() + " bytes, all equal");
    }

    private void heal(LedgerClient ledger, EventWatch events, Published published, ProviderNode victim)
            throws InterruptedException {
        Event.StorageChallengeConfirmed passed =
                events.await(Event.StorageChallengeConfirmed.class, one -> one.hoster() != victim.user(), PATIENCE);
        console.line("  storage challenge " + passed.challenge() + ": hoster " + passed.hoster()
                + " has shown its leaves, verified by the ledger");
        Event.StorageChallengeFailed failed =
                events.await(Event.StorageChallengeFailed.class, one -> one.hoster() == victim.user(), PATIENCE);
        console.line("  storage challenge " + failed.challenge() + ": hoster " + failed.hoster()
                + " did not answer in time and is dropped");
        for (Contract contract : contracts(ledger, published.plan())) {
            awaitComplete(ledger, contract.id());
        }
        List<Event.HosterActivated> activated = events.events().stream()
                .filter(Event.HosterActivated.class::isInstance)
                .map(Event.HosterActivated.class::cast)
                .toList();
        Event.HosterActivated replacement = activated.getLast();
        console.line("  contract " + replacement.contract() + ", position " + replacement.position() + ": hoster "
                + replacement.hoster() + " has taken its place, from the copies that remain");
        console.line("  " + events.count(Event.StorageChallengeConfirmed.class) + " challenges passed, "
                + events.count(Event.StorageChallengeFailed.class) + " failed so far");
    }

    private void awaitComplete(LedgerClient ledger, long contractId) throws InterruptedException {
        try (EventWatch watch = new EventWatch(ledger)) {
            while (true) {
                Contract contract =
                        new Queries(ledger.state()).getContractByID(contractId).orElseThrow();
                if (contract.complete()) {
                    return;
                }
                watch.await(Event.HosterActivated.class, one -> one.contract() == contractId, PATIENCE);
            }
        }
    }

    private void settle(LedgerClient ledger, Published published) {
        Balances.audit(ledger.state());
        Queries queries = new Queries(ledger.state());
        long endowment = ledger.parameters().newUserEndowment();
        List<List<String>> rows = new ArrayList<>();
        long made = 0;
        for (User user : queries.getUsers()) {
            AccountData owned = queries.getAccount(user.account());
            long change = owned.total() - endowment;
            made += change;
            rows.add(List.of(
                    String.valueOf(user.id()),
                    user.id() == published.sponsor() ? "sponsor" : "provider",
                    signed(change),
                    new Tokens(owned.free()).toString(),
                    new Tokens(owned.reserved()).toString(),
                    String.valueOf(user.successes()),
                    String.valueOf(user.failures())));
        }
        console.table(List.of("user", "role", "change", "free", "reserved", "done", "failed"), rows);
        Plan plan = queries.getPlanByID(published.plan()).orElseThrow();
        console.line("  plan " + plan.id() + " has paid " + new Tokens(plan.paid()) + " of " + new Tokens(plan.budget())
                + " tokens");
        if (made > 0) {
            throw new NodeException(Exit.FAILED, "tokens were made: " + made + " units");
        }
        console.line("  " + new Tokens(-made)
                + " tokens of fees and forfeited collateral went to the treasury; the sum of all balances is"
                + " unchanged: "
                + new Tokens(queries.getTotalIssuance()) + " tokens");
    }

    private static String signed(long units) {
        return (units < 0 ? "-" : "+") + new Tokens(Math.abs(units));
    }
}
