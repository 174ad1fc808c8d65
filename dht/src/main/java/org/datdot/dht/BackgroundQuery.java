package org.datdot.dht;

import java.util.List;
import java.util.function.Consumer;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.DhtException.Reason;

/** Hears a query that gives way to other traffic: it asks few nodes at a time while anything else is under way. */
final class BackgroundQuery implements Query.Listener {
    private static final int FEW_CALLS = 3;

    private final int concurrency;
    private final Calls calls;
    private final Consumer<Answer> answers;
    private final Runnable over;

    BackgroundQuery(int concurrency, Calls calls, Consumer<Answer> answers, Runnable over) {
        this.concurrency = concurrency;
        this.calls = calls;
        this.answers = answers;
        this.over = over;
    }

    /** How many nodes are asked at a time when it has to give way. */
    int slow() {
        return Math.min(concurrency, Math.max(2, concurrency / 8));
    }

    @Override
    public int replied(Answer answer) {
        answers.accept(answer);
        return calls.size() < FEW_CALLS ? concurrency : slow();
    }

    @Override
    public void finished(List<Answer> closest) {
        over.run();
    }

    @Override
    public void failed(Reason reason) {
        over.run();
    }
}
