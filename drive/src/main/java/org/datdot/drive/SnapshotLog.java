package org.datdot.drive;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.CoreSnapshot;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.Hypercore;
import org.jspecify.annotations.Nullable;

/** A hypercore as it was, for reading. Blocks that were cut off it or dropped since are read as they were. */
final class SnapshotLog implements BlockLog {

    private final Hypercore core;
    private final CoreSnapshot snapshot;
    private final @Nullable Duration patience;

    SnapshotLog(Hypercore core, @Nullable Duration patience) {
        this(core, core.snapshot(), patience);
    }

    private SnapshotLog(Hypercore core, CoreSnapshot snapshot, @Nullable Duration patience) {
        this.core = core;
        this.snapshot = snapshot;
        this.patience = patience;
    }

    @Override
    public long length() {
        return snapshot.length();
    }

    @Override
    public long byteLength() {
        return snapshot.byteLength();
    }

    @Override
    public long fork() {
        return snapshot.fork();
    }

    @Override
    public boolean writable() {
        return false;
    }

    @Override
    public boolean has(long index) {
        return snapshot.has(index);
    }

    @Override
    public byte[] get(long index) {
        byte[] block = snapshot.local(index);
        if (block != null) {
            return block;
        }
        if (!waits()) {
            throw new BlockNotAvailableException("block " + index + " of core " + core.key() + " is not here");
        }
        return patience == null ? snapshot.get(index) : snapshot.get(index, patience);
    }

    private boolean waits() {
        return patience == null || patience.isPositive();
    }

    @Override
    public BlockLog within(Duration time) {
        return new SnapshotLog(core, snapshot, time);
    }

    @Override
    public long byteOffset(long index) {
        return CoreLog.byteOffset(snapshot.nodes(), index, core.paddingBytes());
    }

    @Override
    public void append(List<byte[]> blocks) {
        throw readOnly();
    }

    @Override
    public Pending submit(List<byte[]> blocks) {
        throw readOnly();
    }

    private static DriveException readOnly() {
        return new DriveException("A snapshot is read-only: write to the blobs themselves.");
    }

    @Override
    public void want(long index) {
        if (waits()) {
            CompletableFuture<byte[]> _ = snapshot.fetch(index);
        }
    }

    @Override
    public Prefetch prefetch(long start, long end) {
        if (!waits()) {
            return Prefetch.NONE;
        }
        Download download = core.download(start, Math.min(end, snapshot.sharedLength()));
        return download::close;
    }

    @Override
    public long clear(long start, long end) {
        throw readOnly();
    }

    @Override
    public Subscription onChange(Runnable listener) {
        return () -> {};
    }

    @Override
    public void close() {
        snapshot.close();
    }
}
