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
public final class Hypercore implements BlockLog, Closeable {
    private static final System.Logger LOG = System.getLogger(Hypercore.class.getName());

    private final OpenCore core;
    private final CoreState state;
    private final Replicator replicator;
    private final CoreCodec codec;
    private final List<CoreEvents> watchers = new CopyOnWriteArrayList<>();
    private final List<Consumer<TreeHead>> appendListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<TreeHead>> updateListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<CoreConflict>> conflictListeners = new CopyOnWriteArrayList<>();
    private final CoreListener events = new Events();
    private final AtomicBoolean closed = new AtomicBoolean();

    Hypercore(OpenCore core) {
        this(core, null);
    }

    private Hypercore(OpenCore core, @Nullable EncryptionKey secret) {
        this.core = core;
        this.state = core.state();
        this.codec = new CoreCodec(state, secret);
        this.replicator = core.replicator();
        state.addListener(events);
    }

    /** Hands events on to the handle's own listeners, on threads of their own: they may call back into the core. */
    private final class Events implements CoreListener {
        @Override
        public void onHead(CoreState core, TreeHead previous, boolean local) {
            TreeHead head = core.head();
            if (local && head.fork() != previous.fork()) return;
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

    CoreCodec codec() {
        return codec;
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
    @Override
    public long length() {
        return state.length();
    }

    /** Length in bytes. */
    @Override
    public long byteLength() {
        return codec.byteLength(state.head());
    }

    /** Bytes of every stored block that are not its content: 8 when blocks are encrypted. */
    public int paddingBytes() {
        return codec.paddingBytes();
    }

    /** Fork number. */
    @Override
    public long fork() {
        return state.fork();
    }

    /** How many blocks are held from the first on without a gap. */
    public long contiguousLength() {
        return state.contiguousLength();
    }

    /** How many blocks are held. */
    public long heldBlocks() {
        return state.heldBlocks();
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
     * @throws IllegalStateException when the core is somebody else's, or more than one must sign it
     */
    public long append(byte[]... blocks) {
        return append(List.of(blocks));
    }

    /** As {@link #append(byte[]...)}. */
    public long append(List<byte[]> blocks) {
        requireOpen();
        return state.writer().append(blocks, codec, null);
    }

    /**
     * Appends blocks with a signature that the core's signers have made elsewhere, of the head which the core has then;
     * see {@link Manifest#assemble}. Needs no key pair here.
     *
     * @throws IllegalArgumentException when the signature is not valid; the core is unchanged then
     * @throws StorageException when they cannot be stored; the core is unchanged then
     */
    public long append(List<byte[]> blocks, byte[] signature) {
        requireOpen();
        return state.writer().append(blocks, codec, signature);
    }

    /**
     * The head of the first blocks, not signed: what the signers of a core sign together.
     *
     * @throws IllegalArgumentException when the core is not that long
     * @throws MissingNodeException when the tree is not known here that far
     */
    public TreeHead headAt(long length) {
        requireOpen();
        return state.head().beginning(length, state.fork(), state.nodes());
    }

    /**
     * Fills the fixed beginning of this core from a core that begins with the same blocks, as far as they are stored
     * there. As npm hypercore's {@code copyPrologue}.
     *
     * @throws IllegalStateException when this core has no fixed beginning
     * @throws IllegalArgumentException when the other one begins otherwise
     */
    public void copyPrologue(Hypercore source) {
        requireOpen();
        source.requireOpen();
        PrologueCopy.run(source.state, state);
    }

    /**
     * Appends blocks without waiting for the disk: they become part of the core, and durable, when what is returned has been
     * waited for, or a later append to any core of the store. Until somebody waits they may not be written at all.
     *
     * @throws IllegalStateException when the core is somebody else's
     */
    public PendingAppend submit(List<byte[]> blocks) {
        requireOpen();
        return state.writer().submit(blocks, codec, null);
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
        state.writer().truncate(newLength, -1, null);
    }

    /**
     * As {@link #truncate(long)} with a fork number of one's own.
     *
     * @param fork greater than the core's
     */
    public void truncate(long newLength, long fork) {
        requireOpen();
        if (fork < 0) throw new IllegalArgumentException("fork " + fork);
        state.writer().truncate(newLength, fork, null);
    }

    /**
     * As {@link #truncate(long, long)} with a signature made elsewhere, of the head which the core has then.
     *
     * @throws IllegalArgumentException when it is not valid as well; the core is unchanged then
     */
    public void truncate(long newLength, long fork, byte[] signature) {
        requireOpen();
        if (fork < 0) throw new IllegalArgumentException("fork " + fork);
        state.writer().truncate(newLength, fork, signature);
    }

    /**
     * A proof of what is held here, for somebody who has less of the core.
     *
     * @return null when a part that is asked for is not held here
     * @throws InvalidRequestException when no honest reader asks this
     */
    public @Nullable Proof proof(ProofRequest request) {
        requireOpen();
        return state.prover().prove(request);
    }

    /** Whether a block is held here. */
    public boolean has(long index) {
        return state.hasBlock(index);
    }

    /** A block that is held here, null when it is not; never asks peers. */
    @Override
    public byte @Nullable [] local(long index) {
        requireOpen();
        byte[] stored = state.hasBlock(index) ? state.readBlock(index) : null;
        return stored == null ? null : codec.decode(index, stored);
    }

    /** A block, from here or from the first peer that has it; waits for as long as it takes. */
    @Override
    public byte[] get(long index) {
        byte[] local = local(index);
        return local != null ? local : BlockWait.await(this, index, fetch(index), null);
    }

    /**
     * A block, from here or from the first peer that has it in the time given.
     *
     * @throws BlockNotAvailableException when it did not come in time
     */
    @Override
    public byte[] get(long index, Duration timeout) {
        byte[] local = local(index);
        return local != null ? local : BlockWait.await(this, index, fetch(index), timeout);
    }

    /** A block as soon as it is here; cancelling the future ends the waiting. */
    @Override
    public CompletableFuture<byte[]> fetch(long index) {
        requireOpen();
        CompletableFuture<byte[]> stored = replicator.fetch(index);
        if (!codec.encrypts()) return stored;
        CompletableFuture<byte[]> plain = stored.thenApply(block -> codec.decode(index, block));
        BlockWait.cancelWith(plain, stored);
        return plain;
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
    @Override
    public CompletableFuture<BytePosition> seek(long byteOffset) {
        requireOpen();
        return replicator.seek(byteOffset, codec.paddingBytes());
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
        state.writer().clear(start, end);
    }

    /**
     * Another handle on the core that encrypts what it appends and decrypts what it reads; lengths and offsets in bytes are
     * those of the content. All blocks of a core are either encrypted or not. The secret is not stored.
     */
    public Hypercore encrypted(EncryptionKey secret) {
        requireOpen();
        core.retain();
        return new Hypercore(core, secret);
    }

    /** The core as it is now, for reading while it moves on. Close it. */
    public CoreSnapshot snapshot() {
        requireOpen();
        return new CoreSnapshot(this, codec);
    }

    /**
     * The session of a name, made when it does not exist: a branch of this core with appends of its own, which the core
     * takes over when the session is committed. Sessions are kept in the store; anybody who may write there may have one.
     */
    public CoreSession session(String name) {
        requireOpen();
        return core.session(this, name, codec);
    }

    /** The names of the core's sessions. */
    public List<String> sessions() {
        requireOpen();
        return core.sessions();
    }

    /**
     * Removes a session with all that it has of its own; handles of it are dead afterwards.
     *
     * @return false when there is none of that name
     * @throws StorageException kind CONFLICT when another session continues this one
     */
    public boolean deleteSession(String name) {
        requireOpen();
        return core.deleteSession(name);
    }

    /** The blocks from {@code start} on without an end: the stream waits for the core to grow. */
    public BlockStream follow(long start) {
        requireOpen();
        return BlockStream.live(this, start);
    }

    /** A value stored with the core under a name, null when there is none. Stays in this store, is not replicated. */
    public byte @Nullable [] userData(String name) {
        requireOpen();
        return state.userData(name);
    }

    /** Stores a value with the core under a name; null removes it. Durable when it returns. */
    public void userData(String name, byte @Nullable [] value) {
        requireOpen();
        state.writer().userData(name, value);
    }

    /** Gives the space of cleared and cut off blocks back to the disk at once, which happens by and by otherwise. */
    public void compact() {
        requireOpen();
        state.compact();
    }

    /** Has a watcher hear of what happens to the core, until what is returned or this handle is closed. */
    public AutoCloseable watch(CoreWatcher watcher) {
        requireOpen();
        CoreEvents events = new CoreEvents(state, watcher, codec.paddingBytes());
        watchers.add(events);
        return events;
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

    /** Hears of every head learnt from peers, of another fork too. Runs on its own thread. */
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
        for (CoreEvents each : watchers) each.close();
        core.release();
    }
}
