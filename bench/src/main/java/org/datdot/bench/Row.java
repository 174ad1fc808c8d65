package org.datdot.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.JsonNode;

/**
 * One line of the table: the runs of both sides.
 *
 * @param title what is measured
 * @param unit what the figures are
 * @param target the ratio that is wanted, 0 when none is
 */
record Row(String title, Unit unit, double target, List<Sample> stock, List<Sample> datdot) {
    static final String HEAD =
            "| measurement | unit | stock | DatDot | ratio | target | stock CPU | DatDot CPU | CPU per |\n"
                    + "|---|---|---|---|---|---|---|---|---|";

    /** What is counted. */
    enum Unit {
        MEGABYTES("MB/s", "MiB"),
        OPERATIONS("1/s", "1,000"),
        /** Memory: fewer is better, and there is no processor time. */
        KIBIBYTES("KiB each", ""),
        /** The median time of an operation: shorter is better. */
        MILLISECONDS("ms", "1,000");

        final String rate;
        final String costPer;

        Unit(String rate, String costPer) {
            this.rate = rate;
            this.costPer = costPer;
        }

        boolean lessIsBetter() {
            return this == KIBIBYTES || this == MILLISECONDS;
        }
    }

    /**
     * One run.
     *
     * @param ms how long it took, or the median of its operations where that is the figure
     * @param amount bytes, operations or, for memory, KiB
     */
    record Sample(double ms, double cpuMs, double amount) {
        static Sample bytes(JsonNode result) {
            return of(result, "bytes");
        }

        static Sample operations(JsonNode result) {
            return of(result, "operations");
        }

        private static Sample of(JsonNode result, String amount) {
            return new Sample(
                    result.get("ms").asDouble(),
                    result.get("cpuMs").asDouble(),
                    result.get(amount).asDouble());
        }

        double rate(Unit unit) {
            return switch (unit) {
                case MEGABYTES -> amount / 1e6 / ms * 1000;
                case OPERATIONS -> amount / ms * 1000;
                case KIBIBYTES -> amount;
                case MILLISECONDS -> ms;
            };
        }

        double cost(Unit unit) {
            return switch (unit) {
                case MEGABYTES -> cpuMs / (amount / 1048576.0);
                case OPERATIONS, MILLISECONDS -> cpuMs / (amount / 1000);
                case KIBIBYTES -> 0;
            };
        }
    }

    /** The line, medians of the runs; the ratio is the median of those run by run, above 1 where DatDot is better. */
    String line() {
        double[] ratios = new double[stock.size()];
        for (int i = 0; i < ratios.length; i++) {
            double ratio = datdot.get(i).rate(unit) / stock.get(i).rate(unit);
            ratios[i] = unit.lessIsBetter() ? 1 / ratio : ratio;
        }
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | %.2f× | %s | %.2f | %.2f | %s |",
                title,
                unit.rate,
                figure(median(stock, sample -> sample.rate(unit))),
                figure(median(datdot, sample -> sample.rate(unit))),
                median(ratios),
                target == 0 ? "" : String.format(Locale.ROOT, "%.0f×", target),
                median(stock, sample -> sample.cost(unit)),
                median(datdot, sample -> sample.cost(unit)),
                unit.costPer);
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
    }

    private static double median(List<Sample> samples, ToDoubleFunction<Sample> value) {
        return median(samples.stream().mapToDouble(value).toArray());
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
