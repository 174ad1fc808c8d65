package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scenarios drawn from seeds, each run by stock peers, by ours, or by one of each; see {@link Scenario} and {@link ScenarioRun}. The system
 * properties interop.seed (first seed) and interop.scenarios (how many) choose others.
 */
@Timeout(36_000)
class DifferentialTest {
    private static final long FIRST_SEED = Long.getLong("interop.seed", 1);
    private static final int SCENARIOS = Integer.getInteger("interop.scenarios", 500);
    private static final int AT_A_TIME = 4;
    private static final int ENOUGH_FAILURES = 5;

    @TempDir
    Path folder;

    @Test
    void shouldSignStoreAndReplicateAsStockPeersDoInEveryScenario() throws Exception {
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        AtomicBoolean enough = new AtomicBoolean();
        try (Peers peers = new Peers(folder);
                ExecutorService lanes = Executors.newFixedThreadPool(
                        AT_A_TIME, Thread.ofVirtual().factory())) {
            List<Future<?>> running = new ArrayList<>();
            for (long seed = FIRST_SEED; seed < FIRST_SEED + SCENARIOS; seed++) {
                Scenario scenario = Scenario.draw(seed);
                running.add(lanes.submit(() -> {
                    if (enough.get()) return;
                    try {
                        ScenarioRun.run(scenario, peers);
                    } catch (RuntimeException | AssertionError e) {
                        System.err.println(describe(scenario, e));
                        failures.add(describe(scenario, e));
                        enough.set(failures.size() >= ENOUGH_FAILURES);
                    }
                }));
            }
            for (Future<?> scenario : running) scenario.get();
        }
        assertThat(failures)
                .as(() -> "scenarios that failed:\n" + String.join("\n", failures))
                .isEmpty();
    }

    private static String describe(Scenario scenario, Throwable failure) {
        return scenario + ": " + failure.getMessage()
                + "\n  again: ./datdot test -pl interop -am -Dtest=DifferentialTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dinterop.scenarios=1 -Dinterop.seed=" + scenario.seed();
    }
}
