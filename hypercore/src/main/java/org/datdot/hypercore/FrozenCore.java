package org.datdot.hypercore;

import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/** A core as it was at a moment. Must be closed: it keeps deleted blocks on disk. Thread-safe. */
final class FrozenCore implements CoreListener, AutoCloseable {
    private final CoreState core;
    private final CoreStorage.View view;
    private final TreeHead head;
    private volatile long sharedLength;

    /** Freezes a core; the caller holds its lock, and it stands still for nobody. */
    FrozenCore(CoreState core) {
        this.core = core;
        this.view = core.storage().view();
        this.head = core.head();
        this.sharedLength = head.length();
        core.addListener(this);
    }

    TreeHead head() {
        return head;
    }

    /** How many of its blocks the core still has. */
    long sharedLength() {
        return sharedLength;
    }

    byte @Nullable [] block(long index) {
        return view.get(StorageKeys.block(core.pointers().forBlock(index), index));
    }

    @Nullable
    TreeNode node(long index) {
        byte[] stored = view.get(StorageKeys.treeNode(core.pointers().forTreeNode(index), index));
        TreeNode known = core.storage().decodeNode(index, stored);
        return known != null || index / 2 >= sharedLength
                ? known
                : head.within(core.nodes()).node(index);
    }

    @Override
    public void onTruncate(CoreState state, TreeHead previous, long ancestors) {
        sharedLength = Math.min(sharedLength, ancestors);
    }

    @Override
    public void close() {
        core.removeListener(this);
        view.close();
    }
}
