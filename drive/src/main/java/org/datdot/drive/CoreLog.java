package org.datdot.drive;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.FlatTree;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.CoreWatcher;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.NodeSource;
import org.datdot.hypercore.PendingAppend;
import org.jspecify.annotations.Nullable;

/** A hypercore as this module's formats see it. */
final class CoreLog implements BlockLog {

    private final Hypercore core;
    private final Listeners listeners;
    private final @Nullable Duration patience;

    /** Who hears of changes of the core; the core itself is listened to once. */
    private static final class Listeners {
        final List<Runnable> all = new CopyOnWriteArrayList<>();
        final AtomicBoolean listening = new AtomicBoolean();

        void tell() {
            all.forEach(Runnable::run);
        }
    }

    CoreLog(Hypercore core) {
        this(core, new Listeners(), null);
    }

    private CoreLog(Hypercore core, Listeners listeners, @Nullable Duration patience) {
        this.core = core;
        this.listeners = listeners;
        this.patience = patience;
    }

    @Override
    public BlockLog within(Duration time) {
        return new CoreLog(core, listeners, time);
    }

    @Override
    public boolean asksPeers() {
        return !core.writable() && waits();
    }

    private boolean waits() {
        return patience == null || patience.isPositive();
    }

    @Override
    public long length() {
        return core.length();
    }

    @Override
    public long byteLength() {
        return core.byteLength();
    }

    @Override
    public long fork() {
        return core.fork();
    }

    @Override
    public boolean writable() {
        return core.writable();
    }

    @Override
    public boolean has(long index) {
        return core.has(index);
    }

    @Override
    public byte[] get(long index) {
        if (core.writable() && index >= core.length()) {
            // Nobody else can ever supply it.
            throw new CorruptDriveException("Block " + index + " of core " + core.key()
                    + " is referred to, but the core has only " + core.length() + " blocks");
        }
        if (patience == null) {
            return core.get(index);
        }
        byte[] block = core.local(index);
        if (block == null && patience.isZero()) {
            throw new BlockNotAvailableException("block " + index + " of core " + core.key() + " is not here");
        }
        return block != null ? block : core.get(index, patience);
    }

    @Override
    public long byteOffset(long index) {
        return byteOffset(core.nodes(), index, core.paddingBytes());
    }

    static long byteOffset(NodeSource nodes, long index, int paddingBytes) {
        long bytes = 0;
        for (long root : FlatTree.fullRoots(2 * index)) {
            TreeNode node = nodes.require(root);
            bytes += node.size();
        }
        return bytes - index * paddingBytes;
    }

    @Override
    public void append(List<byte[]> blocks) {
        core.append(blocks);
    }

    @Override
    public Pending submit(List<byte[]> blocks) {
        PendingAppend append = core.submit(blocks);
        return append::await;
    }

    @Override
    public void want(long index) {
        if (waits()) {
            CompletableFuture<byte[]> _ = core.fetch(index);
        }
    }

    @Override
    public Prefetch prefetch(long start, long end) {
        if (!waits()) {
            return Prefetch.NONE;
        }
        Download download = core.download(start, end);
        return download::close;
    }

    @Override
    public long clear(long start, long end) {
        return core.clear(start, end);
    }

    @Override
    public BlockLog snapshot() {
        return new SnapshotLog(core, patience);
    }

    @Override
    public int peers() {
        return core.peers().size();
    }

    @Override
    public Subscription watch(CoreWatcher watcher) {
        return core.watch(watcher)::close;
    }

    @Override
    public Subscription onChange(Runnable listener) {
        if (listeners.listening.compareAndSet(false, true)) {
            core.onAppend(_ -> listeners.tell());
            core.onUpdate(_ -> listeners.tell());
        }
        listeners.all.add(listener);
        return () -> listeners.all.remove(listener);
    }
}
