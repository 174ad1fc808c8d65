package org.datdot.hypercore;

import java.util.List;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * What one append, verified proof, clear or truncation changes in a core; written as a whole or not at all. The values are shared
 * with the caller until the change is done.
 */
final class CoreChange {
    private enum Kind {
        ADD,
        CLEAR,
        TRUNCATE
    }

    /** What to write. */
    final CoreState core;

    final List<TreeNode> nodes;
    final long start;
    final List<byte[]> values;
    final @Nullable TreeHead head;
    final boolean manifest;
    /** Whether it was made here rather than received. */
    final boolean local;

    /** How long the tree was that is cut, 0 when none is. */
    final long cutLength;

    private final long end;
    private final Kind kind;

    /** More records that are written in the same moment. */
    private CoreStorage.@Nullable WriteAction extra;
    /** Whether it must be written together with the one submitted before it. */
    private boolean tied;

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
            Kind kind) {
        this.core = core;
        this.nodes = nodes;
        this.start = start;
        this.end = end;
        this.values = values;
        this.head = head;
        this.manifest = manifest;
        this.local = local;
        this.kind = kind;
        this.cutLength = kind == Kind.TRUNCATE ? end : 0;
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
        return new CoreChange(core, nodes, start, start + values.size(), values, head, manifest, local, Kind.ADD);
    }

    /** Nodes, a head and blocks that are held elsewhere. */
    static CoreChange held(CoreState core, List<TreeNode> nodes, BlockRange range, @Nullable TreeHead head) {
        return new CoreChange(core, nodes, range.start(), range.end(), List.of(), head, head != null, true, Kind.ADD);
    }

    /** Blocks to drop. */
    static CoreChange clear(CoreState core, long start, long end) {
        return new CoreChange(core, List.of(), start, end, List.of(), null, false, true, Kind.CLEAR);
    }

    /** The tree of {@code head} instead of one of {@code cutLength} blocks; the first {@code ancestors} are the same. */
    static CoreChange truncate(
            CoreState core,
            List<TreeNode> nodes,
            long ancestors,
            long cutLength,
            TreeHead head,
            boolean manifest,
            boolean local) {
        return new CoreChange(core, nodes, ancestors, cutLength, List.of(), head, manifest, local, Kind.TRUNCATE);
    }

    /** Keys or manifest. */
    static CoreChange keys(CoreState core) {
        return store(core, List.of(), 0, List.of(), null, true, true);
    }

    /** Nothing: done when everything submitted before is. */
    static CoreChange barrier(CoreState core) {
        return store(core, List.of(), 0, List.of(), null, false, true);
    }

    /** Adds records that are not the core's; before it is submitted. */
    CoreChange with(CoreStorage.WriteAction more) {
        extra = more;
        return this;
    }

    CoreStorage.@Nullable WriteAction extra() {
        return extra;
    }

    void tie() {
        tied = true;
    }

    boolean tied() {
        return tied;
    }

    /** Whether blocks {@code [start, end)} go rather than come. */
    boolean drops() {
        return kind != Kind.ADD;
    }

    /** Whether the tree is cut at {@code start} before what comes is added. */
    boolean truncates() {
        return kind == Kind.TRUNCATE;
    }

    /** One behind the last block that is stored or dropped. */
    long end() {
        return end;
    }

    long byteLength() {
        return 128L * nodes.size() + valueBytes();
    }

    /** Bytes of the blocks that come. */
    long valueBytes() {
        long bytes = 0;
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
