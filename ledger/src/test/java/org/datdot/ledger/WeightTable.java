package org.datdot.ledger;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Measures what the table of weights in {@link Fees} says: plays a market ({@link Market}) on a state in memory and prints, for each kind of call, how many microseconds a call took in the middle and
 * beyond 99 %, and what it weighs at 10 microseconds a unit. A call is right when its time stays below its weight.
 */
final class WeightTable {
    private static final int PICOS_PER_MICRO = 1_000_000;

    private WeightTable() {}

    /** Times of one kind of call. */
    private static final class Kind {
        private final java.util.List<Long> nanos = new java.util.ArrayList<>();
        private long weightMicros;

        private double micros(double share) {
            nanos.sort(null);
            return nanos.get((int) Math.min(nanos.size() - 1L, Math.round(share * nanos.size()))) / 1e3;
        }
    }

    public static void main(String[] arguments) {
        PrintStream out = System.out;
        Map<String, Kind> kinds = new TreeMap<>();
        for (int warm = 0; warm < 2; warm++) {
            kinds.clear();
            Market market = Market.mixed(3, 300, 60);
            market.world.meter = (call, nanos) -> {
                Kind kind = kinds.computeIfAbsent(call.getClass().getSimpleName(), _ -> new Kind());
                kind.nanos.add(nanos);
                kind.weightMicros +=
                        Fees.info(market.world.parameters, call, true).weight().refTime() / PICOS_PER_MICRO;
            };
            market.play(30);
        }
        out.println("call | calls | median us | p99 us | weight us (mean)");
        kinds.forEach((name, kind) -> out.printf(
                Locale.ROOT,
                "%s | %d | %.1f | %.1f | %d%n",
                name,
                kind.nanos.size(),
                kind.micros(0.5),
                kind.micros(0.99),
                kind.weightMicros / kind.nanos.size()));
        out.flush();
    }
}
