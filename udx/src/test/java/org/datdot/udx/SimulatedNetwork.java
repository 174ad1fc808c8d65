package org.datdot.udx;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;

/** A network in simulated time which loses, repeats, delays, reorders and cuts off as a seed says. */
final class SimulatedNetwork {
    /** How bad it is. Times in microseconds; a rate of 0 bytes per microsecond is no limit. */
    record Quality(
            double loss, double duplication, long delay, long jitter, int mtu, double bytesPerUs, int queueBytes) {
        static Quality good() {
            return new Quality(0, 0, 1_000, 0, 1500, 0, 0);
        }

        Quality withLoss(double value) {
            return new Quality(value, duplication, delay, jitter, mtu, bytesPerUs, queueBytes);
        }

        Quality withDuplication(double value) {
            return new Quality(loss, value, delay, jitter, mtu, bytesPerUs, queueBytes);
        }

        Quality withDelayMs(double value) {
            return new Quality(loss, duplication, (long) (value * 1_000), jitter, mtu, bytesPerUs, queueBytes);
        }

        Quality withJitterMs(double value) {
            return new Quality(loss, duplication, delay, (long) (value * 1_000), mtu, bytesPerUs, queueBytes);
        }

        Quality withMtu(int value) {
            return new Quality(loss, duplication, delay, jitter, value, bytesPerUs, queueBytes);
        }

        Quality withRate(double megabytesPerSecond, int queue) {
            return new Quality(loss, duplication, delay, jitter, mtu, megabytesPerSecond, queue);
        }
    }

    private static final int IP_HEADERS = 28;

    private final Random random;
    private final Quality quality;
    private final Map<InetSocketAddress, StreamCore> streams = new HashMap<>();
    private final Map<InetSocketAddress, Integer> mtus = new HashMap<>();
    private final Map<InetSocketAddress, Long> busyUntil = new HashMap<>();
    private final Map<InetSocketAddress, InetSocketAddress> shared = new HashMap<>();
    private final PriorityQueue<Arrival> arrivals =
            new PriorityQueue<>(Comparator.comparingLong(Arrival::at).thenComparingLong(Arrival::order));
    private final List<StreamCore> all = new ArrayList<>();
    private long now = 1_000_000;
    private long order;
    private long sent;
    private long dropped;

    private record Arrival(long at, long order, InetSocketAddress to, ByteBuffer datagram) {}

    SimulatedNetwork(long seed, Quality quality) {
        this.random = new Random(seed);
        this.quality = quality;
    }

    static InetSocketAddress address(int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, 1}), port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    long now() {
        return now;
    }

    long sent() {
        return sent;
    }

    long dropped() {
        return dropped;
    }

    /** A stream reached at a port; its id is the port. */
    StreamCore add(int port, UdxOptions options, StreamListener listener) {
        StreamCore core = new StreamCore(port, options, listener, now);
        streams.put(address(port), core);
        all.add(core);
        return core;
    }

    /** Makes a stream reachable at one more port. */
    void alias(int port, StreamCore core) {
        streams.put(address(port), core);
    }

    /** Nobody is at a port any more. */
    void vacate(int port) {
        streams.remove(address(port));
    }

    /** The longest IP packet that gets to a port. */
    void limit(int port, int mtu) {
        mtus.put(address(port), mtu);
    }

    /** What goes to a port waits in the same queue as what goes to another. */
    void share(int port, int other) {
        shared.put(address(port), address(other));
    }

    void connect(StreamCore one, StreamCore other) {
        one.connect(other.localId(), address(other.localId()), now);
        other.connect(one.localId(), address(one.localId()), now);
    }

    /** Puts a datagram on its way. */
    void send(InetSocketAddress to, byte[] datagram) {
        sent++;
        if (datagram.length + IP_HEADERS > mtus.getOrDefault(to, quality.mtu) || random.nextDouble() < quality.loss) {
            dropped++;
            return;
        }
        int copies = random.nextDouble() < quality.duplication ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            long at = now + quality.delay + (quality.jitter > 0 ? random.nextLong(quality.jitter) : 0);
            if (quality.bytesPerUs > 0) {
                InetSocketAddress queue = shared.getOrDefault(to, to);
                long start = Math.max(now, busyUntil.getOrDefault(queue, now));
                if ((start - now) * quality.bytesPerUs > quality.queueBytes) {
                    dropped++;
                    continue;
                }
                long end = start + (long) Math.ceil((datagram.length + IP_HEADERS) / quality.bytesPerUs);
                busyUntil.put(queue, end);
                at += end - now;
            }
            arrivals.add(new Arrival(at, order++, to, ByteBuffer.wrap(datagram)));
        }
    }

    void flush(StreamCore core) {
        core.flush(new Sink(), now);
    }

    /** Runs until a condition holds or so much time has passed. Returns whether it holds. */
    boolean run(long forMs, java.util.function.BooleanSupplier until) {
        long deadline = now + forMs * 1_000;
        UdxPacket packet = new UdxPacket();
        all.forEach(this::flush);
        while (!until.getAsBoolean()) {
            long next = arrivals.isEmpty() ? Long.MAX_VALUE : arrivals.element().at;
            for (StreamCore core : all) {
                next = Math.min(next, core.wakeAt());
            }
            if (next > deadline) {
                now = deadline;
                return until.getAsBoolean();
            }
            now = Math.max(now, next);
            while (!arrivals.isEmpty() && arrivals.element().at <= now) {
                Arrival arrival = arrivals.remove();
                StreamCore core = streams.get(arrival.to);
                if (core != null && packet.read(arrival.datagram.duplicate())) {
                    core.onPacket(packet, now);
                    flush(core);
                }
            }
            for (StreamCore core : all) {
                if (core.wakeAt() <= now) {
                    core.onTimer(now);
                    flush(core);
                }
            }
        }
        return true;
    }

    private final class Sink implements PacketSink {
        private final ByteBuffer buffer = ByteBuffer.allocate(2048);
        private InetSocketAddress to = address(1);

        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public ByteBuffer begin(InetSocketAddress target, int maxBytes) {
            to = target;
            return buffer.clear().limit(maxBytes);
        }

        @Override
        public void end() {
            byte[] datagram = new byte[buffer.flip().remaining()];
            buffer.get(datagram);
            send(to, datagram);
        }
    }
}
