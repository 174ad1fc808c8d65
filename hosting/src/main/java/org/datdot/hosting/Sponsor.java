package org.datdot.hosting;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.datdot.chain.LedgerClient;
import org.datdot.chain.LedgerUnavailableException;
import org.datdot.chain.Subscription;
import org.datdot.drive.Hyperdrive;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.Manifest;
import org.datdot.hypercore.TreeHead;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Bytes;
import org.datdot.ledger.Call;
import org.datdot.ledger.Contract;
import org.datdot.ledger.ContractStatus;
import org.datdot.ledger.Feed;
import org.datdot.ledger.FeedHead;
import org.datdot.ledger.Plan;
import org.datdot.ledger.PlanStatus;
import org.datdot.ledger.Position;
import org.datdot.ledger.PositionStatus;
import org.datdot.ledger.Queries;
import org.datdot.ledger.Segment;
import org.datdot.ledger.User;

/**
 * Brings data to be hosted: publishes the feeds' signed heads and a plan, and follows the setup until every contract is
 * hosted (docs/protocol.md 4). The data may be somebody else's: all that is needed is the newest head and manifest, which
 * a Hypercore reader learns from any peer. Keeps nothing of its own: a restarted process calls {@link #publish} again
 * and finds its plan on the ledger. Thread-safe; methods wait for blocks.
 */
public final class Sponsor {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    private final AccountKeys keys;
    private final LedgerView view;

    /**
     * A sponsor.
     *
     * @param keys the paying account, which must be a user of the ledger
     */
    public Sponsor(AccountKeys keys, LedgerClient ledger) {
        this.keys = keys;
        this.view = new LedgerView(ledger);
    }

    /**
     * The cores of a drive that have blocks, names first.
     *
     * @param timeout how long to wait for the newest heads when the drive is somebody else's
     */
    public static List<Hypercore> cores(Hyperdrive drive, Duration timeout) {
        List<Hypercore> cores = new ArrayList<>();
        if (!drive.dbCore().writable()) drive.update(timeout);
        Hypercore db = drive.dbCore();
        if (db.length() == 0) {
            throw new SponsorException("drive " + drive.key() + " is empty or no peer has sent anything of it: import"
                    + " files first, or name a peer that has it");
        }
        cores.add(db);
        Hypercore blobs = drive.blobsCore();
        if (!blobs.writable()) blobs.update(timeout);
        if (blobs.length() > 0) cores.add(blobs);
        return cores;
    }

    /**
     * Publishes the cores' heads and a plan that hosts all of their blocks. When this sponsor has a plan for exactly these
     * blocks that is not over, that one is taken.
     *
     * @return the plan's id
     * @throws SponsorException when there is nothing that can be published
     * @throws org.datdot.chain.LedgerException when the ledger rejects a call
     * @throws LedgerUnavailableException when the ledger cannot be reached; calling again is safe
     */
    public long publish(List<Hypercore> cores, PlanTerms terms, SponsorProgress.Listener listener) {
        long user = view.user(AccountId.of(keys.chain().publicKey()))
                .map(User::id)
                .orElseThrow(
                        () -> new SponsorException("this account is no user of the ledger yet: register it first"));
        List<Segment> program = new ArrayList<>();
        for (Hypercore core : cores) program.add(publishFeed(core, listener));
        Optional<Plan> running = running(user, program);
        if (running.isEmpty()) {
            view.ledger()
                    .submit(
                            keys,
                            new Call.PublishPlan(
                                    program,
                                    terms.replicas(),
                                    terms.sealing(),
                                    terms.untilMs(),
                                    terms.budgetUnits(),
                                    terms.regions(),
                                    terms.sources()));
        }
        Plan plan = running.or(() -> running(user, program))
                .orElseThrow(() -> new SponsorException("the plan ended at once: look at its events"));
        listener.on(new SponsorProgress.PlanKnown(plan.id(), plan.contracts().size(), running.isPresent()));
        return plan.id();
    }

    private Segment publishFeed(Hypercore core, SponsorProgress.Listener listener) {
        Manifest manifest = core.manifest();
        TreeHead head = core.head();
        if (head.length() == 0 || manifest == null) {
            throw new SponsorException("of feed " + core.key()
                    + " neither blocks nor manifest are known: append to it, or connect to a peer that has it");
        }
        Optional<Feed> known = view.queries().getFeedByKey(core.key());
        boolean knowsHead = known.flatMap(feed -> view.queries().getFeedHead(feed.id(), head.length()))
                .filter(same -> same.roots().equals(head.roots()))
                .isPresent();
        if (!knowsHead) {
            FeedHead published = PalletTreeHeads.feedHead(head);
            view.ledger().submit(keys, new Call.PublishFeed(core.key(), new Bytes(manifest.encode()), published));
        }
        Feed feed = view.queries()
                .getFeedByKey(core.key())
                .orElseThrow(() -> new SponsorException("the ledger does not show the feed it has accepted"));
        listener.on(new SponsorProgress.FeedKnown(core.key(), head.length()));
        return new Segment(feed.id(), head.length(), 0, head.length());
    }

    private Optional<Plan> running(long user, List<Segment> program) {
        return view.queries().getPlansBySponsor(user).stream()
                .filter(plan -> plan.open() && plan.segments().equals(program))
                .findFirst();
    }

    /**
     * Waits until all of the plan is hosted, telling what goes on. The data must be served meanwhile.
     *
     * @throws SponsorException when the plan ends before
     */
    public void awaitHosted(long planId, SponsorProgress.Listener listener) throws InterruptedException {
        Semaphore blocks = new Semaphore(0);
        Setup setup = new Setup(planId, listener);
        try (Subscription _ = view.ledger().onHead(_ -> blocks.release())) {
            while (!setup.look()) {
                // more often than blocks come there is nothing to see; a lost subscription must not stop it for ever
                if (blocks.tryAcquire(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) blocks.drainPermits();
            }
        }
    }

    /** What is known of a plan's setup, to tell only what is new. */
    private final class Setup {
        private final long planId;
        private final SponsorProgress.Listener listener;
        private final Map<Long, List<Position>> positions = new HashMap<>();
        private final Set<Long> hosted = new HashSet<>();

        Setup(long planId, SponsorProgress.Listener listener) {
            this.planId = planId;
            this.listener = listener;
        }

        /** Looks at the ledger; returns whether all is hosted. */
        boolean look() {
            try {
                Queries queries = view.queries();
                Plan plan = queries.getPlanByID(planId)
                        .orElseThrow(() -> new SponsorException("the ledger has no plan " + planId));
                for (long id : plan.contracts()) {
                    if (!hosted.contains(id)) queries.getContractByID(id).ifPresent(one -> look(plan, one));
                }
                if (plan.status() == PlanStatus.HOSTED) {
                    listener.on(new SponsorProgress.PlanHosted(planId));
                    return true;
                }
                if (plan.status() == PlanStatus.ENDED) {
                    throw new SponsorException("plan " + planId + " ended before all of it was hosted: its time or"
                            + " budget is over; publish a new one");
                }
                return false;
            } catch (LedgerUnavailableException _) {
                return false; // its client reconnects, and the next look shows what was missed
            }
        }

        private void look(Plan plan, Contract contract) {
            List<Position> before = positions.put(contract.id(), contract.positions());
            for (int i = 0; i < contract.positions().size(); i++) {
                Position now = contract.positions().get(i);
                Position then = before == null ? Position.VACANT : before.get(i);
                if (now.status() == then.status() && now.amendment() == then.amendment()) continue;
                listener.on(new SponsorProgress.PositionChanged(
                        contract.id(), i, now.status(), now.amendment(), now.encoder(), now.hoster()));
            }
            if (contract.status() == ContractStatus.HOSTED && hosted.add(contract.id())) {
                listener.on(new SponsorProgress.ContractHosted(
                        contract.id(), hosted.size(), plan.contracts().size()));
            }
        }
    }

    /** How many of a plan's positions are active. */
    public long activePositions(long planId) {
        Queries queries = view.queries();
        return queries.getPlanByID(planId).stream()
                .flatMap(plan -> plan.contracts().stream())
                .flatMap(id -> queries.getContractByID(id).stream())
                .flatMap(contract -> contract.positions().stream())
                .filter(position -> position.status() == PositionStatus.ACTIVE)
                .count();
    }
}
