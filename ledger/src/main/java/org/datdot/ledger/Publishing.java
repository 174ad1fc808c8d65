package org.datdot.ledger;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.datdot.crypto.TreeNode;

/** Calls by which feeds and plans come to the ledger. */
final class Publishing {
    private static final int MOST_PARTS = 16;
    private static final int MOST_SEGMENTS = 64;
    private static final int MOST_SOURCES = 16;
    private static final int MOST_REGIONS = 16;
    private static final int REGION_CHARACTERS = 64;
    /** A plan's contracts are made in one go; 1,024 of them are 256 GiB in blocks of 64 KiB. */
    static final long MOST_CONTRACTS = 1_024;
    /** More blocks and bytes than any feed has, and few enough to be counted with: a feed's owner signs whatever it likes. */
    private static final long MOST_FEED_BLOCKS = 1L << 40;

    private static final long MOST_FEED_BYTES = 1L << 50;
    /** The largest block that Hypercore appends; it bounds a replica's leaves, and so the size of their proofs. */
    private static final long MOST_BLOCK_BYTES = 15L << 20;
    /** What a block's frame adds at most: length, codec. */
    private static final long FRAME_BYTES = 8;
    /** The same for a sealed one: short contents are padded to a piece. */
    private static final long SEALED_FRAME_BYTES = FRAME_BYTES + ReplicaStatement.SEALING_KEY_BYTES;

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
        new Growth(execution).schedule(feed.id());
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
        Balances.reserve(execution.state(), account, call.budget());
        long id = execution.newId();
        Plan plan = new Plan(
                id,
                sponsor.id(),
                List.of(),
                call.replicas(),
                call.sealing(),
                execution.block().timestampMs(),
                call.until(),
                call.budget(),
                0,
                call.mostPrice(),
                call.sources(),
                PlanStatus.SETUP,
                false,
                0,
                0,
                List.of());
        execution.put(plan);
        Storage.PLANS_OF_SPONSOR.put(
                execution.state(), plan.sponsor(), id, execution.block().number());
        new Ends(execution).add(plan);
        execution.emit(new Event.NewPlan(id));
        List<Long> contracts = extend(plan, call.program());
        new Amendments(execution).fillAll(contracts);
    }

    private void check(Call.PublishPlan call) {
        Parameters parameters = execution.parameters();
        require(!call.program().isEmpty(), "a plan has a program of at least one part");
        require(
                call.replicas() >= 1 && call.replicas() <= parameters.maxReplicas(),
                "a plan has 1 to " + parameters.maxReplicas() + " replicas, not " + call.replicas());
        require(
                call.sealing() < ReplicaStatement.SEALINGS,
                "sealing " + call.sealing() + " is not known to this version; 0 is plain, 1 sealed");
        require(call.budget() > 0, "the budget is 0");
        checkTerms(call.until(), call.mostPrice(), call.sources());
        checkProgram(call.program());
    }

    /** What a plan says besides its program, at first or later. */
    void checkTerms(Until until, long mostPrice, List<String> sources) {
        require(
                until.timeMs() == 0 || until.timeMs() > execution.block().timestampMs(),
                "the plan's end is in the past");
        require(
                until.timeMs() > 0 || mostPrice > 0,
                "a plan that ends at no time names the highest price per GiB and hour it pays");
        require(
                sources.size() <= MOST_SOURCES && sources.stream().allMatch(Addresses::valid),
                "a plan names up to " + MOST_SOURCES + " sources as host:port, where encoders find the data");
    }

    /** Parts of a program, each for itself; their number is seen to when they are added. */
    void checkProgram(List<Part> program) {
        for (Part part : program) {
            require(
                    !part.segments().isEmpty() && part.segments().size() <= MOST_SEGMENTS,
                    "a part has 1 to " + MOST_SEGMENTS + " segments");
            require(
                    part.regions().size() <= MOST_REGIONS
                            && part.regions().stream().allMatch(region -> region.length() <= REGION_CHARACTERS),
                    "a part names at most " + MOST_REGIONS + " regions of at most " + REGION_CHARACTERS
                            + " characters");
            require(part.hours().valid(), "the hours name none of the week's 168 hours, or others");
            require(part.level().availabilityPermille() <= 1000, "more than 1000 of a thousand cannot be available");
            part.segments().forEach(this::checkSegment);
            require(
                    !part.follow() || part.segments().stream().allMatch(this::reachesHead),
                    "to follow a feed, begin with all blocks up to its newest head");
        }
    }

    private boolean reachesHead(Segment segment) {
        return segment.end() == execution.item(Feed.class, segment.feed()).length();
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

    /** Adds parts to a plan's program and makes their contracts; refused where they are too many, or the budget does not even pay their setup. */
    List<Long> extend(Plan plan, List<Part> added) {
        List<Part> program = new ArrayList<>(plan.program());
        program.addAll(added);
        require(program.size() <= MOST_PARTS, "a program has at most " + MOST_PARTS + " parts");
        List<Segment> segments =
                added.stream().flatMap(part -> part.segments().stream()).toList();
        long blocks = segments.stream().mapToLong(Segment::blocks).reduce(0, Math::addExact);
        long most = Math.multiplyExact(
                MOST_CONTRACTS - plan.contracts().size() - added.size(),
                execution.parameters().contractSetSize());
        require(
                added.isEmpty() || blocks <= most,
                "the plan has room for " + most + " blocks, these are " + blocks + ": publish several plans");
        Plan extended = plan.with(List.copyOf(program), plan.until());
        List<Long> contracts = new ArrayList<>();
        for (int i = 0; i < added.size(); i++) {
            int part = plan.program().size() + i;
            contracts.addAll(makeContracts(extended, part, added.get(i).segments()));
        }
        Plan complete = extended.with(Execution.all(plan.contracts(), contracts));
        execution.put(complete);
        segments.stream().map(Segment::feed).distinct().forEach(feed -> addToFeed(feed, plan.id()));
        added.stream()
                .filter(Part::follow)
                .flatMap(part -> part.segments().stream())
                .map(Segment::feed)
                .distinct()
                .forEach(feed -> new Growth(execution).follow(feed, plan.id()));
        long fees = new Money(execution).totals(plan.id()).feesDue();
        require(
                fees <= complete.remaining(),
                "the budget of " + complete.remaining() + " units does not even pay the setup, which costs " + fees);
        return List.copyOf(contracts);
    }

    private void addToFeed(long feed, long plan) {
        State state = execution.state();
        if (Storage.PLANS_OF_FEED.get(state, feed, plan).isEmpty()) {
            Storage.PLANS_OF_FEED.put(state, feed, plan, execution.block().number());
        }
    }

    /** Cuts segments of a part into contracts, makes them, and counts them. */
    List<Long> makeContracts(Plan plan, int part, List<Segment> segments) {
        List<Long> ids = new ArrayList<>();
        for (List<Segment> some : split(segments, execution.parameters().contractSetSize())) {
            long id = execution.newId();
            Contract contract = new Contract(
                    id,
                    plan.id(),
                    part,
                    some,
                    estimate(some, plan.sealing()),
                    ContractStatus.SETUP,
                    false,
                    0,
                    0,
                    0,
                    Collections.nCopies(plan.replicas(), Position.VACANT));
            execution.put(contract);
            new Money(execution).add(plan, contract);
            execution.emit(new Event.NewContract(id, plan.id()));
            ids.add(id);
        }
        return ids;
    }

    /** About how many bytes the segments encode to, at most: their share of the feed's bytes, and the frames. */
    long estimate(List<Segment> segments, int sealing) {
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
            bytes = Math.addExact(bytes, Math.multiplyExact(frameBytes(sealing), segment.blocks()));
        }
        return bytes;
    }

    private static long frameBytes(int sealing) {
        return sealing == 0 ? FRAME_BYTES : SEALED_FRAME_BYTES;
    }

    /** More bytes than the segments can encode to, however unequal the blocks of their feeds are. */
    long most(List<Segment> segments, int sealing) {
        long bytes = 0;
        for (Segment segment : segments) {
            FeedHead head = Storage.FEED_HEADS
                    .get(execution.state(), new Storage.FeedLength(segment.feed(), segment.length()))
                    .orElseThrow();
            long frames = Math.multiplyExact(frameBytes(sealing), segment.blocks());
            long content = Math.min(head.byteLength(), Math.multiplyExact(MOST_BLOCK_BYTES, segment.blocks()));
            bytes = Math.addExact(bytes, Math.addExact(content, frames));
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

    static void require(boolean holds, String detail) {
        Rejection.unless(holds, LedgerError.INVALID_PLAN, detail);
    }
}
