package org.datdot.hypercore;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.PublicKey;

/** Passes a core's events on to one watcher, in order, on a virtual thread that lives as long as there are events. */
final class CoreEvents implements CoreListener, Subscription {
    private static final System.Logger LOG = System.getLogger(CoreEvents.class.getName());

    /** Peers decide how many uploads there are, so they may only take so much room here. */
    private static final int MAX_UPLOADS_WAITING = 1024;

    private final CoreState core;
    private final CoreWatcher watcher;
    private final int paddingBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private boolean running;
    private int uploads;

    CoreEvents(CoreState core, CoreWatcher watcher, int paddingBytes) {
        this.core = core;
        this.paddingBytes = paddingBytes;
        this.watcher = watcher;
        core.addListener(this);
    }

    @Override
    public void onHead(CoreState state, TreeHead previous, boolean local) {
        TreeHead head = state.head();
        if (head.fork() == previous.fork()) tell(() -> watcher.appended(head));
    }

    @Override
    public void onTruncate(CoreState state, TreeHead previous, long ancestors) {
        TreeHead head = state.head();
        tell(() -> watcher.truncated(ancestors, head));
    }

    @Override
    public void onDownload(CoreState state, long start, long end) {
        tell(() -> watcher.downloaded(new BlockRange(start, end)));
    }

    @Override
    public void onReceive(CoreState state, long index, long byteLength, PublicKey peer) {
        tell(() -> watcher.received(index, byteLength - paddingBytes, peer));
    }

    @Override
    public void onPeer(CoreState state, PublicKey peer, boolean added) {
        tell(added ? () -> watcher.peerAdded(peer) : () -> watcher.peerRemoved(peer));
    }

    @Override
    public void onRemoteContiguous(CoreState state, long length) {
        tell(() -> watcher.remoteContiguousLength(length));
    }

    @Override
    public void onUpload(CoreState state, long index, long byteLength, PublicKey peer) {
        lock.lock();
        try {
            if (uploads >= MAX_UPLOADS_WAITING) return;
            uploads++;
        } finally {
            lock.unlock();
        }
        tell(() -> {
            told();
            watcher.uploaded(index, byteLength - paddingBytes, peer);
        });
    }

    private void told() {
        lock.lock();
        try {
            uploads--;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onClose(CoreState state) {
        close();
    }

    private void tell(Runnable event) {
        lock.lock();
        try {
            waiting.add(event);
            if (running) return;
            running = true;
        } finally {
            lock.unlock();
        }
        Thread.ofVirtual().name("datdot-core-event").start(this::run);
    }

    private void run() {
        while (true) {
            Runnable next;
            lock.lock();
            try {
                next = waiting.poll();
                if (next == null) {
                    running = false;
                    return;
                }
            } finally {
                lock.unlock();
            }
            try {
                next.run();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "a watcher of core " + core.key() + " failed", e);
            }
        }
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) return;
        core.removeListener(this);
        tell(watcher::closed);
    }
}
