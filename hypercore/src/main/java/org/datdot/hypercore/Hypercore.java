package org.datdot.hypercore;

import java.io.Closeable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.DiscoveryKey;
import org.jspecify.annotations.Nullable;

/**
 * A handle on a signed append-only log of blocks. The owner of the key pair appends; everybody else reads, fetching from
 * peers what is not here and verifying it against the key. Handles of one core share its state and its peers. Thread-safe.
 *
 * <p>Source of the rules: npm hypercore 11.
 */
public final class Hypercore implements Closeable {
    private static final System.Logger LOG = System.getLogger(Hypercore.class.getName());

    private final OpenCore core;
    private final CoreState state;
    private final Replicator replicator;
    private final List<Consumer<TreeHead>> appendListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<TreeHead>> updateListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<CoreConflict>> conflictListeners = new CopyOnWriteArrayList<>();
    private final CoreListener events = new Events();
    private final AtomicBoolean closed = new AtomicBoolean();

    Hypercore(OpenCore core) {
        this.core = core;
        this.state = core.state();
        this.replicator = core.replicator();
        state.addListener(events);
    }

    /** Hands events on to the handle's own listeners, on threads of their own: they may call back into the core. */
    private final class Events implements CoreListener {
        @Override
        public void onHead(CoreState core, TreeHead previous, boolean local) {
            TreeHead head = core.head();
            if (head.fork() != previous.fork()) return;
            List<Consumer<TreeHead>> interested = local ? appendListeners : updateListeners;
            if (interested.isEmpty()) return;
            Thread.ofVirtual().name("datdot-core-event").start(() -> tell(interested, head));
        }

        @Override
        public void onConflict(CoreState core, CoreConflict conflict) {
            Thread.ofVirtual().name("datdot-core-event").start(() -> tell(conflictListeners, conflict));
        }
    }

    private static <T> void tell(List<Consumer<T>> interested, T event) {
        for (Consumer<T> listener : interested) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "a listener failed", e);
            }
        }
    }

    CoreState state() {
        return state;
    }

    /** The core's key: the hash of its manifest. */
    public CoreKey key() {
        return state.key();
    }

    /** What peers ask for the core by; does not reveal the key. */
    public DiscoveryKey discoveryKey() {
        return state.discoveryKey();
    }

    /** Who may sign, or null as long as no peer told. */
    public @Nullable Manifest manifest() {
        return state.manifest();
    }

    /** The newest signed head known here. */
    public TreeHead head() {
        return state.head();
    }

    /** Length in blocks. */
    public long length() {
        return state.length();
    }

    /** Length in bytes. */
    public long byteLength() {
        return state.byteLength();
    }

    /** Fork number. */
    public long fork() {
        return state.fork();
    }

    /** How many blocks are held from the first on without a gap. */
    public long contiguousLength() {
        return state.contiguousLength();
    }

    /** Whether the key pair is in the store. */
    public boolean writable() {
        return state.writable();
    }

    /** Tree nodes known here, by flat-tree index. */
    public NodeSource nodes() {
        return state.nodes();
    }

    /**
     * Appends blocks and returns the new length in blocks. Durable when it returns; concurrent appends share one wait for
     * the disk. The arrays must not change meanwhile.
     *
     * @throws StorageException when they cannot be stored; the core is unchanged then
     * @throws IllegalStateException when the core is somebody else's
     */
    public long append(byte[]... blocks) {
        return append(List.of(blocks));
    }

    /** As {@link #append(byte[]...)}. */
    public long append(List<byte[]> blocks) {
        requireOpen();
        return state.append(blocks);
    }

    /**
     * Cuts the core after its first blocks and signs that under the next fork number, by which readers follow. What was
     * cut off is gone; blocks appended later stand in its place. Durable when it returns.
     *
     * @param newLength length in blocks
     * @throws IllegalArgumentException when the core is not that long, or its beginning is fixed
     * @throws IllegalStateException when the core is somebody else's
     */
    public void truncate(long newLength) {
        requireOpen();
        state.truncate(newLength, -1);
    }

    /**
     * As {@link #truncate(long)} with a fork number of one's own.
     *
     * @param fork greater than the core's
     */
    public void truncate(long newLength, long fork) {
        requireOpen();
        if (fork < 0) throw new IllegalArgumentException("fork " + fork);
        state.truncate(newLength, fork);
    }

    /** Whether a block is held here. */
    public boolean has(long index) {
        return state.hasBlock(index);
    }

    /** A block that is held here, null when it is not; never asks peers. */
    public byte @Nullable [] local(long index) {
        requireOpen();
        return state.hasBlock(index) ? state.readBlock(index) : null;
    }

    /** A block, from here or from the first peer that has it; waits for as long as it takes. */
    public byte[] get(long index) {
        byte[] local = local(index);
        return local != null ? local : await(index, replicator.fetch(index), null);
    }

    /**
     * A block, from here or from the first peer that has it in the time given.
     *
     * @throws BlockNotAvailableException when it did not come in time
     */
    public byte[] get(long index, Duration timeout) {
        byte[] local = local(index);
        return local != null ? local : await(index, replicator.fetch(index), timeout);
    }

    /** A block as soon as it is here; cancelling the future ends the waiting. */
    public CompletableFuture<byte[]> fetch(long index) {
        requireOpen();
        return replicator.fetch(index);
    }

    private byte[] await(long index, CompletableFuture<byte[]> future, @Nullable Duration timeout) {
        try {
            return timeout == null ? future.get() : future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            future.cancel(false);
            throw new BlockNotAvailableException("block " + index + " of core " + key() + " did not come within "
                    + timeout.toMillis() + " ms from " + peers().size() + " peers; connect to somebody who has it");
        } catch (InterruptedException e) {
            future.cancel(false);
            Thread.currentThread().interrupt();
            throw new BlockNotAvailableException("interrupted while waiting for block " + index + " of core " + key());
        } catch (CancellationException e) {
            throw new StorageException(StorageException.Kind.CLOSED, "core " + key() + " was closed", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StorageException failure) {
                throw new StorageException(failure.kind(), String.valueOf(failure.getMessage()), e);
            }
            if (e.getCause() instanceof BlockNotAvailableException gone) {
                throw new BlockNotAvailableException(String.valueOf(gone.getMessage()));
            }
            throw new IllegalStateException("fetching block " + index + " failed", e);
        }
    }

    /** Fetches the blocks {@code [start, end)} from peers; {@link Download#LIVE} as end follows the core. */
    public Download download(long start, long end) {
        requireOpen();
        return replicator.download(start, end);
    }

    /** Fetches a selection of blocks from peers. */
    public Download download(BlockSelection selection) {
        requireOpen();
        return replicator.download(selection);
    }

    /** Which block holds a byte, counted from the start of the core; see {@link Replicator#seek}. */
    public CompletableFuture<BytePosition> seek(long byteOffset) {
        requireOpen();
        return replicator.seek(byteOffset, 0);
    }

    /**
     * Asks the peers for a newer head, waiting for a first peer if there is none yet.
     *
     * @return whether the core has grown; false as well when the time is over
     */
    public boolean update(Duration timeout) {
        requireOpen();
        CompletableFuture<Boolean> future = replicator.update();
        try {
            return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            future.cancel(false);
            return false;
        } catch (InterruptedException e) {
            future.cancel(false);
            Thread.currentThread().interrupt();
            return false;
        } catch (CancellationException e) {
            throw new StorageException(StorageException.Kind.CLOSED, "core " + key() + " was closed", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking for the newest head of core " + key() + " failed", e);
        }
    }

    /** The peers this core is being replicated with. */
    public List<PeerStatus> peers() {
        return replicator.peers();
    }

    /** What moves this core's blocks to and from peers. */
    public Replicator replicator() {
        return replicator;
    }

    /** Drops the blocks {@code [start, end)} from the store; their hashes stay, and peers may supply them again. */
    public void clear(long start, long end) {
        requireOpen();
        if (start < 0 || end < start) throw new IllegalArgumentException("blocks " + start + " to " + end);
        state.clear(start, end);
    }

    /** Hears of every head appended here. Runs on its own thread, maybe late and out of order: look at the argument. */
    public void onAppend(Consumer<TreeHead> listener) {
        appendListeners.add(listener);
    }

    /**
     * Hears when the core is frozen because its signer has signed two histories; appends are refused then, and it is
     * replicated no more. Runs on its own thread.
     */
    public void onConflict(Consumer<CoreConflict> listener) {
        conflictListeners.add(listener);
    }

    /** Hears of every head learnt from peers. Runs on its own thread. */
    public void onUpdate(Consumer<TreeHead> listener) {
        updateListeners.add(listener);
    }

    private void requireOpen() {
        if (closed.get()) throw new StorageException(StorageException.Kind.CLOSED, "core " + key() + " is closed");
    }

    /** Closes this handle. Without handles a core fetches nothing more; peers that ask for it are still served. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) return;
        state.removeListener(events);
        core.release();
    }
}
