package org.datdot.udx;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Streams over UDP as npm {@code udx-native} has them: one thread which drives any number of sockets and of streams. Streams
 * are known by their id on all of its sockets, so that one may change from a socket to another.
 */
public final class Udx implements Closeable {
    private static final System.Logger LOG = System.getLogger(Udx.class.getName());

    /** So many packets in a millisecond, and the thread lets some gather before it goes on. */
    private static final int BUSY_PACKETS = 32;

    /** With so many in one round enough have gathered. */
    private static final int GATHERED_PACKETS = 64;

    private static final long GATHERING_NANOS = 100_000;

    private final DatagramEngine engine;
    private final Thread thread;
    private final long startedAt = System.nanoTime();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<UdxStream> scheduled = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean sleeping = new AtomicBoolean();
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile boolean closing;

    // For the thread alone.
    private final Map<Integer, UdxStream> streams = new HashMap<>();
    private final List<UdxSocket> sockets = new ArrayList<>();
    private final TimerHeap timers = new TimerHeap();
    private final UdxPacket packet = new UdxPacket();
    private List<UdxStream> touchedStreams = new ArrayList<>();
    private List<UdxStream> flushing = new ArrayList<>();
    private final List<UdxSocket> touchedSockets = new ArrayList<>();
    private @Nullable UdxStream recent;
    private long now;
    private int roundPackets;
    private int recentPackets;
    private long recentSince;
    private boolean busy;

    /** Starts the thread. */
    public Udx() throws IOException {
        this(DatagramEngine.open());
    }

    Udx(DatagramEngine engine) {
        this.engine = engine;
        now = clock();
        thread = Thread.ofPlatform().name("udx").daemon().unstarted(this::run);
        thread.start();
    }

    /**
     * Opens a port.
     *
     * @param listener takes what is not UDX
     */
    public UdxSocket bind(InetSocketAddress local, DatagramListener listener) throws IOException {
        UdxSocket socket = new UdxSocket(this, engine.bind(local), listener);
        if (!execute(() -> add(socket))) {
            socket.port().close();
            throw new IOException("closed");
        }
        return socket;
    }

    /** A stream that is not connected and takes no packets until it is. */
    public UdxStream createStream(int id, UdxOptions options, StreamListener listener) {
        return createStream(id, options, listener, Firewall.CLOSED);
    }

    /**
     * A stream that is not connected.
     *
     * @param id the number by which the other side addresses it; when there is such a stream already, that one is closed
     */
    public UdxStream createStream(int id, UdxOptions options, StreamListener listener, Firewall firewall) {
        UdxStream stream = new UdxStream(this, id, options, listener, firewall, clock());
        boolean open = execute(() -> {
            UdxStream former = streams.put(id, stream);
            if (former != null) {
                former.core().abandon(CloseReason.DESTROYED);
                touch(former);
            }
        });
        if (!open) {
            throw new IllegalStateException("closed");
        }
        return stream;
    }

    /** Destroys every stream, closes every socket, and waits for the thread to end unless it is the caller. */
    @Override
    public void close() {
        closing = true;
        wakeUp();
        if (isLoopThread()) {
            return;
        }
        try {
            finished.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isLoopThread() {
        return Thread.currentThread().equals(thread);
    }

    /** The time of the present round of the loop. */
    long now() {
        return now;
    }

    private long clock() {
        return 1_000_000 + (System.nanoTime() - startedAt) / 1_000;
    }

    /** Runs something on the thread, at once when called there. Returns false when all is closed and it will not run. */
    boolean execute(Runnable task) {
        if (isLoopThread()) {
            task.run();
            return true;
        }
        tasks.add(task);
        wakeUp();
        return finished.getCount() > 0 || !tasks.remove(task);
    }

    /** A stream has something to send. */
    void schedule(UdxStream stream) {
        scheduled.add(stream);
        wakeUp();
    }

    private void wakeUp() {
        if (sleeping.compareAndSet(true, false)) {
            engine.wakeUp();
        }
    }

    // What follows is for the thread alone.

    void touch(UdxStream stream) {
        if (!stream.touched) {
            stream.touched = true;
            touchedStreams.add(stream);
        }
    }

    void touch(UdxSocket socket) {
        if (!socket.touched) {
            socket.touched = true;
            touchedSockets.add(socket);
        }
    }

    private void run() {
        try {
            while (!closing) {
                round();
            }
            for (UdxStream stream : List.copyOf(streams.values())) {
                stream.core().destroy();
                touch(stream);
            }
            flush();
        } catch (IOException e) {
            LOG.log(Level.ERROR, "the network is gone", e);
        } finally {
            streams.values().forEach(stream -> stream.core().abandon(CloseReason.SOCKET_CLOSED));
            sockets.forEach(UdxSocket::release);
            engine.close();
            finished.countDown();
            // Who comes after the count finds it, and takes back what it has put in.
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                guard(task);
            }
        }
    }

    private void round() throws IOException {
        now = clock();
        roundPackets = 0;
        boolean more = false;
        for (int i = 0; i < sockets.size(); i++) {
            UdxSocket socket = sockets.get(i);
            if (!socket.port().ready()) {
                touch(socket);
            }
            more |= socket.port().receive((datagram, from) -> onDatagram(socket, datagram, from));
        }
        runTasks();
        for (UdxStream stream = scheduled.poll(); stream != null; stream = scheduled.poll()) {
            stream.unqueue();
            touch(stream);
        }
        now = clock();
        for (UdxStream stream = timers.poll(now); stream != null; stream = timers.poll(now)) {
            stream.core().onTimer(now);
            touch(stream);
        }
        flush();
        if (!more) {
            gather();
        }
        await(more);
    }

    /**
     * When packets come one by one in quick succession, waits for some more: then they cost one system call together, one
     * acknowledgement answers them, and what they let go leaves as one piece. Never when somebody waits for a single answer.
     */
    private void gather() {
        recentPackets += roundPackets;
        if (now - recentSince >= 1_000) {
            busy = recentPackets >= BUSY_PACKETS && now - recentSince < 2_000;
            recentPackets = 0;
            recentSince = now;
        }
        if (busy && roundPackets < GATHERED_PACKETS) {
            LockSupport.parkNanos(this, GATHERING_NANOS);
        }
    }

    private void await(boolean more) throws IOException {
        sleeping.set(true);
        // Whoever adds something after this check finds the thread sleeping and wakes it.
        boolean busy = more || !tasks.isEmpty() || !scheduled.isEmpty() || !touchedStreams.isEmpty() || closing;
        long timeout = timers.nextAt() == StreamCore.NEVER ? 60_000_000 : timers.nextAt() - clock();
        engine.await(busy ? 0 : timeout);
        sleeping.set(false);
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            guard(task);
            recent = null; // it may have put another stream in the place of that one
        }
    }

    private void onDatagram(UdxSocket socket, ByteBuffer datagram, InetSocketAddress from) {
        // What was asked for before the datagram came is done before it is looked at: a stream that was made and
        // connected by then gets its first packet, which nobody would send again if it is a message.
        runTasks();
        if (socket.isClosed()) {
            return;
        }
        if (!UdxPacket.isUdx(datagram)) {
            guard(() -> socket.listener().onDatagram(datagram, from));
            return;
        }
        if (!packet.read(datagram)) {
            return;
        }
        roundPackets++;
        UdxStream stream = recent;
        if (stream == null || stream.id() != packet.streamId()) {
            stream = streams.get(packet.streamId());
            if (stream == null) {
                return;
            }
            recent = stream;
        }
        touch(stream);
        try {
            if (stream.isRelayed()) {
                stream.pass(socket, from, datagram, packet.is(UdxPacket.DESTROY));
            } else {
                stream.onPacket(socket, packet, from, now);
            }
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a firewall failed", e);
        }
    }

    /** What the owner of one stream does wrong must not end the others. */
    private static void guard(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a callback failed", e);
        }
    }

    private void flush() {
        while (!touchedStreams.isEmpty()) {
            List<UdxStream> batch = touchedStreams;
            touchedStreams = flushing;
            flushing = batch;
            for (int i = 0; i < batch.size(); i++) {
                UdxStream stream = batch.get(i);
                stream.touched = false;
                flush(stream);
            }
            batch.clear();
        }
        for (int i = 0; i < touchedSockets.size(); i++) {
            UdxSocket socket = touchedSockets.get(i);
            socket.touched = false;
            if (!socket.isClosed()) {
                flush(socket);
            }
        }
        touchedSockets.clear();
    }

    private void flush(UdxStream stream) {
        UdxSocket socket = stream.socket();
        StreamCore core = stream.core();
        if (socket != null && !socket.isClosed()) {
            core.flush(socket.port(), now);
            stream.publish();
            touch(socket);
        }
        if (core.isFinished() || (core.isOver() && (socket == null || socket.isClosed()))) {
            timers.remove(stream);
            streams.remove(stream.id(), stream);
            if (recent == stream) {
                recent = null;
            }
        } else {
            timers.atMost(stream, core.wakeAt());
        }
        if (core.isOver()) {
            stream.detach();
        }
    }

    private void flush(UdxSocket socket) {
        boolean wasBlocked = !socket.port().ready();
        socket.port().flush();
        if (wasBlocked && socket.port().ready()) {
            for (UdxStream stream : streams.values()) {
                if (stream.socket() == socket) {
                    touch(stream);
                }
            }
        }
    }

    private void add(UdxSocket socket) {
        if (finished.getCount() == 0) {
            socket.release();
        } else {
            sockets.add(socket);
        }
    }

    void closeSocket(UdxSocket socket) {
        if (socket.isClosed()) {
            return;
        }
        for (UdxStream stream : List.copyOf(streams.values())) {
            if (stream.socket() == socket) {
                stream.core().destroy(CloseReason.SOCKET_CLOSED);
                stream.core().flush(socket.port(), now);
                touch(stream);
            }
        }
        socket.port().flush();
        sockets.remove(socket);
        socket.release();
    }
}
