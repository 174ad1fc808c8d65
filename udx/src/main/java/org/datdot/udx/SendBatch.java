package org.datdot.udx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Packets that wait to be sent, one behind the other in one buffer, as runs: packets in a row to one address and of one
 * length, of which the last may be shorter, are sent as one message that the system cuts up.
 */
final class SendBatch {
    private static final int RUNS = 64;
    private static final int BYTES = 1 << 16;
    /** What the system takes as one message. */
    private static final int RUN_BYTES = 65_507;

    private static final int RUN_PACKETS = 64;

    private final MemorySegment headers;
    private final MemorySegment vectors;
    private final MemorySegment addresses;
    private final MemorySegment controls;
    private final MemorySegment memory;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);

    private final int[] starts = new int[RUNS];
    private final int[] ends = new int[RUNS];
    private final int[] packetBytes = new int[RUNS];
    private final int[] packets = new int[RUNS];
    private final @Nullable InetSocketAddress[] targets = new @Nullable InetSocketAddress[RUNS];
    private int runs;
    private int sent;
    private int end;
    private boolean open;
    private InetSocketAddress to = new InetSocketAddress(0);

    SendBatch() {
        Arena arena = Arena.ofAuto();
        headers = arena.allocate((long) RUNS * MessageHeader.BYTES, 8);
        vectors = arena.allocate((long) RUNS * MessageHeader.VECTOR_BYTES, 8);
        addresses = arena.allocate(RUNS * 32L, 8);
        controls = arena.allocate((long) RUNS * MessageHeader.CONTROL_BYTES, 8);
        memory = MemorySegment.ofBuffer(buffer);
        for (int i = 0; i < RUNS; i++) {
            MessageHeader.init(headers, i, addresses.asSlice(i * 32L), vectors, memory);
            MessageHeader.control(headers, i, controls.asSlice((long) i * MessageHeader.CONTROL_BYTES));
        }
    }

    boolean isEmpty() {
        return sent == runs;
    }

    /** Whether a packet of that length may be added; when not, what is there has to go first. */
    boolean hasRoom(int bytes) {
        return runs < RUNS && end + bytes <= BYTES;
    }

    ByteBuffer begin(InetSocketAddress target, int maxBytes) {
        to = target;
        return buffer.limit(end + maxBytes).position(end);
    }

    /** Adds the packet that was written into the buffer. */
    void end(boolean segments) {
        int start = end;
        end = buffer.position();
        int bytes = end - start;
        int run = runs - 1;
        if (segments
                && open
                && bytes <= packetBytes[run]
                && packets[run] < RUN_PACKETS
                && end - starts[run] <= RUN_BYTES
                && to.equals(targets[run])) {
            ends[run] = end;
            packets[run]++;
            open = bytes == packetBytes[run];
            return;
        }
        starts[runs] = start;
        ends[runs] = end;
        packetBytes[runs] = bytes;
        packets[runs] = 1;
        targets[runs] = to;
        runs++;
        open = bytes > 0;
    }

    /** Writes down for the system what is to be sent. Returns how many messages from {@link #messages()} on. */
    int prepare(boolean ipv6) {
        for (int i = sent; i < runs; i++) {
            InetSocketAddress target = targets[i];
            if (target == null) {
                throw new IllegalStateException("a run without an address");
            }
            boolean several = packets[i] > 1;
            MessageHeader.lengths(headers, i, SocketAddresses.put(addresses, i * 32L, target, ipv6), several);
            if (several) {
                MessageHeader.putSegmentBytes(controls, i, packetBytes[i]);
            }
            point(i, starts[i], ends[i] - starts[i]);
        }
        open = false;
        return runs - sent;
    }

    private void point(int run, int start, int bytes) {
        vectors.set(ADDRESS, (long) run * MessageHeader.VECTOR_BYTES, memory.asSlice(start));
        vectors.set(JAVA_LONG, (long) run * MessageHeader.VECTOR_BYTES + 8, bytes);
    }

    MemorySegment messages() {
        return headers.asSlice((long) sent * MessageHeader.BYTES);
    }

    /** So many runs are gone. */
    void advance(int count) {
        sent += count;
        if (sent == runs) {
            sent = 0;
            runs = 0;
            end = 0;
            open = false;
        }
    }

    /** How many packets the next run has. */
    int packets() {
        return packets[sent];
    }

    /** Makes the next run one of its packets only; {@link #prepare} makes it whole again. */
    void single(int packet) {
        int start = starts[sent] + packet * packetBytes[sent];
        MessageHeader.noControl(headers, sent);
        point(sent, start, Math.min(packetBytes[sent], ends[sent] - start));
    }
}
