package org.datdot.udx;

import static org.assertj.core.api.Assertions.assertThat;

import org.datdot.udx.SimulatedNetwork.Quality;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two streams over simulated networks: what is written arrives, whatever the network does. */
class StreamSimulationTest {
    private static final class Pair {
        final SimulatedNetwork network;
        final TestPeer a;
        final TestPeer b;
        final StreamCore coreA;
        final StreamCore coreB;

        Pair(long seed, Quality quality, UdxOptions options) {
            network = new SimulatedNetwork(seed, quality);
            a = new TestPeer(seed, ~seed);
            b = new TestPeer(~seed, seed);
            coreA = network.add(1, options, a);
            coreB = network.add(2, options, b);
            a.attach(coreA);
            b.attach(coreB);
            network.connect(coreA, coreB);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "0, 50",
        "0, 200",
        "0.01, 1",
        "0.01, 50",
        "0.01, 200",
        "0.05, 1",
        "0.05, 50",
        "0.05, 200",
    })
    void shouldDeliverEverythingBothWaysAndEndWhenTheNetworkLoses(double loss, double delayMs) {
        for (long seed = 1; seed <= 3; seed++) {
            Quality quality = Quality.good().withLoss(loss).withDelayMs(delayMs);
            Pair pair = new Pair(seed, quality, UdxOptions.defaults());
            transfer(pair, 2_000_000, 300_000, "seed " + seed + " " + quality);
        }
    }

    private static void transfer(Pair pair, long aToB, long bToA, String name) {
        transfer(pair, aToB, bToA, aToB, name);
    }

    /** Writes and ends both ways; B has read so much then, what was written before included. */
    private static void transfer(Pair pair, long aToB, long bToA, long readByB, String name) {
        pair.a.write(aToB, true);
        pair.b.write(bToA, true);
        boolean done = pair.network.run(600_000, () -> pair.a.closed != null && pair.b.closed != null);
        assertThat(pair.b.firstWrong()).as(name).isEqualTo(-1);
        assertThat(pair.a.firstWrong()).as(name).isEqualTo(-1);
        assertThat(pair.b.read()).as(name).isEqualTo(readByB);
        assertThat(pair.a.read()).as(name).isEqualTo(bToA);
        assertThat(done).as(name).isTrue();
        assertThat(pair.a.closed).as(name).isEqualTo(CloseReason.ENDED);
        assertThat(pair.b.closed).as(name).isEqualTo(CloseReason.ENDED);
    }

    @Test
    void shouldDeliverEverythingWhenPacketsAreRepeatedAndReordered() {
        for (long seed = 1; seed <= 5; seed++) {
            Quality quality = Quality.good()
                    .withLoss(0.01)
                    .withDuplication(0.05)
                    .withDelayMs(20)
                    .withJitterMs(10);
            transfer(new Pair(seed, quality, UdxOptions.defaults()), 2_000_000, 2_000_000, "seed " + seed);
        }
    }

    @Test
    void shouldFindTheLongestPacketThatPassesAndKeepToIt() {
        for (int mtu = 1_200; mtu <= 1_520; mtu += 40) {
            Pair pair = new Pair(mtu, Quality.good().withMtu(mtu).withRate(5, 1_000_000), UdxOptions.defaults());
            transfer(pair, 3_000_000, 1_000, "mtu " + mtu);
            int steps = (Math.min(mtu, MtuSearch.MAX) - MtuSearch.BASE) / MtuSearch.STEP;
            int expected = mtu >= MtuSearch.MAX ? MtuSearch.MAX : MtuSearch.BASE + steps * MtuSearch.STEP;
            assertThat(pair.coreA.mtuBytes()).as("mtu %d", mtu).isEqualTo(expected);
        }
    }

    @Test
    void shouldMoveToAnotherAddressInTheMiddleOfATransferWithoutLosingAnything() {
        for (long seed = 1; seed <= 5; seed++) {
            Pair pair = new Pair(seed, Quality.good().withLoss(0.02).withDelayMs(10), UdxOptions.defaults());
            pair.network.alias(77, pair.coreB);
            pair.a.write(1_000_000, false);
            pair.network.run(60, () -> false);
            assertThat(pair.coreA.changeRemote(2, SimulatedNetwork.address(77)))
                    .as("seed %d", seed)
                    .isFalse();
            transfer(pair, 1_000_000, 0, 2_000_000, "seed " + seed);
            assertThat(pair.a.remoteChanged).as("seed %d", seed).isTrue();
        }
    }

    @Test
    void shouldMoveWithoutLosingAnythingWhenTheFormerAddressIsGoneAtOnce() {
        for (long seed = 1; seed <= 20; seed++) {
            Pair pair = new Pair(seed, Quality.good().withLoss(0.01).withDelayMs(10), UdxOptions.defaults());
            pair.network.alias(77, pair.coreB);
            pair.a.write(300_000, false);
            pair.network.run(15 + seed * 2, () -> false);
            assertThat(pair.coreA.changeRemote(2, SimulatedNetwork.address(77)))
                    .as("seed %d", seed)
                    .isFalse();
            pair.network.vacate(2);
            transfer(pair, 1_000_000, 0, 1_300_000, "seed " + seed);
            assertThat(pair.a.remoteChanged).as("seed %d", seed).isTrue();
        }
    }

    @Test
    void shouldRepeatLongPacketsOnTheFormerWayWhenTheNewOneOnlyCarriesShorterOnes() {
        for (long seed = 1; seed <= 5; seed++) {
            Pair pair = new Pair(seed, Quality.good().withLoss(0.05).withDelayMs(10), UdxOptions.defaults());
            pair.network.alias(77, pair.coreB);
            pair.network.limit(77, 1_250);
            pair.a.write(5_000_000, false);
            pair.network.run(250, () -> false);
            assertThat(pair.coreA.mtuBytes()).as("seed %d", seed).isGreaterThan(1_250);
            assertThat(pair.coreA.changeRemote(2, SimulatedNetwork.address(77)))
                    .as("seed %d", seed)
                    .isFalse();
            transfer(pair, 100_000, 0, 5_100_000, "seed " + seed);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // one-way delay in ms, megabytes per second, bytes of queue, share that may be sent again
        "20, 5, 200000, 0.02",
        "20, 5, 50000, 0.04",
        "20, 5, 1000000, 0",
        "1, 20, 60000, 0.005",
        "50, 2, 100000, 0.08",
        "5, 20, 250000, 0.02",
    })
    void shouldFillABottleneckWithoutOverflowingItsQueue(double delayMs, double rate, int queue, double share) {
        for (long seed = 1; seed <= 2; seed++) {
            Quality quality = Quality.good().withDelayMs(delayMs).withRate(rate, queue);
            Pair pair = new Pair(seed, quality, UdxOptions.defaults());
            long began = pair.network.now();
            long bytes = (long) (rate * 4e6);
            transfer(pair, bytes, 1_000, "seed " + seed + " " + quality);
            assertThat(pair.network.now() - began)
                    .as("seed %d, %s", seed, quality)
                    .isLessThan(4_900_000);
            assertThat(pair.coreA.retransmissions() / (bytes / 1452.0))
                    .as("share of packets sent again, seed %d, %s", seed, quality)
                    .isLessThanOrEqualTo(share);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // one-way delay in ms, bytes, how much longer it may take than without losses
        "50, 2000000, 1.25",
        "200, 1000000, 1.28",
        "20, 20000000, 1.09",
    })
    void shouldNotTakeSingleLossesForAQueueThatRunsOver(double delayMs, long bytes, double longer) {
        Quality quality = Quality.good().withDelayMs(delayMs).withRate(20, 2_000_000);
        double[] took = new double[2];
        for (long seed = 1; seed <= 10; seed++) {
            for (int i = 0; i < took.length; i++) {
                Pair pair = new Pair(seed, quality.withLoss(i * 0.01), UdxOptions.defaults());
                long began = pair.network.now();
                transfer(pair, bytes, 1_000, "seed " + seed + " " + quality);
                took[i] += pair.network.now() - began;
            }
        }
        assertThat(took[1] / took[0]).isLessThan(longer);
    }

    @Test
    void shouldShareABottleneckWithAStreamThatWasThereBefore() {
        for (long seed = 1; seed <= 3; seed++) {
            Pair first = new Pair(seed, Quality.good().withDelayMs(15).withRate(5, 200_000), UdxOptions.defaults());
            TestPeer c = new TestPeer(seed + 100, seed + 200);
            TestPeer d = new TestPeer(seed + 200, seed + 100);
            StreamCore coreC = first.network.add(3, UdxOptions.defaults(), c);
            StreamCore coreD = first.network.add(4, UdxOptions.defaults(), d);
            c.attach(coreC);
            d.attach(coreD);
            first.network.connect(coreC, coreD);
            first.network.share(4, 2);
            first.a.write(200_000_000, false);
            first.network.run(3_000, () -> false);
            c.write(200_000_000, false);
            first.network.run(4_000, () -> false);
            long before = first.b.read();
            long beforeSecond = d.read();
            first.network.run(20_000, () -> false);
            double older = (first.b.read() - before) / 20e6;
            double newer = (d.read() - beforeSecond) / 20e6;
            assertThat(older + newer).as("MB/s of both, seed %d", seed).isGreaterThan(4.2);
            assertThat(Math.min(older, newer) / Math.max(older, newer))
                    .as("seed %d: %.2f and %.2f MB/s", seed, older, newer)
                    .isGreaterThan(0.5);
        }
    }
}
