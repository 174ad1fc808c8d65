package org.datdot.interop;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.Random;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Two UDP ports which pass on to each other's peer what they get, as well as an {@link Impairment} lets them and as a seed says.
 */
final class ImpairedLink implements Closeable {
    private static final int MAX_DATAGRAM_BYTES = 2048;
    private static final int IP_HEADERS = 28;

    private final DatagramChannel one;
    private final DatagramChannel other;
    private final Impairment impairment;
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong passed = new AtomicLong();

    /** A datagram on its way. */
    private record Passing(long at, long order, ByteBuffer datagram) implements Delayed {
        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(at - System.nanoTime(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            Passing that = (Passing) other;
            int byTime = Long.compare(at, that.at);
            return byTime != 0 ? byTime : Long.compare(order, that.order);
        }
    }

    /** Who sends to {@link #portToOther()} reaches {@code other}, which sees it come from {@link #portToOne()}. */
    ImpairedLink(InetSocketAddress one, InetSocketAddress other, Impairment impairment, long seed) {
        this(one, other, impairment, seed, new Bottleneck(impairment.megabytesPerSecond(), impairment.queueBytes()));
    }

    /** One whose bottleneck, on the way from the first to the other, is that of other links, too. */
    ImpairedLink(
            InetSocketAddress one, InetSocketAddress other, Impairment impairment, long seed, Bottleneck bottleneck) {
        this.impairment = impairment;
        try {
            this.one = port();
            this.other = port();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this.one, this.other, other, new Random(seed), bottleneck);
        start(
                this.other,
                this.one,
                one,
                new Random(~seed),
                new Bottleneck(impairment.megabytesPerSecond(), impairment.queueBytes()));
    }

    private static DatagramChannel port() throws IOException {
        return DatagramChannel.open()
                .setOption(StandardSocketOptions.SO_RCVBUF, 4 << 20)
                .bind(UdxEnd.local(0));
    }

    private static int localPort(DatagramChannel channel) {
        try {
            return ((InetSocketAddress) channel.getLocalAddress()).getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the first side sends to. */
    int portToOther() {
        return localPort(one);
    }

    /** Where the other side sends to. */
    int portToOne() {
        return localPort(other);
    }

    long dropped() {
        return dropped.get();
    }

    /** Datagrams that got through, copies included. */
    long passed() {
        return passed.get();
    }

    private void start(
            DatagramChannel from, DatagramChannel through, InetSocketAddress to, Random random, Bottleneck bottleneck) {
        DelayQueue<Passing> queue = new DelayQueue<>();
        Thread sender = Thread.ofPlatform().daemon().start(() -> send(queue, through, to));
        Thread.ofPlatform().daemon().start(() -> {
            receive(from, queue, random, bottleneck);
            sender.interrupt();
        });
    }

    private void receive(DatagramChannel from, DelayQueue<Passing> queue, Random random, Bottleneck bottleneck) {
        ByteBuffer datagram = ByteBuffer.allocateDirect(MAX_DATAGRAM_BYTES);
        long order = 0;
        try {
            while (true) {
                datagram.clear();
                from.receive(datagram);
                datagram.flip();
                int bytes = datagram.remaining() + IP_HEADERS;
                if (bytes > impairment.mtu() || random.nextDouble() < impairment.loss()) {
                    dropped.incrementAndGet();
                    continue;
                }
                int copies = random.nextDouble() < impairment.duplication() ? 2 : 1;
                for (int i = 0; i < copies; i++) {
                    long through = bottleneck.pass(bytes, System.nanoTime());
                    if (through < 0) {
                        dropped.incrementAndGet();
                        continue;
                    }
                    double delay = impairment.delayMs() + random.nextDouble() * impairment.jitterMs();
                    ByteBuffer copy = ByteBuffer.allocate(datagram.remaining())
                            .put(datagram.duplicate())
                            .flip();
                    queue.add(new Passing(through + (long) (delay * 1e6), order++, copy));
                }
            }
        } catch (ClosedChannelException e) {
            // How the link ends.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void send(DelayQueue<Passing> queue, DatagramChannel through, InetSocketAddress to) {
        try {
            while (true) {
                through.send(queue.take().datagram(), to);
                passed.incrementAndGet();
            }
        } catch (InterruptedException | ClosedChannelException e) {
            // How the link ends.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try (one;
                other) {
            dropped.get();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
