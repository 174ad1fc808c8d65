package org.datdot.chain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;

/**
 * A whole state with its Merkle root: the base-16 Patricia trie of Substrate with BLAKE2b-256, in its version 1 (crate {@code sp-trie}). The root follows from the entries
 * alone, not from how they came about, and any entry, or that there is none, can be proven against it ({@link StateProof}).
 *
 * <p>Immutable: a changed state shares all it can with the one before, so that a block costs what it changes, older states cost what was changed since, and any thread
 * may read without locks. What a block changed is in memory until {@link StateStore} has stored it; the rest is read from there when it is asked for.
 */
final class StateTrie implements StateReader {
    private static final byte[] NO_NODE = {0};

    /** Nothing. */
    static final StateTrie EMPTY = new StateTrie(TrieNodes.NONE, null, -1);

    /** The number of a state whose top is not stored. */
    static final long NOT_STORED = -1;

    private final TrieNodes nodes;
    private final @Nullable TrieNode top;
    private final long topId;
    private final Hash root;

    private StateTrie(TrieNodes nodes, @Nullable TrieNode top, long topId) {
        this.nodes = nodes;
        this.top = top;
        this.topId = topId;
        // Computes all references that are new: nodes are complete before other threads see them.
        this.root = new Hash(Blake2b.hash(bytesOf(top)));
    }

    private static byte[] bytesOf(@Nullable TrieNode top) {
        return top == null ? NO_NODE : top.encode();
    }

    /** A state whose top node is stored. */
    static StateTrie stored(TrieNodes nodes, TrieNode top, long topId) {
        return new StateTrie(nodes, top, topId);
    }

    /** Takes entries one by one and hashes them all at once. Not thread-safe. */
    static final class Builder {
        private final TrieNodes nodes;
        private @Nullable TrieLink top;

        /** Of a state in memory. */
        Builder() {
            this(TrieNodes.NONE, EMPTY);
        }

        /** On top of a state. */
        Builder(TrieNodes nodes, StateTrie state) {
            this.nodes = nodes;
            this.top = state.top;
        }

        /** Puts a value in place of any before; neither array may be changed afterwards. */
        void put(byte[] key, byte[] value) {
            top = TrieNode.put(nodes, top, 0, key, value);
        }

        StateTrie build() {
            return new StateTrie(nodes, top == null ? null : top.node(nodes), NOT_STORED);
        }
    }

    /** What commits to all entries. */
    Hash root() {
        return root;
    }

    /** The state after changes. */
    StateTrie with(StateChanges changes) {
        TrieLink changed = top;
        for (StateChanges.Change change : changes.list()) {
            byte[] value = change.value();
            changed = value == null
                    ? TrieNode.remove(nodes, changed, change.key())
                    : TrieNode.put(nodes, changed, 0, change.key(), value);
        }
        return changed == top ? this : new StateTrie(nodes, changed == null ? null : changed.node(nodes), NOT_STORED);
    }

    /** The top node, null where there is no entry. */
    @Nullable
    TrieNode top() {
        return top;
    }

    /** The number the top node is stored under, or {@link #NOT_STORED}. */
    long topId() {
        return topId;
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        TrieNode at = top;
        while (at != null && at.commonWith(key) == at.end()) {
            if (at.end() == TrieNode.nibbles(key)) {
                return at.value();
            }
            at = next(nodes, at, key);
        }
        return null;
    }

    private static @Nullable TrieNode next(TrieNodes nodes, TrieNode at, byte[] key) {
        TrieLink link = at.child(TrieNode.nibble(key, at.end()));
        return link == null ? null : link.node(nodes);
    }

    @Override
    public void forEach(byte[] prefix, Visitor visitor) {
        try (TrieNodes.Walk walk = nodes.walk()) {
            TrieNode below = below(walk.nodes(), prefix);
            if (below != null) {
                below.walk(walk.nodes(), null, visitor);
            }
        }
    }

    /** At most {@code count} keys that begin with {@code prefix} and come after the key {@code after}. */
    List<byte[]> keys(byte[] prefix, byte[] after, int count) {
        List<byte[]> keys = new ArrayList<>();
        boolean within = startsWith(after, prefix);
        TrieNode below = within || Arrays.compareUnsigned(after, prefix) < 0 ? below(nodes, prefix) : null;
        if (below != null && count > 0) {
            below.walk(nodes, within ? after : null, (key, value) -> {
                keys.add(key);
                return keys.size() < count;
            });
        }
        return keys;
    }

    /** The highest node below which all keys begin with a prefix, and all that do are. */
    private @Nullable TrieNode below(TrieNodes from, byte[] prefix) {
        TrieNode at = top;
        while (at != null) {
            int common = at.commonWith(prefix);
            if (common == TrieNode.nibbles(prefix)) {
                return at;
            }
            at = common < at.end() ? null : next(from, at, prefix);
        }
        return null;
    }

    /**
     * What proves the values of some keys, or that they have none: the bytes of the nodes on the way to each of them, and of values that are in their node by
     * their hash. Each once, in the order of the ways.
     */
    List<byte[]> proof(List<byte[]> keys) {
        Map<Hash, byte[]> proof = new LinkedHashMap<>();
        add(proof, bytesOf(top));
        for (byte[] key : keys) {
            prove(key, proof);
        }
        return List.copyOf(proof.values());
    }

    private void prove(byte[] key, Map<Hash, byte[]> proof) {
        TrieNode at = top;
        while (at != null) {
            if (at != top) {
                byte[] bytes = at.encode();
                // Shorter ones are inside the one before.
                if (bytes.length >= TrieNode.REFERENCE_BYTES) {
                    add(proof, bytes);
                }
            }
            if (at.commonWith(key) < at.end()) {
                return;
            }
            if (at.end() == TrieNode.nibbles(key)) {
                byte[] value = at.value();
                if (value != null && value.length >= TrieNode.HASHED_VALUE_BYTES) {
                    add(proof, value);
                }
                return;
            }
            at = next(nodes, at, key);
        }
    }

    private static void add(Map<Hash, byte[]> proof, byte[] bytes) {
        proof.put(new Hash(Blake2b.hash(bytes)), bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StateTrie that && root.equals(that.root);
    }

    @Override
    public int hashCode() {
        return root.hashCode();
    }

    @Override
    public String toString() {
        return "state " + root;
    }

    static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }
}
