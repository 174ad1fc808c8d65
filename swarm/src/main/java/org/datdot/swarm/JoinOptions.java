package org.datdot.swarm;

/**
 * How a topic is joined.
 *
 * @param server whether this side is announced, so that others find it
 * @param client whether others are looked for
 * @param limit how many peers found under the topic are dialled at most
 */
public record JoinOptions(boolean server, boolean client, int limit) {
    /** To be found, and to find others. */
    public static final JoinOptions BOTH = new JoinOptions(true, true, Integer.MAX_VALUE);

    /** To be found. */
    public static final JoinOptions SERVER = new JoinOptions(true, false, Integer.MAX_VALUE);

    /** To find others. */
    public static final JoinOptions CLIENT = new JoinOptions(false, true, Integer.MAX_VALUE);

    /** Refuses what does nothing. */
    public JoinOptions {
        if (!server && !client) throw new IllegalArgumentException("a topic is joined as server, as client or as both");
        if (limit < 0) throw new IllegalArgumentException("a limit is not negative");
    }

    /** These with another limit. */
    public JoinOptions withLimit(int peers) {
        return new JoinOptions(server, client, peers);
    }
}
