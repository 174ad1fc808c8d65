package org.datdot.chain;

/** Where the nodes of a {@link StateTrie} are that are not in memory. Thread-safe. */
interface TrieNodes {
    /** Of a state all of which is in memory. */
    TrieNodes NONE = stored -> {
        throw new IllegalStateException("node " + stored.id() + " of a state in memory is stored nowhere");
    };

    /**
     * Reads a node.
     *
     * @throws ChainException when it is damaged, or of a state that is not kept any more
     */
    TrieNode load(StoredNode stored);

    /** The same for a long walk: what is read this way is not kept in memory for others, and nothing that is there when the walk begins goes away below it. Close it. */
    default Walk walk() {
        return new Walk(this, () -> {});
    }

    /**
     * Nodes as they are at a moment.
     *
     * @param nodes to read by
     * @param end lets go of them
     */
    record Walk(TrieNodes nodes, Runnable end) implements AutoCloseable {
        @Override
        public void close() {
            end.run();
        }
    }
}
