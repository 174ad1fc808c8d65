package org.datdot.interop;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Passes TCP connections on to a port, until it is told to read nothing more that comes back from there: to the one who
 * listens at the port it is a peer that has stopped reading its socket.
 */
final class StallingRelay implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;

    private final int target;
    private final ServerSocket server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean stalled;
    private boolean closed;

    StallingRelay(int target) {
        this.target = target;
        try {
            server = new ServerSocket();
            server.bind(JavaPeer.local(0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.startVirtualThread(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Whether what comes back is left unread. */
    void stall(boolean value) {
        lock.lock();
        try {
            stalled = value;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket near = keep(server.accept());
                Socket far = new Socket();
                far.setReceiveBufferSize(BUFFER_BYTES);
                far.connect(JavaPeer.local(target));
                keep(far);
                Thread.startVirtualThread(() -> pass(near, far, false));
                Thread.startVirtualThread(() -> pass(far, near, true));
            }
        } catch (IOException e) {
            requireClosed(e);
        }
    }

    private Socket keep(Socket socket) throws IOException {
        sockets.add(socket);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private void pass(Socket from, Socket to, boolean back) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            while (!back || awaitGoing()) {
                int count = in.read(buffer);
                if (count < 0) return;
                out.write(buffer, 0, count);
            }
        } catch (IOException _) {
            // One end has closed, and so has the other now: what the test looks at is there.
        }
    }

    /** Waits while it is stalled; false when it is closed. */
    private boolean awaitGoing() {
        lock.lock();
        try {
            while (stalled && !closed) changed.awaitUninterruptibly();
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void requireClosed(IOException e) {
        lock.lock();
        try {
            if (!closed) throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            server.close();
            for (Socket socket : sockets) socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
