package org.datdot.hypercore;

import java.util.List;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * What one append, verified proof or clear changes in a core; written as a whole or not at all. The values are shared
 * with the caller until the change is done.
 */
final class CoreChange {
    /** What to write. */
    final CoreState core;

    final List<TreeNode> nodes;
    final long start;
    final List<byte[]> values;
    final @Nullable TreeHead head;
    final boolean manifest;
    /** Whether it was made here rather than received. */
    final boolean local;

    private final long end;
    private final boolean clear;

    private volatile boolean done;
    private volatile @Nullable StorageException failure;

    private CoreChange(
            CoreState core,
            List<TreeNode> nodes,
            long start,
            long end,
            List<byte[]> values,
            @Nullable TreeHead head,
            boolean manifest,
            boolean local,
            boolean clear) {
        this.core = core;
        this.nodes = nodes;
        this.start = start;
        this.end = end;
        this.values = values;
        this.head = head;
        this.manifest = manifest;
        this.local = local;
        this.clear = clear;
    }

    /** Blocks (maybe none) with the nodes and the head that came with them. */
    static CoreChange store(
            CoreState core,
            List<TreeNode> nodes,
            long start,
            List<byte[]> values,
            @Nullable TreeHead head,
            boolean manifest,
            boolean local) {
        return new CoreChange(core, nodes, start, start + values.size(), values, head, manifest, local, false);
    }

    /** Nodes, a head and blocks that are held elsewhere. */
    static CoreChange held(CoreState core, List<TreeNode> nodes, BlockRange range, @Nullable TreeHead head) {
        return new CoreChange(core, nodes, range.start(), range.end(), List.of(), head, head != null, true, false);
    }

    /** Blocks to drop. */
    static CoreChange clear(CoreState core, long start, long end) {
        return new CoreChange(core, List.of(), start, end, List.of(), null, false, true, true);
    }

    /** Keys or manifest. */
    static CoreChange keys(CoreState core) {
        return store(core, List.of(), 0, List.of(), null, true, true);
    }

    /** Nothing: done when everything submitted before is. */
    static CoreChange barrier(CoreState core) {
        return store(core, List.of(), 0, List.of(), null, false, true);
    }

    boolean isClear() {
        return clear;
    }

    /** One behind the last block that is stored or dropped. */
    long end() {
        return end;
    }

    long byteLength() {
        long bytes = 128L * nodes.size();
        for (byte[] value : values) bytes += value.length;
        return bytes;
    }

    boolean isDone() {
        return done;
    }

    void finish(@Nullable StorageException why) {
        failure = why;
        done = true;
    }

    /** Throws when the change, being done, was not written. */
    void requireSuccess() {
        StorageException why = failure;
        if (why != null) throw new StorageException(why.kind(), String.valueOf(why.getMessage()), why);
    }
}
