package org.datdot.hypercore;

import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * A core as it was when the snapshot was taken: its length does not change. Blocks that were here stay readable even when
 * the core is cut or cleared afterwards; the others are fetched as long as they still belong to the core. Close it: it
 * keeps deleted blocks on disk. Thread-safe. Source of the rules: npm hypercore index.js and lib/session-state.js.
 */
public final class CoreSnapshot extends CoreBranch implements BlockLog, AutoCloseable {
    private final CoreState state;
    private final FrozenCore frozen;

    CoreSnapshot(Hypercore core, CoreCodec codec) {
        super(core, codec);
        this.state = core.state();
        this.frozen = state.snapshot();
    }

    /** The signed head. */
    @Override
    public TreeHead head() {
        return frozen.head();
    }

    /** How many of its blocks still are the core's: less than the length once the core was cut or rewritten. */
    @Override
    public long sharedLength() {
        return frozen.sharedLength();
    }

    /** Whether a block of the snapshot is here. */
    public boolean has(long index) {
        return index >= 0 && index < length() && stored(index) != null;
    }

    /** Tree nodes of the snapshot, by flat-tree index. */
    public NodeSource nodes() {
        return this::node;
    }

    @Override
    byte @Nullable [] stored(long index) {
        byte[] then = frozen.block(index);
        if (then != null || index >= sharedLength()) return then;
        byte[] since = state.hasBlock(index) ? state.readBlock(index) : null;
        return index < sharedLength() ? since : null;
    }

    @Override
    @Nullable
    TreeNode node(long index) {
        return frozen.node(index);
    }

    @Override
    String noun() {
        return "snapshot";
    }

    @Override
    public void close() {
        frozen.close();
    }
}
