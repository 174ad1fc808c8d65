package org.datdot.swarm;

import org.datdot.dht.Target;

/** One who joined a topic of a {@link Hyperswarm}; the topic is left when all who did are gone. Thread-safe. */
public final class TopicSession implements AutoCloseable {
    /** What a session does to the swarm. */
    interface Owner {
        boolean flushed();

        void refresh(JoinOptions options);

        boolean refreshIfOpen();

        void close();
    }

    private final Target topic;
    private final Owner owner;

    TopicSession(Target topic, Owner owner) {
        this.topic = topic;
        this.owner = owner;
    }

    /** What was joined. */
    public Target topic() {
        return topic;
    }

    /**
     * Waits until the round under way is over: this side is announced, the peers that were announced are known.
     *
     * @return false when nobody could be told or asked
     */
    public boolean flushed() {
        return owner.flushed();
    }

    /** Changes how the topic is joined, or looks again at once. */
    public void refresh(JoinOptions options) {
        owner.refresh(options);
    }

    /** Looks again at once, as it was joined; false when the topic was left or the swarm closed. */
    public boolean tryRefresh() {
        return owner.refreshIfOpen();
    }

    /** Leaves; waits until the announcement is withdrawn, if this was the last one as server. Closing twice does nothing. */
    @Override
    public void close() {
        owner.close();
    }
}
