package org.datdot.chain;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;

/**
 * A light client's view of a state: some nodes of its trie, which prove the values of some keys, or that they have none, to who knows the root out of a signed {@link Header}.
 * Made by a node that has all of the state ({@code state_getReadProof}), and believed without believing that node. Immutable.
 */
public final class StateProof {
    private final Hash root;
    private final Map<Hash, byte[]> nodes = new HashMap<>();

    /**
     * Nodes below a root, in any order.
     *
     * @param root a header's state root
     * @param nodes bytes of nodes and values
     */
    public StateProof(Hash root, List<byte[]> nodes) {
        this.root = root;
        for (byte[] node : nodes) {
            this.nodes.put(new Hash(Blake2b.hash(node)), node.clone());
        }
    }

    /**
     * The value of a key, proven; nothing where it is proven that there is none.
     *
     * @throws StateProofException when the nodes do not reach to either, or are not those of a trie
     */
    public Optional<byte[]> get(byte[] key) {
        try {
            return find(node(root), key);
        } catch (DecodingException e) {
            throw new StateProofException("a node of the proof cannot be read: " + e.getMessage(), e);
        }
    }

    private Optional<byte[]> find(byte[] top, byte[] key) {
        byte[] bytes = top;
        int at = 0;
        while (true) {
            ScaleDecoder in = new ScaleDecoder(bytes);
            int first = in.u8();
            if (first == 0) {
                in.requireEnd();
                return Optional.empty();
            }
            Kind kind = Kind.of(first);
            int count = count(in, first, kind);
            boolean agrees = agrees(in, key, at, count);
            at += count;
            int children = kind.branch ? in.u16() : 0;
            byte[] value = kind.value == Value.INLINE ? in.bytes() : new byte[0];
            byte[] valueHash = kind.value == Value.HASHED ? in.fixed(Hash.BYTES) : new byte[0];
            if (!agrees) {
                return Optional.empty();
            }
            if (at == TrieNode.nibbles(key)) {
                return switch (kind.value) {
                    case NONE -> Optional.empty();
                    case INLINE -> Optional.of(value);
                    case HASHED -> Optional.of(node(new Hash(valueHash)).clone());
                };
            }
            int nibble = TrieNode.nibble(key, at);
            if ((children & 1 << nibble) == 0) {
                return Optional.empty();
            }
            for (int before = Integer.bitCount(children & ((1 << nibble) - 1)); before > 0; before--) {
                in.bytes();
            }
            byte[] reference = in.bytes();
            if (reference.length > Hash.BYTES) {
                throw new DecodingException("a reference has at most 32 bytes, not " + reference.length);
            }
            bytes = reference.length == Hash.BYTES ? node(new Hash(reference)) : reference;
            at++;
        }
    }

    /** How a value is in its node. */
    private enum Value {
        NONE,
        INLINE,
        HASHED
    }

    /** What a node's first byte says. */
    private record Kind(boolean branch, Value value, int sizeBits) {
        private static Kind of(int first) {
            if ((first & 0xc0) == TrieNode.LEAF) {
                return new Kind(false, Value.INLINE, 6);
            }
            if ((first & 0xc0) == TrieNode.BRANCH) {
                return new Kind(true, Value.NONE, 6);
            }
            if ((first & 0xc0) == TrieNode.BRANCH_WITH_VALUE) {
                return new Kind(true, Value.INLINE, 6);
            }
            if ((first & 0xe0) == TrieNode.LEAF_WITH_HASH) {
                return new Kind(false, Value.HASHED, 5);
            }
            if ((first & 0xf0) == TrieNode.BRANCH_WITH_HASH) {
                return new Kind(true, Value.HASHED, 4);
            }
            throw new DecodingException("a node does not begin with " + first);
        }
    }

    private static int count(ScaleDecoder in, int first, Kind kind) {
        int most = (1 << kind.sizeBits) - 1;
        int count = first & most;
        if (count < most) {
            return count;
        }
        while (true) {
            int more = in.u8();
            count += more;
            if (more < 255) {
                return count;
            }
        }
    }

    /** Takes a node's nibbles off and tells whether they are those of a key from {@code at} on. */
    private static boolean agrees(ScaleDecoder in, byte[] key, int at, int count) {
        byte[] packed = in.fixed((count + 1) / 2);
        if (at + count > TrieNode.nibbles(key)) {
            return false;
        }
        int padding = count & 1;
        for (int i = 0; i < count; i++) {
            if (TrieNode.nibble(packed, i + padding) != TrieNode.nibble(key, at + i)) {
                return false;
            }
        }
        return true;
    }

    private byte[] node(Hash hash) {
        byte[] bytes = nodes.get(hash);
        if (bytes == null) {
            throw new StateProofException("the proof lacks the node " + hash, null);
        }
        return bytes;
    }
}
