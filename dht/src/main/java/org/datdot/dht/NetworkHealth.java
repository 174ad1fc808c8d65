package org.datdot.dht;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Whether the network seems to be there, from how many requests were answered in the last four ticks (npm {@code dht-rpc},
 * {@code lib/health.js}).
 */
final class NetworkHealth {
    private static final int WINDOW = 4;
    private static final int OFFLINE_TICKS = 2;
    private static final long IDLE = 4;

    private enum Grade {
        UNKNOWN,
        HEALTHY,
        DEGRADED,
        OFFLINE
    }

    private final Deque<Grade> window = new ArrayDeque<>();
    private long responses;
    private long timeouts;
    private int offlineTicks;
    private boolean online = true;
    private boolean degraded;

    /** Whether anything was answered lately; true until there is reason to doubt it. */
    boolean online() {
        return online;
    }

    /** Whether most requests were not answered lately. */
    boolean degraded() {
        return degraded;
    }

    void reset() {
        window.clear();
        offlineTicks = 0;
        online = true;
        degraded = false;
    }

    /** Once a tick, with the totals so far. */
    void update(long totalResponses, long totalTimeouts) {
        long newResponses = totalResponses - responses;
        long newTimeouts = totalTimeouts - timeouts;
        responses = totalResponses;
        timeouts = totalTimeouts;
        if (window.size() == WINDOW) window.removeFirst();
        boolean cold = window.size() < WINDOW - 1;
        if (cold || newResponses + newTimeouts < IDLE) {
            window.addLast(Grade.UNKNOWN);
            return;
        }
        Grade grade = newResponses == 0 ? Grade.OFFLINE : newTimeouts > newResponses ? Grade.DEGRADED : Grade.HEALTHY;
        window.addLast(grade);
        offlineTicks = grade == Grade.OFFLINE ? offlineTicks + 1 : 0;
        if (grade != Grade.OFFLINE) online = true;
        else if (offlineTicks >= OFFLINE_TICKS) online = false;
        if (!online || all(Grade.HEALTHY)) degraded = false;
        else if (all(Grade.DEGRADED)) degraded = true;
    }

    private boolean all(Grade grade) {
        return window.size() == WINDOW && window.stream().allMatch(grade::equals);
    }
}
