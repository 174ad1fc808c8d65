package org.datdot.dht;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.Call.Question;
import org.jspecify.annotations.Nullable;

/**
 * Asks ever closer nodes for something and hands out what they say; at the end, if there is a commit, asks the closest ones to
 * store something (npm {@code dht-rpc}, {@code lib/query.js}).
 *
 * <p>A node is asked once, and only while it is closer than the {@value RoutingTable#K} closest that answered. A node that
 * does not answer at once gives its place to another, but is still heard.
 */
final class Query {
    /** How many nodes are asked at most: the stock query has no end when nodes keep inventing closer ones. */
    static final int MAX_VISITS = 1_024;

    private static final int RETRIES = 5;

    /** So many are asked at a time before nodes that were the closest once had a chance to answer. */
    private static final int CONCURRENCY_AT_FIRST = 3;

    /**
     * What is asked for.
     *
     * @param known nodes to begin with, such as those an earlier query found to be the closest, the closest first
     */
    @SuppressWarnings("ArrayRecordComponent") // Read only, inside this package.
    record Spec(
            Target target,
            boolean internal,
            int command,
            byte @Nullable [] value,
            int concurrency,
            List<PeerAddress> known) {
        Spec(Target target, boolean internal, int command, byte @Nullable [] value, int concurrency) {
            this(target, internal, command, value, concurrency, List.of());
        }
    }

    /** Who wants to know. The last call is one of {@code finished} and {@code failed}. */
    interface Listener {
        /**
         * A node answered without an error.
         *
         * @return how many nodes to ask at a time from now on
         */
        int replied(Answer answer);

        /**
         * All was said, and stored with at least one node if something was to be stored.
         *
         * @param closest the closest nodes' answers, the closest first
         */
        void finished(List<Answer> closest);

        void failed(DhtException.Reason reason);
    }

    /** Stores something with one of the closest nodes. */
    @FunctionalInterface
    interface Commit {
        void store(Answer closest, Done done);

        /** Whether it was stored, to be told once. */
        @FunctionalInterface
        interface Done {
            void stored(DhtException.@Nullable Reason failure);
        }
    }

    /** What a query needs of its node. */
    interface Owner {
        RoutingTable table();

        List<PeerAddress> bootstrapNodes();

        /** Whether this is the id of the node that asks. */
        boolean isOwn(NodeId id);

        @Nullable
        Call call(Question question, Call.Listener listener);

        void cancel(Call call);

        /** Tells {@code to} that a node it recommended does not answer. */
        void hintDown(PeerAddress to, PeerAddress down);

        void over(Query query);
    }

    private enum Outcome {
        OPEN,
        ANSWERED,
        DOWN
    }

    private static final class Visit {
        final NodeId id;
        final List<PeerAddress> recommendedBy = new ArrayList<>(1);
        Outcome outcome = Outcome.OPEN;

        Visit(NodeId id) {
            this.id = id;
        }
    }

    private final Owner owner;
    private final Spec spec;
    private final Listener listener;
    private final @Nullable Commit commit;
    private final Map<PeerAddress, Visit> seen = new HashMap<>();
    private final Deque<PeerAddress> pending = new ArrayDeque<>();
    private final Set<Call> calls = new HashSet<>();
    private final List<Answer> closest = new ArrayList<>();
    private int concurrency;
    private int inFlight;
    private int slow;
    private int successes;
    private int failures;
    private boolean fromTable;
    private boolean slowAtFirst;
    private boolean committing;
    private boolean over;

    Query(Owner owner, Spec spec, Listener listener, @Nullable Commit commit) {
        this.owner = owner;
        this.spec = spec;
        this.listener = listener;
        this.commit = commit;
        this.concurrency = spec.concurrency();
    }

    /** Starts asking those that are known, those of the routing table if these are few, and then the bootstrap nodes. */
    void start() {
        for (PeerAddress node : spec.known().reversed()) addPending(node, null);
        addFromTable();
        if (pending.size() < RoutingTable.K) {
            for (PeerAddress node : owner.bootstrapNodes()) addPending(node, null);
        }
        askMore();
    }

    private void addFromTable() {
        int missing = RoutingTable.K - pending.size();
        if (missing <= 0) return;
        fromTable = true;
        for (Contact contact : owner.table().closest(spec.target(), missing)) addPending(contact.address, null);
    }

    /** Ends it without an answer. */
    void fail(DhtException.Reason reason) {
        if (over) return;
        end();
        listener.failed(reason);
    }

    /** Ends it because nobody listens any more. */
    void cancel() {
        if (!over) end();
    }

    private void end() {
        over = true;
        calls.forEach(owner::cancel);
        calls.clear();
        owner.over(this);
    }

    private boolean isCloser(NodeId id) {
        return closest.size() < RoutingTable.K || compare(id, idOf(closest.getLast())) < 0;
    }

    private int compare(NodeId a, NodeId b) {
        return spec.target().compareDistance(a, b);
    }

    private NodeId idOf(PeerAddress node) {
        Visit visit = seen.get(node);
        return visit == null ? node.id() : visit.id;
    }

    private static NodeId idOf(Answer answer) {
        NodeId id = answer.id();
        if (id == null) throw new IllegalStateException("only nodes with an id are among the closest");
        return id;
    }

    /** Whether the node is close enough to be worth asking, now or before. */
    private boolean addPending(PeerAddress node, @Nullable PeerAddress recommendedBy) {
        Visit visit = seen.get(node);
        if (visit != null) {
            if (recommendedBy != null) {
                if (visit.outcome == Outcome.DOWN) owner.hintDown(recommendedBy, node);
                else if (visit.outcome == Outcome.OPEN) visit.recommendedBy.add(recommendedBy);
            }
            return isCloser(visit.id);
        }
        NodeId id = node.id();
        if (!isCloser(id)) return false;
        if (seen.size() >= MAX_VISITS) return true;
        visit = new Visit(id);
        if (recommendedBy != null) visit.recommendedBy.add(recommendedBy);
        seen.put(node, visit);
        pending.push(node);
        return true;
    }

    private void askMore() {
        if (over || committing) return;
        int allowed = (slowAtFirst ? CONCURRENCY_AT_FIRST : concurrency) + slow;
        while (inFlight < allowed && !pending.isEmpty()) {
            PeerAddress next = pending.pop();
            Visit visit = seen.get(next);
            if (visit != null && isCloser(visit.id)) ask(next, visit);
            if (over) return;
        }
        if (!fromTable && successes + failures == 0) slowAtFirst = true;
        if (!pending.isEmpty()) return;
        if (inFlight > 0 && (slow < inFlight || closest.size() < RoutingTable.K)) return;
        if (!fromTable && successes < RoutingTable.K / 4) {
            // Most of those that were known are gone.
            addFromTable();
            askMore();
        } else {
            flush();
        }
    }

    private void ask(PeerAddress to, Visit visit) {
        inFlight++;
        Question question = new Question(
                to, visit.id, null, spec.internal(), spec.command(), spec.target(), spec.value(), RETRIES, 0, false);
        Visiting visiting = new Visiting(to, visit);
        Call call = owner.call(question, visiting);
        if (call != null && !call.done) {
            visiting.call = call;
            calls.add(call);
        }
    }

    private final class Visiting implements Call.Listener {
        private final PeerAddress to;
        private final Visit visit;
        private @Nullable Call call;
        private boolean isSlow;

        Visiting(PeerAddress to, Visit visit) {
            this.to = to;
            this.visit = visit;
        }

        @Override
        public void replied(Answer answer) {
            leave(Outcome.ANSWERED);
            if (over || committing) return;
            count(!answer.failed());
            NodeId id = answer.id();
            if (!answer.failed() && id != null && isCloser(id)) addClosest(answer, id);
            for (PeerAddress node : answer.closerNodes()) {
                if (node.port() == 0 || owner.isOwn(idOf(node))) continue;
                if (!addPending(node, to)) break;
            }
            if (!answer.failed()) concurrency = listener.replied(answer);
            askMore();
        }

        @Override
        public void failed(DhtException.Reason reason) {
            leave(reason == DhtException.Reason.TIMEOUT ? Outcome.DOWN : Outcome.ANSWERED);
            if (over) return;
            count(false);
            if (reason == DhtException.Reason.TIMEOUT) {
                for (PeerAddress node : visit.recommendedBy) owner.hintDown(node, to);
            } else if (reason != DhtException.Reason.BUSY) {
                fail(reason);
                return;
            }
            askMore();
        }

        @Override
        public void slow() {
            isSlow = true;
            slow++;
            askMore();
        }

        private void leave(Outcome outcome) {
            visit.outcome = outcome;
            if (call != null) calls.remove(call);
            if (isSlow) slow--;
            inFlight--;
        }
    }

    private void count(boolean success) {
        if (success) successes++;
        else failures++;
        if (successes + failures >= spec.concurrency()) slowAtFirst = false;
    }

    private void addClosest(Answer answer, NodeId id) {
        int at = closest.size();
        while (at > 0) {
            int order = compare(id, idOf(closest.get(at - 1)));
            if (order == 0) return;
            if (order > 0) break;
            at--;
        }
        closest.add(at, answer);
        if (closest.size() > RoutingTable.K) closest.removeLast();
    }

    private void flush() {
        if (committing) return;
        committing = true;
        if (commit == null) {
            finish();
        } else if (closest.isEmpty()) {
            fail(DhtException.Reason.TOO_FEW_NODES);
        } else {
            new Committing(closest.size()).run(commit);
        }
    }

    private void finish() {
        if (over) return;
        end();
        listener.finished(List.copyOf(closest));
    }

    private final class Committing {
        private int missing;
        private int stored;
        private DhtException.Reason failure = DhtException.Reason.REFUSED;

        Committing(int missing) {
            this.missing = missing;
        }

        void run(Commit how) {
            for (Answer answer : List.copyOf(closest)) how.store(answer, this::done);
        }

        private void done(DhtException.@Nullable Reason reason) {
            if (reason == null) stored++;
            else failure = reason;
            missing--;
            if (missing > 0) return;
            if (stored > 0) finish();
            else fail(failure);
        }
    }
}
