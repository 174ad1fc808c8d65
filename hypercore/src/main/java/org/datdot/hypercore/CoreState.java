package org.datdot.hypercore;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.DiscoveryKey;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * One core of a store, shared by all handles and by replication: its signed head, which blocks are held, and the parts
 * that work on it: what changes it from here and from outside, what proves it to others. What is visible here
 * ({@link #head()}, {@link #bitfield()}) is committed; behind it runs a tip of changes on their way to the disk, so that
 * many fit into one commit. Internal to this module.
 *
 * <p>Everything is thread-safe unless said otherwise. The lock is held for bookkeeping only: block hashing, storage writes
 * and block reads happen outside. Source of the rules: npm hypercore lib/core.js and lib/session-state.js.
 */
public final class CoreState {
    private final ReentrantLock lock = new ReentrantLock();
    private final CoreStorage storage;
    private final CoreStorage.Pointers pointers;
    private final CoreKeys keys;
    private final CoreGroup group;
    private final Blocks blocks;
    private final CoreListeners listeners = new CoreListeners(this);

    private final CommittedCore committed;
    /** Behind what is committed: the changes on their way to the disk. */
    private final CoreTip tip;

    private final CoreWriter writer;
    private final ProofIntake intake;
    private final CoreProver prover = new CoreProver(this);
    private volatile NodeCache.Tree tree = new NodeCache.Tree();
    private volatile @Nullable BlockMarks marks;

    CoreState(CoreStorage storage, StoredCore stored) {
        this.storage = storage;
        this.pointers = stored.pointers();
        this.keys = new CoreKeys(stored.auth());
        this.group = new CoreGroup(storage, stored.pointers());
        this.blocks = new Blocks(storage, pointers, stored.hosted());
        this.committed = new CommittedCore(this, listeners, stored);
        this.tip = new CoreTip(this, storage, lock, stored.head());
        this.writer = new CoreWriter(this, tip, storage.commits());
        this.intake = new ProofIntake(this, tip, storage.commits());
    }

    /** The core's lock: mux lock, then this one, then a connection's outbox. Never held while waiting for anything. */
    public ReentrantLock lock() {
        return lock;
    }

    /** The core's key. */
    public CoreKey key() {
        return keys.key();
    }

    /** What the core is asked for by. */
    public DiscoveryKey discoveryKey() {
        return keys.discoveryKey();
    }

    /** The manifest, null while only the key is known. */
    public @Nullable Manifest manifest() {
        return keys.manifest();
    }

    /** Whether this store holds the key pair that signs the core. */
    public boolean writable() {
        return keys.keyPair() != null;
    }

    /** The signed head; committed, immutable. */
    public TreeHead head() {
        return committed.head();
    }

    /** Fork number. */
    public long fork() {
        return committed.head().fork();
    }

    /** Length in blocks. */
    public long length() {
        return committed.head().length();
    }

    /** Length in bytes. */
    public long byteLength() {
        return committed.head().byteLength();
    }

    /** How many blocks are held from the first on without a gap. */
    public long contiguousLength() {
        return blocks.available() ? committed.contiguousLength() : 0;
    }

    /** How many blocks are held. */
    long heldBlocks() {
        lock.lock();
        try {
            return bitfield().countSet(0, length());
        } finally {
            lock.unlock();
        }
    }

    /** Whether a block can be read here. */
    public boolean hasBlock(long index) {
        lock.lock();
        try {
            return index >= 0 && blocks.available() && committed.bitfield().get(index);
        } finally {
            lock.unlock();
        }
    }

    /** Whether all blocks {@code [start, end)} can be read here. */
    boolean hasBlocks(long start, long end) {
        lock.lock();
        try {
            return start >= 0 && bitfield().countSet(start, end) == end - start;
        } finally {
            lock.unlock();
        }
    }

    /** The held blocks; the caller holds the lock while reading and does not change it. Empty while a source is missing. */
    public Bitfield bitfield() {
        return blocks.available() ? committed.bitfield() : new Bitfield();
    }

    /** How many parents of a block must come with it in a proof. */
    public long missingNodes(long blockIndex) {
        return missingTreeNodes(blockIndex * 2);
    }

    /** How many levels, from a tree node (inclusive) upwards, are unknown here. */
    public long missingTreeNodes(long nodeIndex) {
        lock.lock();
        try {
            long end = 2 * tip.head().length();
            FlatIterator at = new FlatIterator(nodeIndex);
            if (at.rightSpan() >= end) return 0;
            long missing = 0;
            while (!at.contains(end) && node(at.index()) == null) {
                missing++;
                at.parent();
            }
            return missing;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable TreeNode node(long index) {
        TreeNode pending = tip.pending(index);
        return pending != null ? pending : storedNode(index);
    }

    private @Nullable TreeNode storedNode(long index) {
        NodeCache.Tree now = tree;
        TreeNode known = storage.nodes().get(now, index);
        if (known != null) return known;
        long end = 2 * length();
        TreeNode stored = storage.treeNode(pointers, index);
        // what lies behind the end may be left of an older tree, until the next append
        if (stored != null && new FlatIterator(index).rightSpan() < end)
            storage.nodes().put(now, stored);
        return stored;
    }

    /** The tree was cut, and that is on disk: what was read of it before counts no more. */
    void cut() {
        tree = new NodeCache.Tree();
    }

    /** Looks up tree nodes, those on their way to the disk too; the caller holds the lock. */
    NodeSource verifiedNodes() {
        return this::node;
    }

    /** Looks up committed tree nodes. */
    public NodeSource nodes() {
        return this::storedNode;
    }

    /** A block's bytes from the store or its source, null when it cannot be had now. */
    public byte @Nullable [] readBlock(long index) {
        return blocks.read(index, nodes());
    }

    CoreTip tip() {
        return tip;
    }

    /** What changes the core from here. */
    CoreWriter writer() {
        return writer;
    }

    /** What changes the core from outside. */
    ProofIntake intake() {
        return intake;
    }

    /** What proves the core to others. */
    CoreProver prover() {
        return prover;
    }

    CoreKeys keys() {
        return keys;
    }

    CoreGroup group() {
        return group;
    }

    CoreStorage.Pointers pointers() {
        return pointers;
    }

    /** A value that was stored with the core under a name, null when there is none. */
    byte @Nullable [] userData(String name) {
        return storage.get(StorageKeys.userData(pointers.dataPointer(), name));
    }

    /** Gives back the space of what was deleted. */
    void compact() {
        long data = pointers.dataPointer();
        storage.compact(StorageKeys.dataStart(data), StorageKeys.dataStart(data + 1));
    }

    /** The core as it is now. */
    FrozenCore snapshot() {
        lock.lock();
        try {
            tip.awaitStill();
            return new FrozenCore(this);
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more changes until it is opened again: its signer has signed two histories. */
    void freeze(CoreConflict conflict) {
        lock.lock();
        try {
            if (tip.freeze(conflict)) listeners.tell(listener -> listener.onConflict(this, conflict));
        } finally {
            lock.unlock();
        }
    }

    /** Puts a group of this core's changes into a write batch. Only the commit queue calls this, one thread at a time. */
    void write(CoreStorage.Writer out, List<CoreChange> changes) {
        committed.write(out, changes);
    }

    /** Makes written changes visible and tells the listeners. Only the commit queue calls this. */
    void committed(List<CoreChange> changes) {
        lock.lock();
        try {
            committed.take(changes);
        } finally {
            lock.unlock();
        }
    }

    /** Tells the listeners that nothing more can be written. Only the commit queue calls this. */
    void failed(StorageException failure) {
        lock.lock();
        try {
            listeners.tell(listener -> listener.onFailure(this, failure));
        } finally {
            lock.unlock();
        }
    }

    /** A block was sent to a peer. Called without the lock. */
    void uploaded(long index, long byteLength, PublicKey peer) {
        listeners.tell(listener -> listener.onUpload(this, index, byteLength, peer));
    }

    /** A block came from a peer. Called without the lock. */
    void received(long index, long byteLength, PublicKey peer) {
        listeners.tell(listener -> listener.onReceive(this, index, byteLength, peer));
    }

    /** A peer has opened the core, or has closed it. Called with the lock held. */
    void peer(PublicKey peer, boolean added) {
        listeners.tell(listener -> listener.onPeer(this, peer, added));
    }

    /** A peer of this fork holds the first blocks without a gap. Called with the lock held. */
    void remoteContiguous(long length) {
        if (committed.remoteContiguous(length)) {
            listeners.tell(listener -> listener.onRemoteContiguous(this, length));
        }
    }

    /** How many blocks some peer is known to have held from the first on without a gap. */
    long remoteContiguousLength() {
        lock.lock();
        try {
            return Math.min(length(), committed.hints().remoteContiguousLength());
        } finally {
            lock.unlock();
        }
    }

    /** The marked blocks; read from the store when they are first asked for. */
    BlockMarks marks() {
        BlockMarks known = marks;
        if (known != null) return known;
        lock.lock();
        try {
            known = marks;
            if (known == null) {
                known = new BlockMarks(this);
                marks = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** Has a change written with the next commit. Called without the lock. */
    void submit(CoreChange change) {
        lock.lock();
        try {
            tip.awaitStill();
            tip.requireWritable();
            tip.submit(change);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a tree of so many blocks reaches from a block up to a node that is known here. */
    boolean provable(long index, long ofLength) {
        if (ofLength >= length()) return true;
        FlatIterator at = new FlatIterator(2 * index);
        for (long missing = missingNodes(index); missing > 0; missing--) {
            at.parent();
            if (at.contains(2 * ofLength) || at.index() >= 2 * ofLength) return false;
        }
        return true;
    }

    /** Adds a listener; it hears of commits that follow. */
    public void addListener(CoreListener listener) {
        listeners.add(listener);
    }

    /** Removes a listener. */
    public void removeListener(CoreListener listener) {
        listeners.remove(listener);
    }

    /** Hands in where the blocks of a hosted core come from (or takes it away) and announces them. */
    void source(@Nullable BlockSource source) {
        lock.lock();
        try {
            blocks.source(source);
            if (source == null) return;
            Bitfield bitfield = committed.bitfield();
            long end;
            for (long start = bitfield.firstSet(0); start >= 0; start = bitfield.firstSet(end)) {
                end = bitfield.firstUnset(start);
                listeners.tellRange(start, end);
            }
        } finally {
            lock.unlock();
        }
    }

    boolean hosted() {
        return blocks.hosted();
    }

    /** From now on the block bytes come from a source (none yet). */
    void makeHosted() {
        storage.write(out -> out.put(StorageKeys.userData(pointers.dataPointer(), StoredCore.HOSTED), new byte[] {1}));
        blocks.makeHosted();
    }

    CoreStorage storage() {
        return storage;
    }

    /** Waits until every change accepted so far is on disk. */
    public void settle() {
        tip.commit(CoreChange.barrier(this));
    }

    /** Refuses further changes and waits for those under way. */
    void close() {
        tip.close();
        listeners.tell(listener -> listener.onClose(this));
        listeners.clear();
    }
}
