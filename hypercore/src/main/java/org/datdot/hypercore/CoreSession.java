package org.datdot.hypercore;

import java.util.List;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * A named branch of a core, kept in the store: begins as the core was, takes appends that are not signed and that nobody
 * else sees, and becomes part of the core when it is committed. Handles of the same session share its state. Thread-safe.
 * Source of the rules: npm hypercore's {@code session({ name })}.
 */
public final class CoreSession extends CoreBranch implements BlockLog {
    private final String name;
    private final SessionState session;

    CoreSession(Hypercore core, String name, SessionState session, CoreCodec codec) {
        super(core, codec);
        this.name = name;
        this.session = session;
    }

    /** The name. */
    public String name() {
        return name;
    }

    /** The newest head, which is not signed. */
    @Override
    public TreeHead head() {
        return session.head();
    }

    /**
     * The head the core has after {@link #commit(long, byte[])} with that length, not signed yet: what its signers sign.
     *
     * @param length length in blocks
     * @throws IllegalArgumentException when the session is not that long
     */
    public TreeHead headAt(long length) {
        return session.committed(length);
    }

    /** Tree nodes of the session, by flat-tree index. */
    public NodeSource nodes() {
        return session::node;
    }

    /** How many of its blocks are the core's. */
    @Override
    public long sharedLength() {
        return session.sharedLength();
    }

    /** Appends blocks to the session and returns its new length in blocks. Durable when it returns. */
    public long append(byte[]... blocks) {
        return append(List.of(blocks));
    }

    /** As {@link #append(byte[]...)}. */
    public long append(List<byte[]> blocks) {
        return blocks.isEmpty() ? length() : session.append(blocks, codec());
    }

    /**
     * Cuts the session after its first blocks; the core is not changed.
     *
     * @throws IllegalArgumentException when it is not that long
     */
    public void truncate(long newLength) {
        session.truncate(newLength);
    }

    /**
     * Appends to the core what the session has beyond it, in one signed step.
     *
     * @return false when the core is not a beginning of this session: it grew otherwise, or the session was cut. Nothing
     *     is changed then
     * @throws IllegalStateException when the core is somebody else's, or needs more signatures than one
     */
    public boolean commit() {
        return session.commit(-1, null);
    }

    /**
     * Appends to the core what the session has beyond it up to a length, with a signature that the core's signers have
     * made of {@link #headAt}; see {@link Manifest#assemble}.
     *
     * @return false as {@link #commit()}
     * @throws IllegalArgumentException when the session is not that long, or the signature is not valid
     */
    public boolean commit(long length, byte[] signature) {
        if (length < 0) throw new IllegalArgumentException("a length of " + length);
        return session.commit(length, signature);
    }

    /** Gives up what the session has of its own: it is what the core is now. */
    public void reset() {
        session.reset();
    }

    /** A value stored with the session under a name, null when there is none. */
    public byte @Nullable [] userData(String key) {
        return session.userData(key);
    }

    /** Stores a value with the session under a name; null removes it. */
    public void userData(String key, byte @Nullable [] value) {
        session.userData(key, value);
    }

    @Override
    byte @Nullable [] stored(long index) {
        return session.block(index);
    }

    @Override
    @Nullable
    TreeNode node(long index) {
        return session.node(index);
    }

    @Override
    String noun() {
        return "session";
    }
}
