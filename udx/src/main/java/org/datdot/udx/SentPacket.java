package org.datdot.udx;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A packet in {@link Flight}: what is needed to send it again and to learn from its acknowledgement. Objects are used again. */
final class SentPacket {
    /** Where a packet is. */
    enum State {
        /** Not sent, or acknowledged. */
        NONE,
        /** On its way. */
        IN_FLIGHT,
        /** To be sent again. */
        LOST
    }

    State state = State.NONE;
    long seq;
    long position;
    int payloadBytes;
    int paddingBytes;
    boolean end;
    boolean retransmitted;
    int timeouts;
    long sentAt;
    /** Where it goes; after the stream has moved that may be where the stream was. */
    @Nullable
    InetSocketAddress to;

    int remoteId;

    /** {@link DeliveryRate} when it was sent. */
    long delivered;

    long deliveredAt;
    long firstSentAt;
    boolean appLimited;

    /** Neighbours in the list of its state. */
    @Nullable
    SentPacket previous;

    @Nullable
    SentPacket next;

    /** Whether it was sent after another, by time and then by number. */
    boolean sentAfter(long otherSentAt, long otherSeq) {
        return sentAt > otherSentAt || (sentAt == otherSentAt && seq > otherSeq);
    }

    /** Bytes of the UDP datagram. */
    int datagramBytes() {
        return UdxPacket.HEADER_BYTES + paddingBytes + payloadBytes;
    }
}
