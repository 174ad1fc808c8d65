package org.datdot.hypercore;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.Hash;

/**
 * A core of an open store with the one replicator that serves it, and how many handles there are. Without a handle it is
 * served to peers who ask for it, but wants nothing itself.
 */
final class OpenCore {
    private final OpenStore store;
    private final CoreState state;
    private final Replicator replicator;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, SessionState> sessions = new HashMap<>();
    private final Semaphore exclusive = new Semaphore(1, true);
    private int handles;

    OpenCore(OpenStore store, CoreState state) {
        this.store = store;
        this.state = state;
        this.replicator = new Replicator(state);
        replicator.downloading(false);
    }

    CoreState state() {
        return state;
    }

    Replicator replicator() {
        return replicator;
    }

    /** A handle on the session of a name. */
    CoreSession session(Hypercore core, String name, CoreCodec codec) {
        lock.lock();
        try {
            SessionState session = sessions.get(name);
            if (session == null) {
                session = new SessionState(state, store.session(state, name));
                sessions.put(name, session);
            }
            return new CoreSession(core, name, session, codec);
        } finally {
            lock.unlock();
        }
    }

    List<String> sessions() {
        return store.sessions(state.pointers().corePointer()).all().stream()
                .map(StoreRecord.Sessions.Named::name)
                .toList();
    }

    /** Removes a session; false when there is none of that name. */
    boolean deleteSession(String name) {
        lock.lock();
        try {
            SessionState open = sessions.remove(name);
            if (open != null) open.close();
            return store.deleteSession(state.pointers().corePointer(), name);
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is to be replicated over every connection rather than only on request. */
    boolean wanted() {
        lock.lock();
        try {
            return handles > 0;
        } finally {
            lock.unlock();
        }
    }

    void join(Hash topic) {
        state.group().join(state, store.group(topic));
    }

    /** Waits until no exclusive handle is open. */
    void lockExclusive() {
        try {
            exclusive.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for another handle of core " + state.key(), e);
        }
    }

    void unlockExclusive() {
        exclusive.release();
    }

    void retain() {
        lock.lock();
        try {
            if (++handles == 1) replicator.downloading(!state.hosted());
        } finally {
            lock.unlock();
        }
    }

    void release() {
        lock.lock();
        try {
            if (--handles == 0) replicator.downloading(false);
        } finally {
            lock.unlock();
        }
    }

    void close() {
        replicator.close();
        state.close();
    }
}
