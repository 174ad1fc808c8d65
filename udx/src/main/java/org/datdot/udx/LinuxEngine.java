package org.datdot.udx;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * UDP by Linux's own calls: many packets to one address go out, and come in, as one piece (UDP_SEGMENT and UDP_GRO), and
 * several such pieces with one call. Waits to the microsecond.
 */
final class LinuxEngine implements DatagramEngine {
    /** {@code struct pollfd}: int fd, short events, short revents. */
    private static final long POLL_BYTES = 8;

    private final Arena arena = Arena.ofShared();
    private final LinuxCalls calls = new LinuxCalls(arena);
    private final MemorySegment counter = arena.allocate(8, 8);
    private final MemorySegment timeout = arena.allocate(16, 8);
    private final ReceiveBatch received = new ReceiveBatch(arena);
    /** Batches without a port: a port has one only while something waits in it. */
    private final ArrayDeque<SendBatch> spare = new ArrayDeque<>();

    private final ReentrantLock lock = new ReentrantLock();
    /** Under the lock, as is all that wakes the thread. */
    private final List<LinuxPort> opened = new ArrayList<>();

    private final LinuxCalls wakingCalls = new LinuxCalls(arena);
    private final MemorySegment one = arena.allocateFrom(JAVA_LONG, 1);
    private final int wakeFd;
    private boolean closed;
    private volatile boolean changed = true;

    // For the thread alone.
    private List<LinuxPort> polled = List.of();
    private MemorySegment descriptors = MemorySegment.NULL;

    LinuxEngine() throws IOException {
        try {
            wakeFd = calls.eventCounter();
        } catch (IOException e) {
            arena.close();
            throw e;
        }
    }

    @Override
    public DatagramPort bind(InetSocketAddress local) throws IOException {
        boolean ipv6 = local.getAddress() instanceof Inet6Address;
        try (Arena own = Arena.ofConfined()) {
            LinuxCalls mine = new LinuxCalls(own);
            int fd = mine.udpSocket(ipv6);
            try {
                mine.option(fd, LinuxCalls.SOL_SOCKET, LinuxCalls.SO_SNDBUF, NioEngine.SEND_BUFFER_BYTES);
                mine.option(fd, LinuxCalls.SOL_SOCKET, LinuxCalls.SO_RCVBUF, NioEngine.RECEIVE_BUFFER_BYTES);
                // Setting 0 changes nothing but tells whether there is such an option.
                boolean segments = mine.option(fd, LinuxCalls.SOL_UDP, LinuxCalls.UDP_SEGMENT, 0);
                mine.option(fd, LinuxCalls.SOL_UDP, LinuxCalls.UDP_GRO, 1);
                MemorySegment address = own.allocate(SocketAddresses.MAX_BYTES, 8);
                mine.bind(fd, address, SocketAddresses.put(address, 0, local, ipv6));
                mine.localAddress(fd, address, own.allocateFrom(JAVA_INT, SocketAddresses.MAX_BYTES));
                LinuxPort port = new LinuxPort(this, fd, ipv6, segments, SocketAddresses.get(address, 0));
                lock.lock();
                try {
                    if (closed) {
                        throw new IOException("closed");
                    }
                    opened.add(port);
                    changed = true;
                } finally {
                    lock.unlock();
                }
                return port;
            } catch (IOException | RuntimeException e) {
                mine.close(fd);
                throw e;
            }
        }
    }

    @Override
    public void await(long timeoutUs) throws IOException {
        if (changed) {
            collect();
        }
        List<LinuxPort> ports = polled;
        for (int i = 0; i < ports.size(); i++) {
            short events = (short) (LinuxCalls.POLLIN | (ports.get(i).ready() ? 0 : LinuxCalls.POLLOUT));
            descriptors.set(JAVA_SHORT, (i + 1) * POLL_BYTES + 4, events);
        }
        long us = Math.max(0, timeoutUs);
        timeout.set(JAVA_LONG, 0, us / 1_000_000);
        timeout.set(JAVA_LONG, 8, us % 1_000_000 * 1_000);
        int ready = calls.poll(descriptors, ports.size() + 1, timeout);
        if (ready < 0 && calls.errno() != LinuxCalls.EINTR) {
            throw new IOException("ppoll failed with error " + calls.errno());
        }
        for (int i = 0; ready > 0 && i < ports.size(); i++) {
            if (descriptors.get(JAVA_SHORT, (i + 1) * POLL_BYTES + 6) != 0) {
                ports.get(i).mayReceive();
            }
        }
        if (ready > 0 && descriptors.get(JAVA_SHORT, 6) != 0) {
            calls.count(wakeFd, counter, false);
        }
    }

    private void collect() {
        lock.lock();
        try {
            changed = false;
            polled = List.copyOf(opened);
        } finally {
            lock.unlock();
        }
        long bytes = (polled.size() + 1) * POLL_BYTES;
        if (descriptors.byteSize() < bytes) {
            descriptors = Arena.ofAuto().allocate(bytes * 2, 8);
        }
        for (int i = 0; i <= polled.size(); i++) {
            int fd = i == 0 ? wakeFd : polled.get(i - 1).fd();
            descriptors.set(JAVA_INT, i * POLL_BYTES, fd);
            descriptors.set(JAVA_SHORT, i * POLL_BYTES + 4, LinuxCalls.POLLIN);
        }
    }

    @Override
    public void wakeUp() {
        lock.lock();
        try {
            if (!closed) {
                wakingCalls.count(wakeFd, one, true);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                wakingCalls.close(wakeFd);
                opened.forEach(port -> wakingCalls.close(port.fd()));
                opened.clear();
                changed = true;
                arena.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Closes a port, any thread. */
    void close(LinuxPort port) {
        lock.lock();
        try {
            if (opened.remove(port)) {
                changed = true;
                wakingCalls.close(port.fd());
            }
        } finally {
            lock.unlock();
        }
    }

    // What follows is for the thread alone.

    LinuxCalls calls() {
        return calls;
    }

    ReceiveBatch received() {
        return received;
    }

    SendBatch takeBatch() {
        SendBatch batch = spare.poll();
        return batch == null ? new SendBatch() : batch;
    }

    void giveBack(SendBatch batch) {
        spare.add(batch);
    }
}
