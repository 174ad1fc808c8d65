package org.datdot.chain;

import java.util.Arrays;
import org.datdot.crypto.Blake2b;
import org.datdot.encoding.ScaleEncoder;
import org.jspecify.annotations.Nullable;

/**
 * A node of {@link StateTrie}: the nibbles of its keys from {@code from} to {@code end}, the value of the key that ends there, and what follows by the next
 * nibble. Immutable, but for its reference, which is computed once; {@link StateTrie} does so before others see the node.
 *
 * <p>Bytes as in the trie of Substrate in its version 1 (crate {@code sp-trie}, {@code node_header.rs}, {@code node_codec.rs}): a header with the count of nibbles, the
 * nibbles, for a branch a bit map of its children, the value or, where it has 33 bytes or more, its BLAKE2b-256, and the children's references. A node's reference is its bytes
 * where they are fewer than 32, else their BLAKE2b-256.
 */
final class TrieNode {
    /** Values from this length on are in their node by their hash only. */
    static final int HASHED_VALUE_BYTES = 33;

    static final int REFERENCE_BYTES = 32;

    static final int LEAF = 0b01 << 6;
    static final int BRANCH = 0b10 << 6;
    static final int BRANCH_WITH_VALUE = 0b11 << 6;
    static final int LEAF_WITH_HASH = 0b001 << 5;
    static final int BRANCH_WITH_HASH = 0b0001 << 4;

    private static final TrieNode[] NONE = {};

    /** Any key below this node, or its own: the nibbles before {@code end} are those of all of them. */
    private final byte[] key;

    private final int from;
    private final int end;
    private final byte @Nullable [] value;
    /** One bit for each nibble that a child begins with. */
    private final int childBits;
    /** They, in the order of nibbles, without gaps. */
    private final TrieNode[] children;

    private byte @Nullable [] reference;

    private TrieNode(byte[] key, int from, int end, byte @Nullable [] value, int childBits, TrieNode[] children) {
        this.key = key;
        this.from = from;
        this.end = end;
        this.value = value;
        this.childBits = childBits;
        this.children = children;
    }

    static int nibble(byte[] key, int at) {
        int both = key[at >> 1];
        return (at & 1) == 0 ? (both >> 4) & 0xf : both & 0xf;
    }

    static int nibbles(byte[] key) {
        return 2 * key.length;
    }

    private static TrieNode leaf(byte[] key, int from, byte[] value) {
        return new TrieNode(key, from, nibbles(key), value, 0, NONE);
    }

    /** The trie below {@code node}, which begins at nibble {@code from}, with an entry more or another value; the same node when nothing changes. */
    static TrieNode put(@Nullable TrieNode node, int from, byte[] key, byte[] value) {
        if (node == null) {
            return leaf(key, from, value);
        }
        int common = node.commonWith(key);
        if (common < node.end) {
            TrieNode lower = node.startingAt(common + 1);
            boolean endsHere = common == nibbles(key);
            TrieNode branch = new TrieNode(
                    endsHere ? key : node.key,
                    from,
                    common,
                    endsHere ? value : null,
                    1 << nibble(node.key, common),
                    new TrieNode[] {lower});
            return endsHere ? branch : branch.withChild(nibble(key, common), leaf(key, common + 1, value));
        }
        if (node.end == nibbles(key)) {
            return Arrays.equals(node.value, value)
                    ? node
                    : new TrieNode(key, from, node.end, value, node.childBits, node.children);
        }
        int nibble = nibble(key, node.end);
        TrieNode child = node.child(nibble);
        TrieNode put = put(child, node.end + 1, key, value);
        return put == child ? node : node.withChild(nibble, put);
    }

    /** The trie below {@code node} without a key; null when nothing is left, the same node when there is no such key. */
    static @Nullable TrieNode remove(@Nullable TrieNode node, byte[] key) {
        if (node == null || node.commonWith(key) < node.end) {
            return node;
        }
        if (node.end == nibbles(key)) {
            return node.value == null ? node : shrink(node, null, node.childBits, node.children);
        }
        int nibble = nibble(key, node.end);
        TrieNode child = node.child(nibble);
        TrieNode left = remove(child, key);
        if (left == child) {
            return node;
        }
        return left != null ? node.withChild(nibble, left) : node.withoutChild(nibble);
    }

    /** A node after something was taken from it: a branch has two children, or one and a value. */
    private static @Nullable TrieNode shrink(
            TrieNode node, byte @Nullable [] value, int childBits, TrieNode[] children) {
        if (value == null && children.length == 0) {
            return null;
        }
        if (value == null && children.length == 1) {
            return children[0].startingAt(node.from);
        }
        return new TrieNode(node.key, node.from, node.end, value, childBits, children);
    }

    private TrieNode startingAt(int other) {
        return new TrieNode(key, other, end, value, childBits, children);
    }

    private TrieNode withChild(int nibble, TrieNode child) {
        int at = place(nibble);
        TrieNode[] more;
        if ((childBits & 1 << nibble) != 0) {
            more = children.clone();
        } else {
            more = new TrieNode[children.length + 1];
            System.arraycopy(children, 0, more, 0, at);
            System.arraycopy(children, at, more, at + 1, children.length - at);
        }
        more[at] = child;
        return new TrieNode(key, from, end, value, childBits | 1 << nibble, more);
    }

    private @Nullable TrieNode withoutChild(int nibble) {
        int at = place(nibble);
        TrieNode[] fewer = new TrieNode[children.length - 1];
        System.arraycopy(children, 0, fewer, 0, at);
        System.arraycopy(children, at + 1, fewer, at, fewer.length - at);
        return shrink(this, value, childBits & ~(1 << nibble), fewer);
    }

    private int place(int nibble) {
        return Integer.bitCount(childBits & ((1 << nibble) - 1));
    }

    /** What follows this node by a nibble. */
    @Nullable
    TrieNode child(int nibble) {
        return (childBits & 1 << nibble) == 0 ? null : children[place(nibble)];
    }

    /** Up to which nibble a key and this node's own agree, at most to the end of this node. */
    int commonWith(byte[] other) {
        int until = Math.min(end, nibbles(other));
        int at = from;
        while (at < until && nibble(key, at) == nibble(other, at)) {
            at++;
        }
        return at;
    }

    /** Where the node's nibbles end. */
    int end() {
        return end;
    }

    /** The value of the key that ends here. */
    byte @Nullable [] value() {
        return value;
    }

    /**
     * Shows the entries of this node and below, in the order of keys.
     *
     * @param after only keys after this one; null when all of them are
     * @return false when the visitor ended it
     */
    boolean walk(byte @Nullable [] after, org.datdot.ledger.StateReader.Visitor visitor) {
        int bound = -1;
        if (after != null) {
            int common = commonWith(after);
            if (common == nibbles(after)) {
                // All keys below begin with it; only one that ends there is not after it.
                bound = common == end ? 0 : -1;
            } else if (common < end) {
                if (nibble(key, common) < nibble(after, common)) {
                    return true;
                }
            } else {
                bound = nibble(after, end) + 1;
            }
        }
        byte[] own = value;
        if (own != null && bound < 0 && !visitor.visit(ownKey(), own)) {
            return false;
        }
        for (int nibble = Math.max(0, bound - 1); nibble < 16; nibble++) {
            TrieNode child = child(nibble);
            if (child != null && !child.walk(nibble == bound - 1 ? after : null, visitor)) {
                return false;
            }
        }
        return true;
    }

    private byte[] ownKey() {
        return nibbles(key) == end ? key : Arrays.copyOf(key, end >> 1);
    }

    /** What a parent has of this node. */
    byte[] reference() {
        byte[] known = reference;
        if (known == null) {
            byte[] bytes = encode();
            known = bytes.length < REFERENCE_BYTES ? bytes : Blake2b.hash(bytes);
            reference = known;
        }
        return known;
    }

    /** The node's bytes. */
    byte[] encode() {
        ScaleEncoder out = new ScaleEncoder();
        byte[] own = value;
        boolean hashed = own != null && own.length >= HASHED_VALUE_BYTES;
        if (children.length == 0) {
            header(out, hashed ? LEAF_WITH_HASH : LEAF, hashed ? 5 : 6);
        } else if (own == null) {
            header(out, BRANCH, 6);
        } else {
            header(out, hashed ? BRANCH_WITH_HASH : BRANCH_WITH_VALUE, hashed ? 4 : 6);
        }
        if (children.length > 0) {
            out.u16(childBits);
        }
        if (own != null) {
            if (hashed) {
                out.fixed(Blake2b.hash(own));
            } else {
                out.bytes(own);
            }
        }
        for (TrieNode child : children) {
            out.bytes(child.reference());
        }
        return out.toBytes();
    }

    private void header(ScaleEncoder out, int kind, int sizeBits) {
        int count = end - from;
        int most = (1 << sizeBits) - 1;
        out.u8(kind | Math.min(count, most));
        if (count >= most) {
            int rest = count - most;
            for (; rest >= 255; rest -= 255) {
                out.u8(255);
            }
            out.u8(rest);
        }
        int at = from;
        if ((count & 1) == 1) {
            out.u8(nibble(key, at));
            at++;
        }
        for (; at < end; at += 2) {
            out.u8(nibble(key, at) << 4 | nibble(key, at + 1));
        }
    }
}
