package org.datdot.ledger;

import java.util.function.LongConsumer;

/** When plans end: by the second, with a note for each 56 of them which have any, so that hours in which none ends cost next to nothing. */
final class Ends {
    /** Seconds noted in one number. */
    private static final long SPAN = 56;

    private final Execution execution;

    Ends(Execution execution) {
        this.execution = execution;
    }

    /** Remembers when a plan ends; an earlier note of another time then finds nothing to do. */
    void add(Plan plan) {
        if (plan.untilMs() == 0) {
            return;
        }
        State state = execution.state();
        long second = Math.ceilDiv(plan.untilMs(), 1000L);
        long count = Storage.ENDS_COUNT.get(state, second).orElse(0L);
        Storage.ENDS.put(state, new Agenda.Place(second, count), plan.id());
        Storage.ENDS_COUNT.put(state, second, count + 1);
        note(second, true);
    }

    private void note(long second, boolean some) {
        State state = execution.state();
        long bit = 1L << second % SPAN;
        long bits = Storage.ENDS_SPANS.get(state, second / SPAN).orElse(0L);
        long now = some ? bits | bit : bits & ~bit;
        if (now == 0) {
            Storage.ENDS_SPANS.remove(state, second / SPAN);
        } else if (now != bits) {
            Storage.ENDS_SPANS.put(state, second / SPAN, now);
        }
    }

    /** The first second from one on, up to another, in which plans end; past it where there is none. */
    private long next(long from, long last) {
        for (long second = from; second <= last; second = (second / SPAN + 1) * SPAN) {
            long bits = Storage.ENDS_SPANS.get(execution.state(), second / SPAN).orElse(0L) >>> second % SPAN;
            if (bits != 0) {
                return second + Long.numberOfTrailingZeros(bits);
            }
        }
        return last + 1;
    }

    /** Hands on the plans whose time has come: in one block at most so many seconds' worth, and only so much work. */
    void due(int mostSeconds, LongConsumer end) {
        State state = execution.state();
        long now = execution.block().timestampMs() / 1000;
        long seen = Storage.ENDS_SEEN.get(state).orElse(now - 1);
        long last = Math.min(now, Math.addExact(seen, mostSeconds));
        long work = 0;
        for (long second = next(seen + 1, last); second <= last; second = next(second + 1, last)) {
            long count = Storage.ENDS_COUNT.get(state, second).orElse(0L);
            while (count > 0 && work < execution.parameters().agendaPerBlock()) {
                Agenda.Place place = new Agenda.Place(second, --count);
                end.accept(Storage.ENDS.get(state, place).orElseThrow());
                Storage.ENDS.remove(state, place);
                work += 1 + execution.takeWork();
            }
            if (count > 0) {
                Storage.ENDS_COUNT.put(state, second, count);
                last = second - 1;
            } else {
                Storage.ENDS_COUNT.remove(state, second);
                note(second, false);
            }
        }
        Storage.ENDS_SEEN.put(state, Math.max(last, seen));
    }
}
