package org.datdot.hosting;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.datdot.chain.LedgerClient;
import org.datdot.hypercore.Manifest;
import org.datdot.hypercore.TreeHead;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Amendment;
import org.datdot.ledger.AmendmentStatus;
import org.datdot.ledger.Assignment;
import org.datdot.ledger.Contract;
import org.datdot.ledger.Feed;
import org.datdot.ledger.FeedHead;
import org.datdot.ledger.Form;
import org.datdot.ledger.Jobs;
import org.datdot.ledger.PerformanceChallenge;
import org.datdot.ledger.Plan;
import org.datdot.ledger.Position;
import org.datdot.ledger.PositionStatus;
import org.datdot.ledger.Queries;
import org.datdot.ledger.Segment;
import org.datdot.ledger.StorageChallenge;
import org.datdot.ledger.User;
import org.jspecify.annotations.Nullable;

/**
 * What the roles read from the ledger, in the shape they need it. Every call asks the ledger anew; all throw
 * {@link org.datdot.chain.LedgerUnavailableException} when it cannot be reached.
 */
final class LedgerView {
    private final LedgerClient ledger;

    LedgerView(LedgerClient ledger) {
        this.ledger = ledger;
    }

    LedgerClient ledger() {
        return ledger;
    }

    Queries queries() {
        return new Queries(ledger.state());
    }

    Optional<User> user(AccountId account) {
        return queries().getUserByAccount(account);
    }

    Jobs jobs(long user) {
        return queries().getJobs(user);
    }

    Optional<StorageChallenge> challenge(long id) {
        return queries().getStorageChallengeByID(id);
    }

    /** An amendment in progress, or null when it is over. */
    @Nullable
    AmendmentTask amendment(long id) {
        Queries queries = queries();
        Amendment amendment = queries.getAmendmentByID(id).orElse(null);
        if (amendment == null || amendment.status() != AmendmentStatus.IN_PROGRESS) return null;
        Contract contract = queries.getContractByID(amendment.contract()).orElseThrow(() -> missing("contract"));
        Plan plan = queries.getPlanByID(contract.plan()).orElseThrow(() -> missing("plan"));
        List<AmendmentTask.Seat> seats = new ArrayList<>();
        for (Assignment one : amendment.assignments()) {
            seats.add(new AmendmentTask.Seat(
                    one.position(), party(queries, one.encoder()), party(queries, one.hoster())));
        }
        return new AmendmentTask(
                id,
                contract.id(),
                amendment.encodedByBlock(),
                amendment.attestedByBlock(),
                amendment.deadlineBlock(),
                plan.sealing(),
                segments(queries, contract),
                party(queries, amendment.attestor()),
                seats);
    }

    /** Where an encoder gets the blocks: from active hosters of the contract, then from where the plan says. */
    List<PeerAddress> sources(AmendmentTask task) {
        Queries queries = queries();
        Contract contract = queries.getContractByID(task.contract()).orElseThrow(() -> missing("contract"));
        List<PeerAddress> sources = new ArrayList<>(hosters(queries, contract));
        Plan plan = queries.getPlanByID(contract.plan()).orElseThrow(() -> missing("plan"));
        for (String source : plan.sources()) sources.add(new PeerAddress(address(source), null));
        return sources;
    }

    /** The active hosters of a contract. */
    List<PeerAddress> hosters(Queries queries, Contract contract) {
        List<PeerAddress> hosters = new ArrayList<>();
        for (Position position : contract.positions()) {
            if (position.status() != PositionStatus.ACTIVE) continue;
            Party hoster = party(queries, position.hoster());
            InetSocketAddress address = hoster.address();
            if (address != null) hosters.add(new PeerAddress(address, hoster.noiseKey()));
        }
        return hosters;
    }

    /** Which replica a user must store for a position, or null when the position is not active any more. */
    @Nullable
    ReplicaId replica(long contractId, int index) {
        Contract contract = queries().getContractByID(contractId).orElse(null);
        Position position = contract == null ? null : active(contract, index);
        return position == null ? null : new ReplicaId(position.amendment(), index);
    }

    /** Which replica a user must store for a position, or null when it is not its position any more. */
    @Nullable
    ReplicaId hosted(long contractId, int index, long user) {
        Contract contract = queries().getContractByID(contractId).orElse(null);
        Position position = contract == null ? null : active(contract, index);
        return position == null || position.hoster() != user ? null : new ReplicaId(position.amendment(), index);
    }

    private static @Nullable Position active(Contract contract, int index) {
        if (index >= contract.positions().size()) return null;
        Position position = contract.positions().get(index);
        return position.status() == PositionStatus.ACTIVE ? position : null;
    }

    /**
     * What may be reported of a position.
     *
     * @param limitBytes the traffic after which its plan ends; 0 means any
     * @param mostBytes what the ledger believes since the last report
     */
    record Traffic(long limitBytes, long mostBytes) {}

    /** What a user may report of a position, or null when it is not its position any more. */
    @Nullable
    Traffic traffic(long contractId, int index, long user) {
        Queries queries = queries();
        Contract contract = queries.getContractByID(contractId).orElse(null);
        Position position = contract == null ? null : active(contract, index);
        if (contract == null || position == null || position.hoster() != user) return null;
        Plan plan = queries.getPlanByID(contract.plan()).orElseThrow(() -> missing("plan"));
        long ms = Math.max(0, queries.getTimestampMs() - position.reportedMs());
        long rate = queries.getUserByID(user).map(User::uploadLimit).orElse(0L);
        return new Traffic(plan.until().trafficBytes(), rate * Math.min(ms, Long.MAX_VALUE / 1_000_000_000) / 1000);
    }

    /** How often plans were paused and resumed so far. */
    long pauses() {
        return queries().getPauseChanges();
    }

    /** Whether the plan of a contract is paused: it is stored, and served to nobody. */
    boolean paused(long contractId) {
        Queries queries = queries();
        return queries.getContractByID(contractId)
                .flatMap(contract -> queries.getPlanByID(contract.plan()))
                .map(Plan::paused)
                .orElse(false);
    }

    /**
     * What to measure.
     *
     * @param hoster who is measured
     * @param segment what to read from it
     */
    record Target(PeerAddress hoster, ReplicaSegment segment) {}

    /** Whom a performance challenge is about, and what it serves; null when it says nowhere it can be reached. */
    @Nullable
    Target target(PerformanceChallenge challenge) {
        Queries queries = queries();
        Contract contract = queries.getContractByID(challenge.contract()).orElseThrow(() -> missing("contract"));
        Party hoster = party(queries, challenge.hoster());
        InetSocketAddress address = hoster.address();
        if (address == null) return null;
        return new Target(
                new PeerAddress(address, hoster.noiseKey()),
                segments(queries, contract).getFirst());
    }

    private static List<ReplicaSegment> segments(Queries queries, Contract contract) {
        List<ReplicaSegment> segments = new ArrayList<>();
        for (Segment segment : contract.segments()) {
            Feed feed = queries.getFeedByID(segment.feed()).orElseThrow(() -> missing("feed"));
            FeedHead known =
                    queries.getFeedHead(segment.feed(), segment.length()).orElseThrow(() -> missing("tree head"));
            TreeHead head = PalletTreeHeads.treeHead(known);
            Manifest manifest = Manifest.decode(feed.manifest().bytes());
            segments.add(new ReplicaSegment(feed.key(), manifest, head, segment.start(), segment.end()));
        }
        return segments;
    }

    private static Party party(Queries queries, long id) {
        User user = queries.getUserByID(id).orElseThrow(() -> missing("user"));
        String text = user.form().map(Form::address).orElse("");
        return new Party(id, user.signingKey(), user.noiseKey(), text.isEmpty() ? null : address(text));
    }

    /** The address in {@code host:port}; resolved anew each time, hosts move. */
    static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) host = host.substring(1, host.length() - 1);
        return new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
    }

    private static IllegalStateException missing(String what) {
        return new IllegalStateException("the ledger refers to a " + what + " it does not have");
    }
}
