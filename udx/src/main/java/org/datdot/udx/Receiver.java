package org.datdot.udx;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a stream: puts packets in order, keeps what its owner does not take yet, and says what arrived. What it
 * keeps is bounded by the window, whatever is sent. Packet numbers are 64 bit here and never wrap.
 */
final class Receiver {
    /** How far ahead of what is expected a packet may be. */
    static final int MAX_AHEAD = 1 << 15;

    /** What a packet that is kept costs on top of its bytes. */
    private static final int PACKET_OVERHEAD_BYTES = 64;

    private static final int FIRST_PACKETS = 16;

    /** A packet that came too early. */
    private static final class Early {
        private final byte[] payload;
        private final boolean end;

        Early(byte[] payload, boolean end) {
            this.payload = payload;
            this.end = end;
        }
    }

    private final int windowBytes;
    private final StreamListener listener;
    private @Nullable Early[] early = new @Nullable Early[FIRST_PACKETS];
    private int earlyPackets;
    private long earlyBytes;
    private final PacketRanges ranges = new PacketRanges();

    /** In order, but not taken. */
    private final ArrayDeque<byte[]> unread = new ArrayDeque<>();

    private long unreadBytes;
    private long ack;
    private boolean paused;
    private boolean ended;
    private boolean endTold;
    private boolean closed;

    Receiver(UdxOptions options, StreamListener listener) {
        this.windowBytes = options.receiveWindowBytes();
        this.ack = Integer.toUnsignedLong(options.firstAck());
        this.listener = listener;
    }

    /** The number of the packet it waits for. */
    long ack() {
        return ack;
    }

    /** What the other side may send. */
    int window() {
        return (int) Math.max(0, windowBytes - unreadBytes);
    }

    /** The 64 bit number that was meant by 32 of them. */
    long extend(int seq) {
        return ack + (seq - (int) ack);
    }

    boolean isEarly() {
        return earlyPackets > 0;
    }

    /** Whether the other side has ended and its owner was told. */
    boolean isEndTold() {
        return endTold;
    }

    /** Takes a packet with {@link UdxPacket#DATA} or {@link UdxPacket#END}, or drops it. */
    void accept(UdxPacket packet, long seq) {
        if (ended || seq < ack || seq - ack >= MAX_AHEAD) {
            return;
        }
        boolean end = packet.is(UdxPacket.END);
        if (seq != ack) {
            keepEarly(packet, seq, end);
            return;
        }
        if (mustWait()) {
            if (packet.payloadBytes() > 0) {
                if (!hasRoom(packet.payloadBytes())) {
                    return;
                }
                keep(copy(packet));
            }
            advance(end);
        } else {
            advance(end);
            if (packet.payloadBytes() > 0) {
                listener.onData(packet.payload());
            }
        }
        takeEarly();
        tellEnd();
    }

    private boolean mustWait() {
        return paused || !unread.isEmpty();
    }

    private void advance(boolean end) {
        // A copy of this packet may have come early and without room for it in order.
        forget(ack);
        ack++;
        if (end) {
            ended = true;
            Arrays.fill(early, null);
            earlyPackets = 0;
            earlyBytes = 0;
            ranges.clear();
        }
    }

    private void keepEarly(UdxPacket packet, long seq, boolean end) {
        int slot = (int) seq & early.length - 1;
        if ((seq - ack < early.length && early[slot] != null) || !hasRoom(packet.payloadBytes())) {
            return;
        }
        while (seq - ack >= early.length) {
            grow();
        }
        early[(int) seq & early.length - 1] = new Early(copy(packet), end);
        earlyPackets++;
        earlyBytes += packet.payloadBytes() + PACKET_OVERHEAD_BYTES;
        ranges.add(seq);
    }

    private void grow() {
        @Nullable Early[] bigger = new @Nullable Early[early.length * 2];
        for (int i = 0; i < early.length; i++) {
            long seq = ack + i;
            bigger[(int) seq & bigger.length - 1] = early[(int) seq & early.length - 1];
        }
        early = bigger;
    }

    private void takeEarly() {
        while (earlyPackets > 0 && !ended && !closed) {
            Early next = early[(int) ack & early.length - 1];
            if (next == null) {
                return;
            }
            advance(next.end);
            if (next.payload.length > 0) {
                if (mustWait()) {
                    keep(next.payload);
                } else {
                    listener.onData(ByteBuffer.wrap(next.payload));
                }
            }
        }
        if (earlyPackets == 0 && early.length > FIRST_PACKETS) {
            early = new @Nullable Early[FIRST_PACKETS];
        }
    }

    private void forget(long seq) {
        int slot = (int) seq & early.length - 1;
        Early packet = early[slot];
        if (packet != null) {
            early[slot] = null;
            ranges.removeFirst(seq);
            earlyPackets--;
            earlyBytes -= packet.payload.length + PACKET_OVERHEAD_BYTES;
        }
    }

    /** The window with a quarter on top, for what was sent before the other side heard of it getting small, and overheads. */
    private boolean hasRoom(int bytes) {
        return unreadBytes + earlyBytes + bytes <= windowBytes + windowBytes / 4 + 65_536L;
    }

    private void keep(byte[] payload) {
        unread.add(payload);
        unreadBytes += payload.length + PACKET_OVERHEAD_BYTES;
    }

    private static byte[] copy(UdxPacket packet) {
        byte[] copy = new byte[packet.payloadBytes()];
        packet.payload().get(copy);
        return copy;
    }

    void pause() {
        paused = true;
    }

    /** Hands out what was kept. Returns whether the other side should hear of the room. */
    boolean resume() {
        if (!paused) {
            return false;
        }
        paused = false;
        int before = window();
        while (!paused && !closed && !unread.isEmpty()) {
            byte[] next = unread.remove();
            unreadBytes -= next.length + PACKET_OVERHEAD_BYTES;
            listener.onData(ByteBuffer.wrap(next));
        }
        tellEnd();
        return before < windowBytes / 2 && window() - before >= windowBytes / 4;
    }

    private void tellEnd() {
        if (ended && !endTold && !closed && !mustWait()) {
            endTold = true;
            listener.onEnd();
        }
    }

    void close() {
        closed = true;
        unread.clear();
        unreadBytes = 0;
        early = new @Nullable Early[FIRST_PACKETS];
        earlyPackets = 0;
        earlyBytes = 0;
        ranges.clear();
    }

    /** What came early. */
    PacketRanges ranges() {
        return ranges;
    }
}
