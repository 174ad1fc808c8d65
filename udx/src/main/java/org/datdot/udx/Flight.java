package org.datdot.udx;

import java.util.Arrays;
import org.datdot.udx.SentPacket.State;
import org.jspecify.annotations.Nullable;

/**
 * The packets that were sent and are not acknowledged, by number, with those on their way and those to be sent again as lists
 * in the order of sending. Numbers are 64 bit here and never wrap.
 */
final class Flight {
    /** From the oldest that is not acknowledged to the newest. */
    static final int MAX_PACKETS = 1 << 14;

    private static final int FIRST_PACKETS = 16;

    private @Nullable SentPacket[] ring = new @Nullable SentPacket[FIRST_PACKETS];
    private final PacketList inFlight = new PacketList();
    private final PacketList lost = new PacketList();
    private long base;
    private long next;

    Flight(long first) {
        base = first;
        next = first;
    }

    /** The oldest packet that is not acknowledged, or {@link #next()} when all are. */
    long base() {
        return base;
    }

    /** The number of the next new packet. */
    long next() {
        return next;
    }

    boolean isEmpty() {
        return base == next;
    }

    boolean isFull() {
        return next - base >= MAX_PACKETS;
    }

    /** Packets on their way. */
    int inFlight() {
        return inFlight.size;
    }

    /** Packets to be sent again. */
    int lost() {
        return lost.size;
    }

    @Nullable
    SentPacket oldestInFlight() {
        return inFlight.first;
    }

    @Nullable
    SentPacket oldestLost() {
        return lost.first;
    }

    /** A packet with the next number, in no list yet. */
    SentPacket add() {
        if (next - base >= ring.length) {
            grow();
        }
        int slot = (int) next & ring.length - 1;
        SentPacket packet = ring[slot];
        if (packet == null) {
            packet = new SentPacket();
            ring[slot] = packet;
        }
        packet.seq = next++;
        packet.retransmitted = false;
        packet.timeouts = 0;
        packet.paddingBytes = 0;
        return packet;
    }

    /** The packet of a number from base on, null when it is acknowledged. */
    @Nullable
    SentPacket get(long seq) {
        if (seq < base || seq >= next) {
            return null;
        }
        SentPacket packet = ring[(int) seq & ring.length - 1];
        return packet == null || packet.state == State.NONE ? null : packet;
    }

    /** Where the bytes of the oldest packet begin; only when there is one. */
    long position() {
        SentPacket oldest = ring[(int) base & ring.length - 1];
        if (oldest == null) {
            throw new IllegalStateException("nothing in flight");
        }
        return oldest.position;
    }

    /** Moves a packet into another state, to the end of its list. */
    void move(SentPacket packet, State state) {
        if (packet.state != State.NONE) {
            list(packet.state).remove(packet);
        }
        packet.state = state;
        if (state != State.NONE) {
            list(state).add(packet);
        }
    }

    /** All before a number are acknowledged. */
    void advance(long newBase) {
        base = newBase;
    }

    /** Forgets the packets' objects; only when empty. */
    void trim() {
        if (!isEmpty()) {
            return;
        }
        if (ring.length > FIRST_PACKETS) {
            ring = new @Nullable SentPacket[FIRST_PACKETS];
        } else {
            Arrays.fill(ring, null);
        }
    }

    private PacketList list(State state) {
        return state == State.IN_FLIGHT ? inFlight : lost;
    }

    private void grow() {
        @Nullable SentPacket[] old = ring;
        @Nullable SentPacket[] bigger = Arrays.copyOf(old, old.length * 2);
        Arrays.fill(bigger, null);
        for (long seq = base; seq < next; seq++) {
            bigger[(int) seq & bigger.length - 1] = old[(int) seq & old.length - 1];
        }
        ring = bigger;
    }

    /** A doubly linked list through the packets themselves. */
    private static final class PacketList {
        private @Nullable SentPacket first;
        private @Nullable SentPacket last;
        private int size;

        void add(SentPacket packet) {
            packet.previous = last;
            packet.next = null;
            if (last == null) {
                first = packet;
            } else {
                last.next = packet;
            }
            last = packet;
            size++;
        }

        void remove(SentPacket packet) {
            SentPacket before = packet.previous;
            SentPacket after = packet.next;
            if (before == null) {
                first = after;
            } else {
                before.next = after;
            }
            if (after == null) {
                last = before;
            } else {
                after.previous = before;
            }
            packet.previous = null;
            packet.next = null;
            size--;
        }
    }
}
