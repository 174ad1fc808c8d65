package org.datdot.udx;

/**
 * What recent acknowledgements say about losses (RFC 8985): a packet is lost when one sent later has arrived, and as much time
 * has passed as reordering may take. Times in microseconds.
 */
final class Rack {
    private static final long MIN_REORDERING = 1_000;
    private static final int REORDERING_SACKS = 3;

    private long sentAt;
    private long seq = -1;
    private long rtt;
    private long highest = -1;
    private boolean reordered;

    /** A packet arrived; its time says something about the network unless it may belong to an earlier copy. */
    void onDelivered(SentPacket packet, long packetRtt, boolean certain) {
        if (certain) {
            rtt = packetRtt;
            if (packet.sentAfter(sentAt, seq)) {
                sentAt = packet.sentAt;
                seq = packet.seq;
            }
        }
        if (packet.seq > highest) {
            highest = packet.seq;
        } else if (!packet.retransmitted) {
            reordered = true;
        }
    }

    /** Whether a packet was sent after all that arrived, which says nothing about it. */
    boolean isAfterDelivered(SentPacket packet) {
        return packet.sentAfter(sentAt, seq);
    }

    /** How long after it was sent a packet counts as lost. */
    long lostAfter(RoundTrip roundTrip, boolean recovering, int sacked) {
        if (!reordered && (recovering || sacked >= REORDERING_SACKS)) {
            return rtt;
        }
        return rtt + Math.max(MIN_REORDERING, Math.min(roundTrip.min() / 4, roundTrip.smoothed()));
    }
}
