package org.datdot.swarm;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When the peers of one topic are looked for and this one is announced, without I/O (npm {@code hyperswarm}, {@code
 * lib/peer-discovery.js}): at once when somebody joins or leaves, and about every ten minutes. For one thread at a time.
 */
final class TopicDiscovery {
    static final long REFRESH_MS = 600_000;
    static final long JITTER_MS = 120_000;
    /** Later than that means that this machine was asleep. All that were do not come back at the same moment. */
    static final long GRACE_MS = 30_000;

    /** What a refresh asks the DHT. */
    enum Query {
        /** Who is there; we are not. */
        LOOKUP,
        /** Who is there; we are, too. */
        ANNOUNCE,
        /** Who is there; we are not any more. */
        UNANNOUNCE
    }

    /**
     * One round.
     *
     * @param clock its number; a later one takes its place
     * @param query what is asked
     * @param clear whether announcements of an earlier life are to be withdrawn
     * @param dialling whether the peers found are wanted
     */
    record Refresh(long clock, Query query, boolean clear, boolean dialling) {}

    private final RandomGenerator random;
    private int serverSessions;
    private int clientSessions;
    private boolean server;
    private boolean client;
    private boolean announced;
    private boolean everAnnounced;
    private boolean suspended;
    private boolean closed;
    private long clock;
    private long dueMs = RetryTimer.NEVER;
    private @Nullable Refresh running;

    TopicDiscovery(RandomGenerator random, boolean suspended) {
        this.random = random;
        this.suspended = suspended;
    }

    /** Somebody joins, or leaves, as server or client; then {@link #refresh}. */
    void sessions(int serverChange, int clientChange) {
        serverSessions += serverChange;
        clientSessions += clientChange;
    }

    /** Whether nobody is there who joined. */
    boolean unused() {
        return serverSessions + clientSessions == 0;
    }

    /** A round to begin with now; null when the one under way does, or none may run. */
    @Nullable
    Refresh refresh() {
        if (closed || suspended || unused()) return null;
        boolean nowServer = serverSessions > 0;
        boolean nowClient = clientSessions > 0;
        if (running != null && nowServer == server && nowClient == client) return null;
        server = nowServer;
        client = nowClient;
        dueMs = RetryTimer.NEVER;
        Query query = server ? Query.ANNOUNCE : announced ? Query.UNANNOUNCE : Query.LOOKUP;
        running = new Refresh(++clock, query, server && !everAnnounced, client);
        if (server) everAnnounced = true;
        return running;
    }

    /** Whether a round is still the newest, and its results count. */
    boolean current(Refresh refresh) {
        return !closed && !suspended && refresh.clock() == clock;
    }

    /** A round begins to tell others that we are here. */
    void announcing() {
        announced = true;
    }

    /** A round is over, well or not. */
    void finished(Refresh refresh, boolean well, long nowMs) {
        if (refresh.clock() != clock) return;
        running = null;
        if (well && refresh.query() != Query.ANNOUNCE) announced = false;
        if (!closed && !suspended) dueMs = nowMs + REFRESH_MS + jitterMs();
    }

    /** A round to begin with because it is time; null when it is not. */
    @Nullable
    Refresh wake(long nowMs) {
        if (dueMs > nowMs) return null;
        if (nowMs - dueMs > GRACE_MS) {
            dueMs = nowMs + jitterMs();
            return null;
        }
        return refresh();
    }

    /** When to call {@link #wake}. */
    long nextWakeMs() {
        return dueMs;
    }

    /** Whether a round runs. */
    boolean refreshing() {
        return running != null;
    }

    /** Whether others may still take us for being here: then withdraw, and call {@link #withdrawn}. */
    boolean announced() {
        return announced;
    }

    void withdrawn() {
        announced = false;
    }

    boolean server() {
        return server;
    }

    boolean client() {
        return client;
    }

    /** No more rounds until {@link #resume}; the one under way does not count. */
    void suspend() {
        suspended = true;
        stop();
    }

    /** Goes on; then {@link #refresh}. */
    void resume() {
        suspended = false;
    }

    /** No more rounds at all. */
    void close() {
        closed = true;
        stop();
    }

    boolean closed() {
        return closed;
    }

    private void stop() {
        clock++;
        running = null;
        dueMs = RetryTimer.NEVER;
    }

    private long jitterMs() {
        return random.nextLong(JITTER_MS + 1);
    }
}
