package org.datdot.udx;

/**
 * How many packets may be on their way, and how fast: BBR version 1 (draft-cardwell-iccrg-bbr-congestion-control-00, as Linux
 * and libudx {@code src/udx_bbr.c} do it), so that a stream shares a bottleneck with stock peers as they do among themselves.
 * Rates in packets per microsecond, times in microseconds.
 */
final class Bbr {
    /** What it is at. */
    enum Mode {
        STARTUP,
        DRAIN,
        PROBE_BANDWIDTH,
        PROBE_ROUND_TRIP
    }

    static final int FIRST_WINDOW = 10;
    private static final int MIN_WINDOW = 4;
    private static final double HIGH_GAIN = 2.88539;
    private static final double[] CYCLE_GAINS = {1.25, 0.75, 1, 1, 1, 1, 1, 1};
    private static final double PACING_MARGIN = 0.99;
    private static final double WINDOW_GAIN = 2;
    private static final int BANDWIDTH_ROUNDS = CYCLE_GAINS.length + 2;
    private static final long MIN_RTT_WINDOW = 10_000_000;
    private static final long PROBE_RTT_TIME = 200_000;
    /** As libudx, whose clock is no finer; less would leave no packets to send in one go on short ways. */
    private static final long SHORTEST_RTT = 1_000;

    private static final double FULL_GROWTH = 1.25;
    private static final int FULL_ROUNDS = 3;
    /**
     * So much lost in a round is a queue running over, and the way is full without waiting for more rounds; what a bad way loses
     * at all times is less. Neither libudx nor version 1 looks at losses here.
     */
    private static final double OVERFLOW = 0.2;

    private static final int OVERFLOW_PACKETS = 8;
    /**
     * Less than this, or fewer packets, lost in a round is a bad way, not a queue that runs over: sending less would not make it
     * better. libudx finds losses only after it has told its BBR how many there were, so that they change nothing there.
     */
    private static final double LOSSY = 0.02;

    private static final int AGGREGATION_ROUNDS = 5;
    private static final long AGGREGATION_TIME = 100_000;

    private final WindowedMax bandwidth = new WindowedMax(BANDWIDTH_ROUNDS, 0, 0);
    private Mode mode = Mode.STARTUP;
    private int window = FIRST_WINDOW;
    private int windowBefore;
    private double pacingGain = HIGH_GAIN;
    private double windowGain = HIGH_GAIN;
    private double pacingRate = HIGH_GAIN * FIRST_WINDOW / SHORTEST_RTT;
    private boolean pacingMeasured;

    private long round;
    private long roundEnd;
    private boolean roundStart;

    private long minRtt = Long.MAX_VALUE;
    private long minRttAt;
    private long probeRttDoneAt;
    private boolean probeRttRound;
    private boolean idleRestart;

    private boolean full;
    private int roundLost;
    private int roundDelivered;
    private double fullBandwidth;
    private int fullRounds;

    private int cycle;
    private long cycleAt;

    private boolean conserving;
    /** Packets were lost, of which it is not known yet whether they are many. */
    private boolean waiting;

    private boolean recovering;

    private long epochAt;
    private long epochAcked;
    private final int[] extraAcked = new int[2];
    private int extraIndex;
    private int extraRounds;

    /** @param phase any number: where in the cycle of probing it begins, so that streams do not probe together */
    Bbr(long now, int phase) {
        minRttAt = now;
        epochAt = now;
        cycle = 2 + Math.floorMod(phase, CYCLE_GAINS.length - 2);
    }

    /** How many packets may be on their way. */
    int window() {
        return window;
    }

    /** Packets per microsecond. */
    double pacingRate() {
        return pacingRate;
    }

    Mode mode() {
        return mode;
    }

    /** The bandwidth found, in packets per microsecond. */
    double bandwidth() {
        return bandwidth.get();
    }

    /** Sending begins again after nothing was on its way. */
    void onRestart(boolean appLimited, long now) {
        if (!appLimited) {
            return;
        }
        idleRestart = true;
        epochAt = now;
        epochAcked = 0;
        if (mode == Mode.PROBE_BANDWIDTH) {
            setPacingRate(1);
        } else if (mode == Mode.PROBE_ROUND_TRIP) {
            leaveProbeRtt(now);
        }
    }

    /** Packets were found lost, the first since all was well. */
    void onRecovery(int inFlight) {
        saveWindow();
        recovering = true;
        waiting = mode == Mode.STARTUP;
        if (!waiting) {
            conserve(inFlight);
        }
    }

    /** From now on, for a round, as much is sent as arrives. */
    private void conserve(int inFlight) {
        waiting = false;
        conserving = true;
        roundEnd = -1;
        window = Math.max(inFlight + 1, MIN_WINDOW);
    }

    /** Nothing was acknowledged for too long. */
    void onTimeout(int inFlight) {
        saveWindow();
        recovering = true;
        conserving = false;
        fullBandwidth = 0;
        window = Math.max(inFlight + 1, MIN_WINDOW);
    }

    /** All that was sent before the loss is acknowledged. */
    void onRecovered() {
        recovering = false;
        waiting = false;
        conserving = false;
        window = Math.max(window, windowBefore);
    }

    /** Packets got longer, and what is known in packets changes with it. */
    void onLength(double ratio) {
        bandwidth.scale(ratio);
        fullBandwidth *= ratio;
    }

    /** Something was acknowledged. */
    void onAck(DeliveryRate sample, int inFlight, long srtt, long now) {
        updateRound(sample);
        updateBandwidth(sample);
        updateAggregation(sample);
        updateCycle(sample, inFlight);
        updateFull(sample);
        updateLosses(sample, inFlight);
        updateDrain(sample, inFlight);
        updateMinRtt(sample, inFlight, now);
        switch (mode) {
            case STARTUP -> gains(HIGH_GAIN, HIGH_GAIN);
            case DRAIN -> gains(1 / HIGH_GAIN, HIGH_GAIN);
            case PROBE_BANDWIDTH -> gains(CYCLE_GAINS[cycle], WINDOW_GAIN);
            case PROBE_ROUND_TRIP -> gains(1, 1);
        }
        if (!pacingMeasured && srtt > 0) {
            pacingMeasured = true;
            pacingRate = HIGH_GAIN * window / Math.max(srtt, SHORTEST_RTT);
        }
        setPacingRate(pacingGain);
        updateWindow(sample, inFlight);
    }

    private void gains(double pacing, double forWindow) {
        pacingGain = pacing;
        windowGain = forWindow;
    }

    private void setPacingRate(double gain) {
        double rate = bandwidth.get() * gain * PACING_MARGIN;
        if (full || rate > pacingRate) {
            pacingRate = Math.max(rate, 1e-6);
        }
    }

    private void updateRound(DeliveryRate sample) {
        roundStart = false;
        if (roundEnd < 0) {
            roundEnd = sample.delivered();
        } else if (sample.priorDelivered() >= roundEnd) {
            roundEnd = sample.delivered();
            round++;
            roundStart = true;
            conserving = false;
        }
    }

    private void updateBandwidth(DeliveryRate sample) {
        if (!sample.hasRate()) {
            return;
        }
        double rate = sample.packetsPerUs();
        if (!sample.isSampleAppLimited() || rate >= bandwidth.get()) {
            bandwidth.add(round, rate);
        }
    }

    private void updateAggregation(DeliveryRate sample) {
        int acked = sample.newlyDelivered();
        if (acked == 0) {
            return;
        }
        if (roundStart && ++extraRounds >= AGGREGATION_ROUNDS) {
            extraRounds = 0;
            extraIndex ^= 1;
            extraAcked[extraIndex] = 0;
        }
        double expected = bandwidth.get() * (sample.deliveredAt() - epochAt);
        if (epochAcked <= expected) {
            epochAcked = 0;
            epochAt = sample.deliveredAt();
            expected = 0;
        }
        epochAcked += acked;
        int extra = (int) Math.min(epochAcked - expected, window);
        extraAcked[extraIndex] = Math.max(extraAcked[extraIndex], extra);
    }

    private void updateCycle(DeliveryRate sample, int inFlight) {
        if (mode != Mode.PROBE_BANDWIDTH) {
            return;
        }
        boolean fullLength = sample.deliveredAt() - cycleAt > minRtt;
        double gain = CYCLE_GAINS[cycle];
        boolean next = gain == 1
                ? fullLength
                : gain > 1
                        ? fullLength && (isOverflowing(LOSSY) || inFlight >= target(gain))
                        : fullLength || inFlight <= target(1);
        if (next) {
            nextCycle(sample.deliveredAt());
        }
    }

    private void nextCycle(long now) {
        cycle = (cycle + 1) % CYCLE_GAINS.length;
        cycleAt = now;
    }

    private void updateFull(DeliveryRate sample) {
        full |= roundStart && isOverflowing(OVERFLOW);
        if (full || !roundStart || sample.isSampleAppLimited()) {
            return;
        }
        if (bandwidth.get() >= fullBandwidth * FULL_GROWTH) {
            fullBandwidth = bandwidth.get();
            fullRounds = 0;
        } else {
            full = ++fullRounds >= FULL_ROUNDS;
        }
    }

    /** While it looks for the way's rate, single losses must not keep it from finding it. */
    private void updateLosses(DeliveryRate sample, int inFlight) {
        if (roundStart) {
            roundLost = 0;
            roundDelivered = 0;
        }
        roundLost += sample.newlyLost();
        roundDelivered += sample.newlyDelivered();
        if (waiting && isOverflowing(LOSSY)) {
            conserve(inFlight);
        }
    }

    private boolean isOverflowing(double share) {
        return roundLost >= OVERFLOW_PACKETS && roundLost > share * (roundLost + roundDelivered);
    }

    private void updateDrain(DeliveryRate sample, int inFlight) {
        if (mode == Mode.STARTUP && full) {
            mode = Mode.DRAIN;
        }
        if (mode == Mode.DRAIN && inFlight <= target(1)) {
            enterProbeBandwidth(sample.deliveredAt());
        }
    }

    private void enterProbeBandwidth(long now) {
        mode = Mode.PROBE_BANDWIDTH;
        nextCycle(now);
        if (cycle == 1) {
            // Not into the gain below 1, which belongs after the one above.
            nextCycle(now);
        }
    }

    private void updateMinRtt(DeliveryRate sample, int inFlight, long now) {
        boolean expired = now > minRttAt + MIN_RTT_WINDOW;
        long rtt = sample.rtt() < 0 ? -1 : Math.max(sample.rtt(), SHORTEST_RTT);
        if (rtt >= 0 && (rtt <= minRtt || expired)) {
            minRtt = rtt;
            minRttAt = now;
        }
        if (expired && !idleRestart && mode != Mode.PROBE_ROUND_TRIP) {
            mode = Mode.PROBE_ROUND_TRIP;
            saveWindow();
            probeRttDoneAt = 0;
        }
        if (mode == Mode.PROBE_ROUND_TRIP) {
            sample.onAppLimited(inFlight);
            if (probeRttDoneAt == 0) {
                if (inFlight <= MIN_WINDOW) {
                    probeRttDoneAt = now + PROBE_RTT_TIME;
                    probeRttRound = false;
                    roundEnd = sample.delivered();
                }
            } else {
                probeRttRound |= roundStart;
                if (probeRttRound) {
                    leaveProbeRtt(now);
                }
            }
        }
        if (sample.newlyDelivered() > 0) {
            idleRestart = false;
        }
    }

    private void leaveProbeRtt(long now) {
        if (probeRttDoneAt == 0 || now < probeRttDoneAt) {
            return;
        }
        minRttAt = now;
        window = Math.max(window, windowBefore);
        if (full) {
            enterProbeBandwidth(now);
        } else {
            mode = Mode.STARTUP;
        }
    }

    private void saveWindow() {
        boolean undisturbed = !recovering && mode != Mode.PROBE_ROUND_TRIP;
        windowBefore = undisturbed ? window : Math.max(windowBefore, window);
    }

    private int target(double gain) {
        if (minRtt == Long.MAX_VALUE) {
            return FIRST_WINDOW;
        }
        double packets = bandwidth.get() * minRtt * gain;
        return (int) Math.min(packets, Flight.MAX_PACKETS);
    }

    private int aggregated() {
        if (!full) {
            return 0;
        }
        return (int) Math.min(Math.max(extraAcked[0], extraAcked[1]), bandwidth.get() * AGGREGATION_TIME);
    }

    private void updateWindow(DeliveryRate sample, int inFlight) {
        int acked = sample.newlyDelivered();
        if (acked > 0) {
            if (isOverflowing(LOSSY)) {
                window = Math.max(window - sample.newlyLost(), 1);
            }
            if (conserving) {
                window = Math.max(window, inFlight + acked);
            } else {
                int target = target(windowGain) + aggregated();
                if (full) {
                    window = Math.min(window + acked, target);
                } else if (window < target || sample.delivered() < FIRST_WINDOW) {
                    window += acked;
                }
            }
            window = Math.clamp(window, MIN_WINDOW, Flight.MAX_PACKETS);
        }
        if (mode == Mode.PROBE_ROUND_TRIP) {
            window = Math.min(window, MIN_WINDOW);
        }
    }
}
