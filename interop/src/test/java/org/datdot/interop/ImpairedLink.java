package org.datdot.interop;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Two UDP ports which pass on to each other's peer what they get, and lose and repeat some of it as a seed says. */
final class ImpairedLink implements Closeable {
    private static final int MAX_DATAGRAM_BYTES = 2048;

    private final DatagramChannel one;
    private final DatagramChannel other;
    private final InetSocketAddress behindOne;
    private final InetSocketAddress behindOther;
    private final double loss;
    private final double repetition;
    private final AtomicLong dropped = new AtomicLong();

    /** Who sends to {@link #portToOther()} reaches {@code other}, which sees it come from {@link #portToOne()}. */
    ImpairedLink(InetSocketAddress one, InetSocketAddress other, double loss, double repetition, long seed) {
        this.behindOne = one;
        this.behindOther = other;
        this.loss = loss;
        this.repetition = repetition;
        try {
            this.one = DatagramChannel.open().bind(UdxEnd.local(0));
            this.other = DatagramChannel.open().bind(UdxEnd.local(0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofPlatform().daemon().start(() -> pass(this.one, this.other, behindOther, new Random(seed)));
        Thread.ofPlatform().daemon().start(() -> pass(this.other, this.one, behindOne, new Random(~seed)));
    }

    /** Where the first side sends to. */
    int portToOther() throws IOException {
        return ((InetSocketAddress) one.getLocalAddress()).getPort();
    }

    /** Where the other side sends to. */
    int portToOne() throws IOException {
        return ((InetSocketAddress) other.getLocalAddress()).getPort();
    }

    long dropped() {
        return dropped.get();
    }

    private void pass(DatagramChannel from, DatagramChannel through, InetSocketAddress to, Random random) {
        ByteBuffer datagram = ByteBuffer.allocateDirect(MAX_DATAGRAM_BYTES);
        try {
            while (true) {
                datagram.clear();
                from.receive(datagram);
                if (random.nextDouble() < loss) {
                    dropped.incrementAndGet();
                    continue;
                }
                through.send(datagram.flip(), to);
                if (random.nextDouble() < repetition) {
                    through.send(datagram.rewind(), to);
                }
            }
        } catch (ClosedChannelException e) {
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
