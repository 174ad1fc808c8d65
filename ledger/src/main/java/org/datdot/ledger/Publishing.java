package org.datdot.ledger;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.datdot.crypto.TreeNode;

/** Calls by which feeds and plans come to the ledger. */
final class Publishing {
    private static final int MOST_SEGMENTS = 64;
    private static final int MOST_SOURCES = 16;
    private static final int MOST_REGIONS = 16;
    private static final int REGION_CHARACTERS = 64;
    /** A plan's contracts are made, and ended, in one go; 1,024 of them are 256 GiB in blocks of 64 KiB. */
    private static final long MOST_CONTRACTS = 1_024;
    /** More blocks and bytes than any feed has, and few enough to be counted with: a feed's owner signs whatever it likes. */
    private static final long MOST_FEED_BLOCKS = 1L << 40;

    private static final long MOST_FEED_BYTES = 1L << 50;
    /** What a block's frame adds at most: length, codec. */
    private static final long FRAME_BYTES = 8;

    private final Execution execution;

    Publishing(Execution execution) {
        this.execution = execution;
    }

    void publishFeed(AccountId account, Call.PublishFeed call) {
        User caller = execution.caller(account);
        FeedHead head = call.head();
        Rejection.unless(
                countable(head),
                LedgerError.INVALID_TREE_HEAD,
                "a feed has at most " + MOST_FEED_BLOCKS + " blocks and " + MOST_FEED_BYTES + " bytes");
        Rejection.unless(
                head.length() > 0 && execution.config().treeHeads().verify(call.key(), call.manifest(), head),
                LedgerError.INVALID_TREE_HEAD,
                "the head of length " + head.length() + " is not signed by the owner of " + call.key()
                        + ", or is empty: publish a head as its writer signed it");
        Optional<Long> known = Storage.FEED_BY_KEY.get(execution.state(), call.key());
        if (known.isEmpty()) {
            long id = execution.newId();
            execution.put(new Feed(id, call.key(), call.manifest(), caller.id(), head.length()));
            Storage.FEED_BY_KEY.put(execution.state(), call.key(), id);
            addHead(id, head);
            return;
        }
        Feed feed = execution.item(Feed.class, known.get());
        Optional<FeedHead> same =
                Storage.FEED_HEADS.get(execution.state(), new Storage.FeedLength(feed.id(), head.length()));
        if (same.isPresent()
                && same.get().roots().equals(head.roots())
                && same.get().fork() == head.fork()) {
            return;
        }
        Rejection.unless(
                same.isEmpty() && head.length() > feed.length(),
                LedgerError.STALE_TREE_HEAD,
                "length " + feed.length() + " of " + call.key() + " is known already: publish a longer head");
        execution.put(new Feed(feed.id(), feed.key(), feed.manifest(), feed.publisher(), head.length()));
        addHead(feed.id(), head);
    }

    private static boolean countable(FeedHead head) {
        long bytes = 0;
        for (TreeNode root : head.roots()) {
            if (root.size() > MOST_FEED_BYTES - bytes) {
                return false;
            }
            bytes += root.size();
        }
        return head.length() <= MOST_FEED_BLOCKS;
    }

    private void addHead(long feed, FeedHead head) {
        Storage.FEED_HEADS.put(execution.state(), new Storage.FeedLength(feed, head.length()), head);
        execution.emit(new Event.FeedPublished(feed, head.length()));
    }

    void publishPlan(AccountId account, Call.PublishPlan call) {
        User sponsor = execution.caller(account);
        check(call);
        for (Segment segment : call.program()) {
            checkSegment(segment);
        }
        checkSize(call.program());
        Balances.reserve(execution.state(), account, call.budget());
        long id = execution.newId();
        Plan plan = new Plan(
                id,
                sponsor.id(),
                call.program(),
                call.replicas(),
                call.sealing(),
                execution.block().timestampMs(),
                call.untilMs(),
                call.budget(),
                0,
                call.regions(),
                call.sources(),
                PlanStatus.SETUP,
                0,
                List.of());
        execution.put(plan);
        index(plan);
        execution.emit(new Event.NewPlan(id));
        List<Long> contracts = new ArrayList<>();
        for (List<Segment> segments :
                split(call.program(), execution.parameters().contractSetSize())) {
            contracts.add(newContract(plan, segments));
        }
        Plan complete = plan.with(List.copyOf(contracts));
        execution.put(complete);
        new Money(execution).total(complete);
        checkBudget(complete);
        new Amendments(execution).fillAll(contracts);
    }

    private void check(Call.PublishPlan call) {
        Parameters parameters = execution.parameters();
        require(
                !call.program().isEmpty() && call.program().size() <= MOST_SEGMENTS,
                "a plan has 1 to " + MOST_SEGMENTS + " segments");
        require(
                call.replicas() >= 1 && call.replicas() <= parameters.maxReplicas(),
                "a plan has 1 to " + parameters.maxReplicas() + " replicas, not " + call.replicas());
        require(call.sealing() == 0, "sealing " + call.sealing() + " is not known to this version; 0 is plain");
        require(call.untilMs() > execution.block().timestampMs(), "the plan's end is in the past");
        require(call.budget() > 0, "the budget is 0");
        require(
                call.regions().size() <= MOST_REGIONS
                        && call.regions().stream().allMatch(region -> region.length() <= REGION_CHARACTERS),
                "a plan names at most " + MOST_REGIONS + " regions of at most " + REGION_CHARACTERS + " characters");
        require(
                !call.sources().isEmpty()
                        && call.sources().size() <= MOST_SOURCES
                        && call.sources().stream().allMatch(Addresses::valid),
                "a plan names 1 to " + MOST_SOURCES + " sources as host:port, where encoders find the data");
    }

    private void checkSegment(Segment segment) {
        Rejection.unless(
                execution.find(Feed.class, segment.feed()).isPresent()
                        && Storage.FEED_HEADS
                                .get(execution.state(), new Storage.FeedLength(segment.feed(), segment.length()))
                                .isPresent(),
                LedgerError.UNKNOWN_FEED,
                "feed " + segment.feed() + " has no head of length " + segment.length() + ": submit publishFeed first");
        require(
                segment.start() < segment.end() && segment.end() <= segment.length(),
                "blocks " + segment.start() + " to " + segment.end() + " of " + segment.length() + " are no range");
    }

    private void checkSize(List<Segment> program) {
        long blocks = program.stream().mapToLong(Segment::blocks).reduce(0, Math::addExact);
        long most = Math.multiplyExact(MOST_CONTRACTS, execution.parameters().contractSetSize());
        require(
                blocks <= most,
                "a plan has at most " + most + " blocks, these are " + blocks + ": publish several plans");
    }

    private void checkBudget(Plan plan) {
        long fees = new Money(execution).setupFees(plan);
        require(
                fees <= plan.budget(),
                "the budget of " + plan.budget() + " units does not even pay the setup, which costs " + fees);
    }

    private void index(Plan plan) {
        State state = execution.state();
        List<Long> ofSponsor =
                Storage.PLANS_OF_SPONSOR.get(state, plan.sponsor()).orElse(List.of());
        Storage.PLANS_OF_SPONSOR.put(state, plan.sponsor(), Execution.plus(ofSponsor, plan.id()));
        plan.program().stream().map(Segment::feed).distinct().forEach(feed -> {
            List<Long> ofFeed = Storage.PLANS_OF_FEED.get(state, feed).orElse(List.of());
            Storage.PLANS_OF_FEED.put(state, feed, Execution.plus(ofFeed, plan.id()));
        });
        long second = Math.ceilDiv(plan.untilMs(), 1000L);
        Storage.ENDS.put(
                state, second, Execution.plus(Storage.ENDS.get(state, second).orElse(List.of()), plan.id()));
    }

    private long newContract(Plan plan, List<Segment> segments) {
        long id = execution.newId();
        List<Position> positions = new ArrayList<>();
        for (int i = 0; i < plan.replicas(); i++) {
            positions.add(Position.VACANT);
        }
        execution.put(new Contract(
                id, plan.id(), segments, estimate(segments), ContractStatus.SETUP, false, 0, List.copyOf(positions)));
        execution.emit(new Event.NewContract(id, plan.id()));
        return id;
    }

    /** About how many bytes the segments encode to, at most: their share of the feed's bytes, and the frames. */
    private long estimate(List<Segment> segments) {
        long bytes = 0;
        for (Segment segment : segments) {
            FeedHead head = Storage.FEED_HEADS
                    .get(execution.state(), new Storage.FeedLength(segment.feed(), segment.length()))
                    .orElseThrow();
            BigInteger share = BigInteger.valueOf(head.byteLength())
                    .multiply(BigInteger.valueOf(segment.blocks()))
                    .add(BigInteger.valueOf(segment.length() - 1))
                    .divide(BigInteger.valueOf(segment.length()));
            bytes = Math.addExact(bytes, share.longValueExact());
            bytes = Math.addExact(bytes, Math.multiplyExact(FRAME_BYTES, segment.blocks()));
        }
        return bytes;
    }

    /** More bytes than the segments can encode to, however unequal the blocks of their feeds are. */
    long most(List<Segment> segments) {
        long bytes = 0;
        for (Segment segment : segments) {
            FeedHead head = Storage.FEED_HEADS
                    .get(execution.state(), new Storage.FeedLength(segment.feed(), segment.length()))
                    .orElseThrow();
            long frames = Math.multiplyExact(FRAME_BYTES, segment.blocks());
            bytes = Math.addExact(bytes, Math.addExact(head.byteLength(), frames));
        }
        return bytes;
    }

    /** Cuts a program, in order, into contracts of at most {@code most} blocks. */
    static List<List<Segment>> split(List<Segment> program, long most) {
        List<List<Segment>> contracts = new ArrayList<>();
        List<Segment> current = new ArrayList<>();
        long room = most;
        for (Segment segment : program) {
            long start = segment.start();
            while (start < segment.end()) {
                long end = Math.min(segment.end(), start + room);
                current.add(new Segment(segment.feed(), segment.length(), start, end));
                room -= end - start;
                start = end;
                if (room == 0) {
                    contracts.add(List.copyOf(current));
                    current.clear();
                    room = most;
                }
            }
        }
        if (!current.isEmpty()) {
            contracts.add(List.copyOf(current));
        }
        return contracts;
    }

    private static void require(boolean holds, String detail) {
        Rejection.unless(holds, LedgerError.INVALID_PLAN, detail);
    }
}
