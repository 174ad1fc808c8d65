package org.datdot.udx;

import org.datdot.udx.SentPacket.State;

/** Which packets are lost and have to go again: by RACK (RFC 8985) and by a timeout, as in libudx. Times in microseconds. */
final class LossDetection {
    private enum Recovery {
        OPEN,
        RECOVERY,
        LOSS
    }

    private final Flight flight;
    private final RoundTrip roundTrip;
    private final DeliveryRate rate;
    private final MtuSearch mtu;
    private final Bbr bbr;
    private final Rack rack = new Rack();

    private Recovery recovery = Recovery.OPEN;
    private long recoveryEnd;
    /** Acknowledged packets above the oldest that is not. */
    private int sacked;

    private int timeouts;
    private long reorderingAt = Sender.OFF;

    LossDetection(Flight flight, RoundTrip roundTrip, DeliveryRate rate, MtuSearch mtu, Bbr bbr) {
        this.flight = flight;
        this.roundTrip = roundTrip;
        this.rate = rate;
        this.mtu = mtu;
        this.bbr = bbr;
    }

    /** Timeouts in a row. */
    int timeouts() {
        return timeouts;
    }

    /** Something was acknowledged. */
    void onProgress() {
        timeouts = 0;
    }

    /** A packet arrived; its time says something about the network unless it may belong to an earlier copy. */
    void onDelivered(SentPacket packet, long rtt, boolean certain) {
        rack.onDelivered(packet, rtt, certain);
    }

    /** A packet above the oldest that is missing was acknowledged. */
    void onSacked() {
        sacked++;
    }

    /** Such a packet is no longer above it. */
    void onSackedPassed() {
        sacked--;
    }

    /** Whether nothing is missing and nothing is being mended. */
    boolean isAllWell() {
        return recovery == Recovery.OPEN && sacked == 0;
    }

    /** Mending is over when all is acknowledged that was sent before it began. */
    void endRecovery() {
        if (recovery != Recovery.OPEN && flight.base() >= recoveryEnd) {
            recovery = Recovery.OPEN;
            bbr.onRecovered();
        }
    }

    /** When {@link #detect} has to be called without an acknowledgement. */
    long wakeAt() {
        return reorderingAt;
    }

    /** Nothing is on its way. */
    void stop() {
        reorderingAt = Sender.OFF;
    }

    private long lostAfter() {
        return rack.lostAfter(roundTrip, recovery != Recovery.OPEN, sacked);
    }

    /** RACK: what was sent before something that arrived, and longer ago than a round trip, is lost. Whether mending begins. */
    boolean detect(long now) {
        long lostAfter = lostAfter();
        boolean lost = false;
        reorderingAt = Sender.OFF;
        SentPacket next;
        for (SentPacket packet = flight.oldestInFlight(); packet != null; packet = next) {
            next = packet.next;
            if (rack.isAfterDelivered(packet)) {
                break;
            }
            long lostAt = packet.sentAt + lostAfter;
            if (lostAt <= now) {
                lost |= markLost(packet);
            } else {
                reorderingAt = reorderingAt == Sender.OFF ? lostAt : Math.max(reorderingAt, lostAt);
            }
        }
        boolean begins = lost && recovery == Recovery.OPEN;
        if (begins) {
            recovery = Recovery.RECOVERY;
            recoveryEnd = flight.next();
            bbr.onRecovery(flight.inFlight());
        }
        return begins;
    }

    /** Returns whether that says anything about the network. */
    private boolean markLost(SentPacket packet) {
        flight.move(packet, State.LOST);
        if (packet.paddingBytes > 0) {
            packet.paddingBytes = 0;
            mtu.onProbeLost();
            return false;
        }
        rate.onLost();
        return true;
    }

    /** Nothing was acknowledged for too long. */
    void onTimeout(long now) {
        timeouts++;
        recovery = Recovery.LOSS;
        recoveryEnd = flight.next();
        long lostAfter = lostAfter();
        for (long seq = flight.base(); seq < flight.next(); seq++) {
            SentPacket packet = flight.get(seq);
            if (packet != null
                    && packet.state == State.IN_FLIGHT
                    && (seq == flight.base() || packet.sentAt + lostAfter < now)) {
                markLost(packet);
            }
        }
        bbr.onTimeout(flight.inFlight());
    }
}
