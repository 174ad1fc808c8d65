package org.datdot.chain;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.datdot.crypto.Blake2b;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;
import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;

/**
 * A node of {@link StateTrie}: the nibbles of its keys from {@code from} to {@code end}, the value of the key that ends there, and what follows by the next
 * nibble. Immutable, but for its reference, which is computed once; {@link StateTrie} and {@link StateStore} do so before others see the node.
 *
 * <p>Bytes as in the trie of Substrate in its version 1 (crate {@code sp-trie}, {@code node_header.rs}, {@code node_codec.rs}): a header with the count of nibbles, the
 * nibbles, for a branch a bit map of its children, the value or, where it has 33 bytes or more, its BLAKE2b-256, and the children's references. A node's reference is its bytes
 * where they are fewer than 32, else their BLAKE2b-256.
 */
final class TrieNode implements TrieLink {
    /** Values from this length on are in their node by their hash only. */
    static final int HASHED_VALUE_BYTES = 33;

    static final int REFERENCE_BYTES = 32;

    static final int LEAF = 0b01 << 6;
    static final int BRANCH = 0b10 << 6;
    static final int BRANCH_WITH_VALUE = 0b11 << 6;
    static final int LEAF_WITH_HASH = 0b001 << 5;
    static final int BRANCH_WITH_HASH = 0b0001 << 4;

    private static final TrieLink[] NONE = {};

    /** Any key below this node, or its own: the nibbles before {@code end} are those of all of them. */
    private final byte[] key;

    private final int from;
    private final int end;
    private final byte @Nullable [] value;
    /** One bit for each nibble that a child begins with. */
    private final int childBits;
    /** They, in the order of nibbles, without gaps. */
    private final TrieLink[] children;

    private byte @Nullable [] reference;

    private TrieNode(byte[] key, int from, int end, byte @Nullable [] value, int childBits, TrieLink[] children) {
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

    /** The trie below a link, which begins at nibble {@code from}, with an entry more or another value; the same link when nothing changes. */
    static TrieLink put(TrieNodes nodes, @Nullable TrieLink link, int from, byte[] key, byte[] value) {
        if (link == null) {
            return leaf(key, from, value);
        }
        TrieNode node = link.node(nodes);
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
                    new TrieLink[] {lower});
            return endsHere ? branch : branch.withChild(nibble(key, common), leaf(key, common + 1, value));
        }
        if (node.end == nibbles(key)) {
            return Arrays.equals(node.value, value)
                    ? link
                    : new TrieNode(key, from, node.end, value, node.childBits, node.children);
        }
        int nibble = nibble(key, node.end);
        TrieLink child = node.child(nibble);
        TrieLink put = put(nodes, child, node.end + 1, key, value);
        return put == child ? link : node.withChild(nibble, put);
    }

    /** The trie below a link without a key; null when nothing is left, the same link when there is no such key. */
    static @Nullable TrieLink remove(TrieNodes nodes, @Nullable TrieLink link, byte[] key) {
        if (link == null) {
            return null;
        }
        TrieNode node = link.node(nodes);
        if (node.commonWith(key) < node.end) {
            return link;
        }
        if (node.end == nibbles(key)) {
            return node.value == null ? link : shrink(nodes, node, null, node.childBits, node.children);
        }
        int nibble = nibble(key, node.end);
        TrieLink child = node.child(nibble);
        TrieLink left = remove(nodes, child, key);
        if (left == child) {
            return link;
        }
        return left != null ? node.withChild(nibble, left) : node.withoutChild(nodes, nibble);
    }

    /** A node after something was taken from it: a branch has two children, or one and a value. */
    private static @Nullable TrieNode shrink(
            TrieNodes nodes, TrieNode node, byte @Nullable [] value, int childBits, TrieLink[] children) {
        if (value == null && children.length == 0) {
            return null;
        }
        if (value == null && children.length == 1) {
            return children[0].node(nodes).startingAt(node.from);
        }
        return new TrieNode(node.key, node.from, node.end, value, childBits, children);
    }

    private TrieNode startingAt(int other) {
        return new TrieNode(key, other, end, value, childBits, children);
    }

    private TrieNode withChild(int nibble, TrieLink child) {
        int at = place(nibble);
        TrieLink[] more;
        if ((childBits & 1 << nibble) != 0) {
            more = children.clone();
        } else {
            more = new TrieLink[children.length + 1];
            System.arraycopy(children, 0, more, 0, at);
            System.arraycopy(children, at, more, at + 1, children.length - at);
        }
        more[at] = child;
        return new TrieNode(key, from, end, value, childBits | 1 << nibble, more);
    }

    private @Nullable TrieNode withoutChild(TrieNodes nodes, int nibble) {
        int at = place(nibble);
        TrieLink[] fewer = new TrieLink[children.length - 1];
        System.arraycopy(children, 0, fewer, 0, at);
        System.arraycopy(children, at + 1, fewer, at, fewer.length - at);
        return shrink(nodes, this, value, childBits & ~(1 << nibble), fewer);
    }

    private int place(int nibble) {
        return Integer.bitCount(childBits & ((1 << nibble) - 1));
    }

    /** What follows this node by a nibble. */
    @Nullable
    TrieLink child(int nibble) {
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
    boolean walk(TrieNodes nodes, byte @Nullable [] after, StateReader.Visitor visitor) {
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
            TrieLink child = child(nibble);
            if (child != null && !child.node(nodes).walk(nodes, nibble == bound - 1 ? after : null, visitor)) {
                return false;
            }
        }
        return true;
    }

    private byte[] ownKey() {
        return nibbles(key) == end ? key : Arrays.copyOf(key, end >> 1);
    }

    @Override
    public TrieNode node(TrieNodes nodes) {
        return this;
    }

    /** What a parent has of this node. */
    @Override
    public byte[] reference() {
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
        for (TrieLink child : children) {
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

    /** The links to what is below. */
    List<TrieLink> children() {
        return Collections.unmodifiableList(Arrays.asList(children));
    }

    /** The same node, whose children are all stored. */
    TrieNode linkedTo(List<StoredNode> stored, byte[] known) {
        TrieNode linked = new TrieNode(key, from, end, value, childBits, stored.toArray(TrieLink[]::new));
        linked.reference = known;
        return linked;
    }

    /** About the bytes it takes in memory when its children are stored. */
    int heapBytes() {
        return 160 + key.length + (value == null ? 0 : value.length) + 104 * children.length;
    }

    /**
     * What is stored of a node whose children are stored. SCALE: where its nibbles begin and end (compact), the bytes of its keys up to there, its value if it has one, the bits of its children (u16) and for each
     * of them its number (compact) and its reference.
     */
    byte[] record() {
        ScaleEncoder out = new ScaleEncoder().compact(from).compact(end).bytes(Arrays.copyOf(key, (end + 1) / 2));
        byte[] own = value;
        out.bool(own != null);
        if (own != null) {
            out.bytes(own);
        }
        out.u16(childBits);
        for (TrieLink child : children) {
            if (!(child instanceof StoredNode stored)) {
                throw new IllegalStateException("a child is stored before its parent");
            }
            out.compact(stored.id()).bytes(stored.reference());
        }
        return out.toBytes();
    }

    /**
     * Reads what {@link #record} wrote.
     *
     * @throws DecodingException when the bytes are none
     */
    static TrieNode ofRecord(byte[] bytes) {
        ScaleDecoder in = new ScaleDecoder(bytes);
        int from = Math.toIntExact(in.compact());
        int end = Math.toIntExact(in.compact());
        byte[] key = in.bytes();
        if (from > end || (end + 1) / 2 != key.length) {
            throw new DecodingException("a node has nibbles " + from + " to " + end + " of " + key.length + " bytes");
        }
        byte[] value = in.bool() ? in.bytes() : null;
        int childBits = in.u16();
        TrieLink[] children = new TrieLink[Integer.bitCount(childBits)];
        for (int i = 0; i < children.length; i++) {
            children[i] = new StoredNode(in.compact(), in.bytes());
        }
        in.requireEnd();
        return new TrieNode(key, from, end, value, childBits, children);
    }
}
