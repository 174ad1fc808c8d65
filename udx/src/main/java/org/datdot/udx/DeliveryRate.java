package org.datdot.udx;

/**
 * How fast packets arrive at the other side, one sample for each acknowledgement (draft-cheng-iccrg-delivery-rate-estimation,
 * libudx {@code src/udx_rate.c}). Times in microseconds.
 */
final class DeliveryRate {
    /** Packets that arrived, and that were found lost, over the stream's life. */
    private long delivered;

    private long lost;
    private long deliveredAt;
    private long firstSentAt;
    /** Until so many are delivered, what limits the rate is that there is nothing to send; 0 for never. */
    private long appLimitedUntil = 1;

    // The sample of the acknowledgement in work.
    private boolean any;
    private long deliveredBefore;
    private long lostBefore;
    private long sampleSeq;
    private long sampleSentAt;
    private long priorDelivered;
    private long priorAt;
    private long sendInterval;
    private boolean appLimited;
    private long interval;
    private long rtt;

    long delivered() {
        return delivered;
    }

    long deliveredAt() {
        return deliveredAt;
    }

    void onSent(SentPacket packet, boolean first, long now) {
        if (first) {
            firstSentAt = now;
            deliveredAt = now;
        }
        packet.firstSentAt = firstSentAt;
        packet.deliveredAt = deliveredAt;
        packet.delivered = delivered;
        packet.appLimited = appLimitedUntil != 0;
    }

    void onLost() {
        lost++;
    }

    /** There is less to send than the network would take. */
    void onAppLimited(int inFlight) {
        appLimitedUntil = Math.max(1, delivered + inFlight);
    }

    boolean isAppLimited() {
        return appLimitedUntil != 0;
    }

    /** An acknowledgement begins. */
    void begin() {
        any = false;
        rtt = -1;
        deliveredBefore = delivered;
        lostBefore = lost;
    }

    /** It acknowledges a packet. */
    void onDelivered(SentPacket packet) {
        delivered++;
        if (!any || packet.sentAfter(sampleSentAt, sampleSeq)) {
            any = true;
            sampleSeq = packet.seq;
            sampleSentAt = packet.sentAt;
            priorDelivered = packet.delivered;
            priorAt = packet.deliveredAt;
            appLimited = packet.appLimited;
            firstSentAt = packet.sentAt;
            sendInterval = packet.sentAt - packet.firstSentAt;
        }
    }

    /** It measures a round-trip time. */
    void onRoundTrip(long sample) {
        rtt = sample;
    }

    /** All of the acknowledgement was told. */
    void finish(long now, long minRtt) {
        if (appLimitedUntil != 0 && delivered > appLimitedUntil) {
            appLimitedUntil = 0;
        }
        if (delivered > deliveredBefore) {
            deliveredAt = now;
        }
        interval = any ? Math.max(sendInterval, now - priorAt) : -1;
        if (interval < minRtt) {
            interval = -1;
        }
    }

    /** Packets newly delivered by this acknowledgement. */
    int newlyDelivered() {
        return (int) (delivered - deliveredBefore);
    }

    /** Packets newly found lost. */
    int newlyLost() {
        return (int) (lost - lostBefore);
    }

    boolean hasRate() {
        return interval > 0;
    }

    /** Packets per microsecond. */
    double packetsPerUs() {
        return (double) (delivered - priorDelivered) / interval;
    }

    boolean isSampleAppLimited() {
        return appLimited;
    }

    /** How many had been delivered when the packet of the sample was sent. */
    long priorDelivered() {
        return any ? priorDelivered : -1;
    }

    /** The round-trip time, -1 when none was measured. */
    long rtt() {
        return rtt;
    }
}
