package org.datdot.hypercore;

import java.io.Closeable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
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
    /** The longest block that can be appended, in bytes of which encryption takes some: a block travels as a whole. */
    public static final int MAX_BLOCK_BYTES = 15 << 20;

    private final OpenCore core;
    private final CoreState state;
    private final Replicator replicator;
    private final CoreCodec codec;
    private final HandleKind kind;
    private final List<CoreEvents> watchers = new CopyOnWriteArrayList<>();
    private final HandleListeners listeners = new HandleListeners();
    private final AtomicBoolean closed = new AtomicBoolean();
    volatile Runnable onClose = () -> {};

    Hypercore(OpenCore core, HandleKind kind) {
        this(core, new CoreCodec(core.state()), kind);
    }

    private Hypercore(OpenCore core, CoreCodec codec, HandleKind kind) {
        this.core = core;
        this.state = core.state();
        this.codec = codec;
        this.replicator = core.replicator();
        this.kind = kind;
        state.addListener(listeners);
    }

    private Hypercore handle(CoreCodec with, HandleKind as) {
        requireOpen();
        if (!as.weak()) core.retain();
        return new Hypercore(core, with, as);
    }

    OpenCore opened() {
        return core;
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

    /** How many blocks some peer has told to hold from the first on without a gap. */
    public long remoteContiguousLength() {
        return state.remoteContiguousLength();
    }

    /** Whether the key pair is in the store and this handle may use it. */
    public boolean writable() {
        return state.writable() && !kind.readOnly();
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
        requireChangeable();
        return state.writer().append(blocks, codec, null);
    }

    /**
     * As {@link #append(byte[]...)}, but when the core would become longer than {@code maxLength} blocks, nothing is
     * appended and the length as it is returned.
     */
    public long append(List<byte[]> blocks, long maxLength) {
        requireChangeable();
        PendingAppend pending = state.writer().submit(blocks, codec, null, maxLength);
        pending.await();
        return pending.length();
    }

    /**
     * Appends blocks with a signature that the core's signers have made elsewhere, of the head which the core has then;
     * see {@link Manifest#assemble}. Needs no key pair here.
     *
     * @throws IllegalArgumentException when the signature is not valid; the core is unchanged then
     * @throws StorageException when they cannot be stored; the core is unchanged then
     */
    public long append(List<byte[]> blocks, byte[] signature) {
        requireChangeable();
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
        requireChangeable();
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
        requireChangeable();
        state.writer().truncate(newLength, -1, null);
    }

    /** As {@link #truncate(long)} with a fork number of one's own, greater than the core's. */
    public void truncate(long newLength, long fork) {
        truncate(newLength, fork, null);
    }

    /**
     * As {@link #truncate(long, long)} with a signature made elsewhere, of the head which the core has then.
     *
     * @param signature null when the key pair here signs
     * @throws IllegalArgumentException when it is not valid as well; the core is unchanged then
     */
    public void truncate(long newLength, long fork, byte @Nullable [] signature) {
        requireChangeable();
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

    /** Whether all blocks {@code [start, end)} are held here. */
    public boolean has(long start, long end) {
        return state.hasBlocks(start, end);
    }

    /** A block that is held here, null when it is not; never asks peers. */
    @Override
    public byte @Nullable [] local(long index) {
        requireOpen();
        mark(index);
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
        mark(index);
        CompletableFuture<byte[]> stored = replicator.fetch(index);
        if (!codec.encrypts()) return stored;
        CompletableFuture<byte[]> plain = stored.thenApply(block -> codec.decode(index, block));
        BlockWait.cancelWith(plain, stored);
        return plain;
    }

    private void mark(long index) {
        if (kind.marking() && index >= 0) state.marks().mark(index);
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
        return BlockWait.update(this, replicator.update(), timeout);
    }

    /** The peers this core is being replicated with. */
    public List<PeerStatus> peers() {
        return replicator.peers();
    }

    /** What moves this core's blocks to and from peers. */
    public Replicator replicator() {
        return replicator;
    }

    /**
     * Drops the blocks {@code [start, end)} from the store; their hashes stay, and peers may supply them again.
     *
     * @return how many were held
     */
    public long clear(long start, long end) {
        requireOpen();
        if (start < 0 || end < start) throw new IllegalArgumentException("blocks " + start + " to " + end);
        return state.writer().clear(start, end);
    }

    /** The marks that are stored with the core, by which {@link BlockMarks#sweep} drops the blocks nobody needs. */
    public BlockMarks marks() {
        requireOpen();
        return state.marks();
    }

    /** Another handle on the core, which marks every block that it is asked for as one to keep. */
    public Hypercore marking() {
        return handle(codec, kind.keeping());
    }

    /**
     * Another handle on the core that encrypts what it appends and decrypts what it reads; lengths and offsets in bytes are
     * those of the content. All blocks of a core are either encrypted or not. The secret is not stored.
     */
    public Hypercore encrypted(EncryptionKey secret) {
        return handle(new CoreCodec(state, secret), kind.shared());
    }

    /** As {@link #encrypted(EncryptionKey)}, in a way of one's own. */
    public Hypercore encrypted(BlockEncryption encryption) {
        return handle(new CoreCodec(state, encryption), kind.shared());
    }

    /** Another handle on the core that refuses to append and to truncate. */
    public Hypercore readOnly() {
        return handle(codec, kind.reading());
    }

    /** Another handle on the core; waits until no other handle made by this method is open in this process. */
    public Hypercore exclusive() {
        requireOpen();
        core.lockExclusive();
        try {
            return handle(codec, kind.alone());
        } catch (RuntimeException e) {
            core.unlockExclusive();
            throw e;
        }
    }

    /** Another handle on the core, for whose sake it fetches nothing and is not offered to peers. */
    public Hypercore weak() {
        return handle(codec, HandleKind.WEAK);
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
    public Subscription watch(CoreWatcher watcher) {
        requireOpen();
        CoreEvents events = new CoreEvents(state, watcher, codec.paddingBytes());
        watchers.add(events);
        return events;
    }

    /** Hears of every head appended here. Runs on its own thread, maybe late and out of order: look at the argument. */
    public void onAppend(Consumer<TreeHead> listener) {
        listeners.appends.add(listener);
    }

    /**
     * Hears when the core is frozen because its signer has signed two histories; appends are refused then, and it is
     * replicated no more. Runs on its own thread.
     */
    public void onConflict(Consumer<CoreConflict> listener) {
        listeners.conflicts.add(listener);
    }

    /** Hears of every head learnt from peers, of another fork too. Runs on its own thread. */
    public void onUpdate(Consumer<TreeHead> listener) {
        listeners.updates.add(listener);
    }

    void requireChangeable() {
        requireOpen();
        if (kind.readOnly()) throw new IllegalStateException("this handle on core " + key() + " is read-only");
    }

    private void requireOpen() {
        if (closed.get()) throw new StorageException(StorageException.Kind.CLOSED, "core " + key() + " is closed");
    }

    /** Closes this handle. Without handles a core fetches nothing more; peers that ask for it are still served. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) return;
        state.removeListener(listeners);
        for (CoreEvents each : watchers) each.close();
        if (kind.exclusive()) core.unlockExclusive();
        if (!kind.weak()) core.release();
        onClose.run();
    }
}
