package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Attackers that host as honest ones do, compared with themselves: the same market with the same dice is played twice, once with every fifth provider an
 * attacker of one kind, once with the same provider honest. What luck gives an account it gives in both, so that some markets decide what a table of one
 * market cannot. Nobody leaves or changes its price, which only honest ones do elsewhere: who stays earns longer.
 */
class PairedMarketTest {
    private static final int PROVIDERS = 150;
    private static final int PLANS = 40;
    private static final int DAYS = 60;
    private static final int SEEDS = 4;
    /** Student's t for three degrees of freedom, one side, 97.5 %. */
    private static final double CERTAIN = 3.182;

    private static Market play(long seed, Strategy fifth) {
        Market market = new Market(seed, PROVIDERS, PLANS, false, i -> i % 5 == 0 ? fifth : new Strategy());
        market.play(DAYS);
        return market;
    }

    /** What every fifth provider gained, on average. */
    private static double gained(Market market) {
        List<Long> fifths = new ArrayList<>();
        for (int i = 0; i < PROVIDERS; i += 5) {
            fifths.add(market.users().get(i));
        }
        return fifths.stream().mapToLong(market.record::gained).average().orElseThrow();
    }

    /**
     * Differences by market, in percent of what honesty gave.
     *
     * @param name of the strategy
     * @param percents one for each market
     */
    private record Paired(String name, List<Double> percents) {
        double mean() {
            return percents.stream().mapToDouble(one -> one).average().orElseThrow();
        }

        double error() {
            double mean = mean();
            double squares = percents.stream()
                    .mapToDouble(one -> (one - mean) * (one - mean))
                    .sum();
            return Math.sqrt(squares / (percents.size() - 1) / percents.size());
        }

        /** How many standard errors it is ahead; nothing where it is not different at all. */
        double t() {
            return mean() == 0 ? 0 : mean() / error();
        }

        String text() {
            return String.format(Locale.ROOT, "%-20s %8.1f %% ± %4.1f, t = %6.2f%n", name, mean(), error(), t());
        }
    }

    @Tag("slow")
    @Test
    void shouldLeaveNoAttackerAheadOfWhatTheSameAccountsHaveWhenTheyAreHonest() {
        List<Strategy> kinds =
                Strategy.attackers().stream().filter(Strategy::hostsHonestly).toList();
        List<Double> honest = new ArrayList<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            honest.add(gained(play(seed, new Strategy())));
        }
        StringBuilder report = new StringBuilder("paired, " + SEEDS + " markets:\n");
        List<Paired> all = new ArrayList<>();
        for (Strategy kind : kinds) {
            List<Double> percents = new ArrayList<>();
            for (int seed = 1; seed <= SEEDS; seed++) {
                double base = honest.get(seed - 1);
                percents.add(100 * (gained(play(seed, kind)) - base) / base);
            }
            Paired paired = new Paired(kind.name(), percents);
            all.add(paired);
            report.append(paired.text());
        }
        System.getLogger(PairedMarketTest.class.getName()).log(System.Logger.Level.INFO, report.toString());
        for (Paired paired : all) {
            assertThat(paired.t()).as(report.toString()).isLessThan(CERTAIN);
        }
    }
}
