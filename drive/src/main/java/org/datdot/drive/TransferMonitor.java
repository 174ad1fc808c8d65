package org.datdot.drive;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.datdot.crypto.PublicKey;
import org.datdot.hypercore.CoreWatcher;
import org.jspecify.annotations.Nullable;

/**
 * Counts what of a blob, or of all there is, goes to peers and comes from them, from the moment it is made. Closing it ends
 * the counting, the numbers stay. Thread-safe. Source: npm hyperblobs lib/monitor.js and hyperdrive lib/monitor.js.
 */
public final class TransferMonitor implements AutoCloseable {

    private final @Nullable BlobId blob;
    private final IntSupplier peers;
    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Count down = new Count();
    private final Count up = new Count();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final List<BlockLog.Subscription> watched = new ArrayList<>();

    /**
     * Blocks that went one way.
     *
     * @param blocks how many; one that was sent twice counts twice
     * @param bytes their lengths, without what encryption adds
     * @param bytesPerSecond how fast, over the last five seconds
     * @param targetBlocks blocks of the blob, 0 when all is counted
     * @param targetBytes bytes of the blob, 0 when all is counted
     */
    public record Transfer(long blocks, long bytes, long bytesPerSecond, long targetBlocks, long targetBytes) {

        /** How many of a hundred blocks of the blob went this way, rounded to hundredths; 0 when all is counted. */
        public double percentage() {
            return targetBlocks == 0 ? 0 : Math.round(10_000.0 * blocks / targetBlocks) / 100.0;
        }
    }

    private static final class Count {
        final RecentBytes recent = new RecentBytes();
        long blocks;
        long bytes;
    }

    private TransferMonitor(@Nullable BlobId blob, IntSupplier peers, LongSupplier nanoClock) {
        this.blob = blob;
        this.peers = peers;
        this.nanoClock = nanoClock;
    }

    /** Counts one blob's blocks, or all of the logs' when it is null; the first log's peers are those that are told of. */
    static TransferMonitor of(@Nullable BlobId blob, LongSupplier nanoClock, BlockLog first, BlockLog... more) {
        TransferMonitor monitor = new TransferMonitor(blob, first::peers, nanoClock);
        monitor.watched.add(first.watch(monitor.watcher()));
        for (BlockLog log : more) {
            monitor.watched.add(log.watch(monitor.watcher()));
        }
        return monitor;
    }

    private CoreWatcher watcher() {
        return new CoreWatcher() {
            @Override
            public void received(long index, long byteLength, PublicKey peer) {
                count(down, index, byteLength);
            }

            @Override
            public void uploaded(long index, long byteLength, PublicKey peer) {
                count(up, index, byteLength);
            }

            @Override
            public void peerAdded(PublicKey peer) {
                tell();
            }

            @Override
            public void peerRemoved(PublicKey peer) {
                tell();
            }
        };
    }

    private void count(Count way, long index, long bytes) {
        if (blob != null && (index < blob.blockOffset() || index >= blob.blockEnd())) {
            return;
        }
        lock.lock();
        try {
            way.blocks++;
            way.bytes += bytes;
            way.recent.add(bytes, nanoClock.getAsLong());
        } finally {
            lock.unlock();
        }
        tell();
    }

    private void tell() {
        listeners.forEach(Runnable::run);
    }

    /** What came from peers. */
    public Transfer downloads() {
        return transfer(down);
    }

    /** What went to peers. */
    public Transfer uploads() {
        return transfer(up);
    }

    private Transfer transfer(Count way) {
        lock.lock();
        try {
            return new Transfer(
                    way.blocks,
                    way.bytes,
                    way.recent.perSecond(nanoClock.getAsLong()),
                    blob == null ? 0 : blob.blockLength(),
                    blob == null ? 0 : blob.byteLength());
        } finally {
            lock.unlock();
        }
    }

    /** How many peers the contents are replicated with. */
    public int peers() {
        return peers.getAsInt();
    }

    /** Hears, on a thread of its own, whenever a number has changed. */
    public void onUpdate(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        watched.forEach(BlockLog.Subscription::close);
        listeners.clear();
    }
}
