package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The market of {@link Market}: honest providers and twenty-one kinds of attackers, the whole pallet, seeded dice. The small one runs with all tests, the large
 * one by the command in the README.
 */
class SimulationTest {
    @Test
    void shouldLetNoAttackerEndAheadOfHonestProviders() {
        play(1, 150, 40, 60);
    }

    /** 5,000 providers, 500 plans at a time, a year. */
    @Tag("slow")
    @Test
    void shouldLetNoAttackerEndAheadOfHonestProvidersInAYearOfALargeMarket() {
        play(7, 5_000, 500, 365);
    }

    private static void play(long seed, int providers, int plans, int days) {
        Market market = Market.mixed(seed, providers, plans);
        long began = System.nanoTime();
        market.play(days);
        long seconds = (System.nanoTime() - began) / 1_000_000_000;
        MarketRecord record = market.record;
        String report = "seed " + seed + ", " + days + " days in " + seconds + " s: " + record.text();
        System.getLogger(SimulationTest.class.getName()).log(System.Logger.Level.INFO, report);
        Invariants.check(market.world.state);

        List<MarketRow> rows = record.rows();
        MarketRow honest = rows.getFirst();
        assertThat(honest.strategy()).isEqualTo("Honest");
        assertThat(honest.gained()).as(report).isPositive();
        assertThat(rows).hasSize(1 + Strategy.attackers().size());
        for (Strategy attacker : Strategy.attackers()) {
            // Who hosts as honest ones do is paid for that; how few of them fare is luck: PairedMarketTest compares
            // them.
            if (!attacker.hostsHonestly()) {
                MarketRow row = rows.stream()
                        .filter(one -> one.strategy().equals(attacker.name()))
                        .findFirst()
                        .orElseThrow();
                assertThat(row.gained()).as(attacker.name() + " in " + report).isLessThan(honest.gained());
            }
        }
        assertThat(record.honestSlashed()).as(report).isEmpty();
        assertThat(market.weather.longCuts()).as(report).isPositive();
        assertThat(record.returns()).as(report).isPositive();
        assertThat(record.longestIncomplete()).as(report).isLessThanOrEqualTo(Market.bound());
        assertThat(record.longestUnproven()).as(report).isPositive().isLessThanOrEqualTo(Market.untilGivenUp());
        assertThat(market.grieferLost()).as(report).isPositive();
    }
}
