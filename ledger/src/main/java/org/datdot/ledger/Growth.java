package org.datdot.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Plans that follow feeds: a longer head gives them contracts for what was appended, within their budget. */
final class Growth {
    private final Execution execution;

    Growth(Execution execution) {
        this.execution = execution;
    }

    void follow(long feed, long plan) {
        State state = execution.state();
        long count = Storage.FOLLOWER_COUNT.get(state, feed).orElse(0L);
        Storage.FOLLOWERS.put(state, new Storage.Follower(feed, count), plan);
        Storage.FOLLOWER_COUNT.put(state, feed, count + 1);
    }

    /** A longer head of a feed is known: those who follow grow some blocks later, once for all heads until then. */
    void schedule(long feed) {
        State state = execution.state();
        if (Storage.FOLLOWER_COUNT.get(state, feed).orElse(0L) == 0
                || Storage.GROWING.get(state, feed).isPresent()) {
            return;
        }
        long delay = Math.max(1, execution.parameters().periods().growthDelay());
        Storage.GROWING.put(state, feed, Math.addExact(execution.block().number(), delay));
        execution.schedule(delay, new Task(Task.Kind.GROW_PLANS, feed));
    }

    /** Lets some of a feed's followers grow; those whose plan is over are taken out. */
    void growSome(long feed, long from) {
        State state = execution.state();
        Storage.GROWING.remove(state, feed);
        long at = from;
        for (long done = 0; done < execution.parameters().periods().positionsPerTask(); done++) {
            long count = Storage.FOLLOWER_COUNT.get(state, feed).orElse(0L);
            if (at >= count) {
                return;
            }
            Storage.Follower place = new Storage.Follower(feed, at);
            Plan plan = execution.item(
                    Plan.class, Storage.FOLLOWERS.get(state, place).orElseThrow());
            execution.worked(1);
            if (!plan.open()) {
                Storage.Follower last = new Storage.Follower(feed, count - 1);
                Storage.FOLLOWERS.put(
                        state, place, Storage.FOLLOWERS.get(state, last).orElseThrow());
                Storage.FOLLOWERS.remove(state, last);
                Storage.FOLLOWER_COUNT.put(state, feed, count - 1);
                continue;
            }
            if (!plan.paused()) {
                grow(plan, execution.item(Feed.class, feed));
            }
            at++;
        }
        execution.schedule(1, new Task(Task.Kind.GROW_PLANS, feed, at));
    }

    private void grow(Plan before, Feed feed) {
        for (int part = 0; part < before.program().size(); part++) {
            Plan plan = execution.item(Plan.class, before.id());
            Part following = plan.program().get(part);
            Optional<Segment> last = following.segments().stream()
                    .filter(segment -> segment.feed() == feed.id())
                    .max(java.util.Comparator.comparingLong(Segment::end));
            if (following.follow() && last.isPresent() && last.get().end() < feed.length()) {
                grow(plan, part, last.get(), feed);
            }
        }
    }

    private void grow(Plan plan, int part, Segment last, Feed feed) {
        Segment more = new Segment(feed.id(), feed.length(), last.end(), feed.length());
        long contracts = Math.ceilDiv(more.blocks(), execution.parameters().contractSetSize());
        Publishing publishing = new Publishing(execution);
        boolean possible = sameFork(last, feed)
                && plan.contracts().size() + contracts <= Publishing.MOST_CONTRACTS
                && affords(plan, more, contracts);
        if (!possible) {
            execution.emit(new Event.GrowthRefused(plan.id(), feed.id(), feed.length()));
            return;
        }
        List<Long> made = publishing.makeContracts(plan, part, List.of(more));
        execution.worked(made.size());
        List<Part> program = new ArrayList<>(plan.program());
        program.set(part, program.get(part).with(merged(program.get(part).segments(), last, more)));
        execution.put(plan.with(List.copyOf(program), plan.until()).with(Execution.all(plan.contracts(), made)));
        execution.emit(new Event.PlanGrew(plan.id(), feed.id(), feed.length()));
        new Amendments(execution).fillAll(made);
    }

    private boolean affords(Plan plan, Segment more, long contracts) {
        Money money = new Money(execution);
        long bytes = new Publishing(execution).estimate(List.of(more), plan.sealing());
        long each = money.setupFees(Math.ceilDiv(bytes, contracts) + 1, plan.replicas(), plan.sealing());
        return money.affords(plan, bytes, Math.multiplyExact(contracts, each));
    }

    /** The program keeps one segment for what grew; its contracts keep theirs. */
    private static List<Segment> merged(List<Segment> segments, Segment last, Segment more) {
        List<Segment> merged = new ArrayList<>(segments);
        merged.set(merged.indexOf(last), new Segment(last.feed(), more.length(), last.start(), more.end()));
        return List.copyOf(merged);
    }

    /** A feed that was cut back is another one from there on: what was promised for the old one is not extended. */
    private boolean sameFork(Segment last, Feed feed) {
        return head(feed.id(), last.length()).fork()
                == head(feed.id(), feed.length()).fork();
    }

    private FeedHead head(long feed, long length) {
        return Storage.FEED_HEADS
                .get(execution.state(), new Storage.FeedLength(feed, length))
                .orElseThrow();
    }
}
