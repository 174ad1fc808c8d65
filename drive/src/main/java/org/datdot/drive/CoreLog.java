package org.datdot.drive;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.FlatTree;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.NodeSource;

/** A hypercore as this module's formats see it. */
final class CoreLog implements BlockLog {

    private final Hypercore core;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean listening = new AtomicBoolean();

    CoreLog(Hypercore core) {
        this.core = core;
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
        return core.get(index);
    }

    @Override
    public long byteOffset(long index) {
        NodeSource nodes = core.nodes();
        long bytes = 0;
        for (long root : FlatTree.fullRoots(2 * index)) {
            TreeNode node = nodes.require(root);
            bytes += node.size();
        }
        return bytes;
    }

    @Override
    public void append(List<byte[]> blocks) {
        core.append(blocks);
    }

    @Override
    public void want(long index) {
        CompletableFuture<byte[]> _ = core.fetch(index);
    }

    @Override
    public Prefetch prefetch(long start, long end) {
        Download download = core.download(start, end);
        return download::close;
    }

    @Override
    public long clear(long start, long end) {
        long held = 0;
        for (long i = start; i < end; i++) {
            held += core.has(i) ? 1 : 0;
        }
        if (held > 0) {
            core.clear(start, end);
        }
        return held;
    }

    @Override
    public Subscription onChange(Runnable listener) {
        if (listening.compareAndSet(false, true)) {
            core.onAppend(_ -> listeners.forEach(Runnable::run));
            core.onUpdate(_ -> listeners.forEach(Runnable::run));
        }
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }
}
