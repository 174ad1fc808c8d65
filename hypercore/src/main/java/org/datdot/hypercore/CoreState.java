package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.DiscoveryKey;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * One core of a store, shared by all handles and by replication: its signed head, which blocks are held, and the two ways
 * it grows, local appends and verified proofs. What is visible here ({@link #head()}, {@link #bitfield()}) is committed;
 * behind it runs a tip of changes on their way to the disk, so that many fit into one commit. Internal to this module.
 *
 * <p>Everything is thread-safe unless said otherwise. The lock is held for bookkeeping only: block hashing, storage writes
 * and block reads happen outside. Source of the rules: npm hypercore lib/core.js and lib/session-state.js.
 */
public final class CoreState {
    private static final System.Logger LOG = System.getLogger(CoreState.class.getName());
    private static final int IMPORT_CHUNK = 16_384;

    private final ReentrantLock lock = new ReentrantLock();
    private final CoreStorage storage;
    private final CoreStorage.Pointers pointers;
    private final CoreKeys keys;
    private final Blocks blocks;
    private final CoreListeners listeners = new CoreListeners(this);

    private final Bitfield bitfield;
    private volatile TreeHead head;
    private volatile long contiguousLength;
    private StoreRecord.CoreHints hints;

    /** Behind what is committed: the changes on their way to the disk. */
    private final CoreTip tip;

    CoreState(CoreStorage storage, StoredCore stored) {
        this.storage = storage;
        this.pointers = stored.pointers();
        this.keys = new CoreKeys(stored.auth());
        this.head = stored.head();
        this.tip = new CoreTip(this, storage, lock, head);
        this.bitfield = stored.bitfield();
        this.contiguousLength = bitfield.firstUnset(stored.hints().contiguousLength());
        this.hints = stored.hints();
        this.blocks = new Blocks(storage, pointers, stored.hosted());
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
        return head;
    }

    /** Fork number. */
    public long fork() {
        return head.fork();
    }

    /** Length in blocks. */
    public long length() {
        return head.length();
    }

    /** Length in bytes. */
    public long byteLength() {
        return head.byteLength();
    }

    /** How many blocks are held from the first on without a gap. */
    public long contiguousLength() {
        return blocks.available() ? contiguousLength : 0;
    }

    /** Whether a block can be read here. */
    public boolean hasBlock(long index) {
        lock.lock();
        try {
            return index >= 0 && blocks.available() && bitfield.get(index);
        } finally {
            lock.unlock();
        }
    }

    /** The held blocks; the caller holds the lock while reading and does not change it. Empty while a source is missing. */
    public Bitfield bitfield() {
        return blocks.available() ? bitfield : new Bitfield();
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
        return storage.treeNode(pointers, index);
    }

    /** Looks up tree nodes, those on their way to the disk too; the caller holds the lock. */
    NodeSource verifiedNodes() {
        return this::node;
    }

    /** Looks up committed tree nodes. */
    public NodeSource nodes() {
        return this::storedNode;
    }

    /**
     * Answers a request; takes no lock while it reads.
     *
     * @return null when a part that is asked for is not held here
     * @throws InvalidRequestException when no honest reader asks this
     */
    public @Nullable Proof createProof(ProofRequest request) {
        TreeHead at = head;
        Manifest attached = request.manifest() ? keys.manifest() : null;
        boolean manifestOnly = request.block() == null
                && request.hash() == null
                && request.seek() == null
                && request.upgrade() == null;
        if (manifestOnly) {
            return attached == null ? null : new Proof(at.fork(), null, null, null, null, attached);
        }
        byte[] value = null;
        ProofRequest.BlockRequest block = request.block();
        if (block != null) {
            if (!hasBlock(block.index())) return null;
            value = readBlock(block.index());
            if (value == null) return null;
        }
        Verifier rules = keys.verifier();
        try {
            Proof proof = TreeProof.create(at, nodes(), request, rules == null ? null : rules.prologue(), value);
            if (cutSince(at)) return null;
            return new Proof(proof.fork(), proof.block(), proof.hash(), proof.seek(), proof.upgrade(), attached);
        } catch (MissingNodeException e) {
            LOG.log(System.Logger.Level.DEBUG, "cannot prove {0}: {1}", request, e.getMessage());
            return null;
        }
    }

    /** Whether what was read since this head may be of two forks. */
    private boolean cutSince(TreeHead at) {
        lock.lock();
        try {
            return tip.cutting() || head.fork() != at.fork();
        } finally {
            lock.unlock();
        }
    }

    /** A block's bytes from the store or its source, null when it cannot be had now. */
    public byte @Nullable [] readBlock(long index) {
        return blocks.read(index, storedNode(index * 2));
    }

    /**
     * Compares a prepared proof with the core and, when it holds, has it stored with the next commit; listeners hear of
     * it then.
     *
     * @return false when the proof is stale (its upgrade starts elsewhere than the core ends, or it is of another fork)
     *     and was ignored
     * @throws InvalidProofException when it does not verify
     * @throws StorageException when the core takes no more writes
     */
    public boolean apply(PreparedProof prepared) {
        Proof proof = prepared.proof();
        Proof.DataUpgrade upgrade = proof.upgrade();
        lock.lock();
        try {
            tip.requireWritable();
            if (tip.held() || proof.fork() != tip.head().fork()) return false;
            if (upgrade != null && upgrade.start() != tip.head().length() && !restartsForPrologue(upgrade))
                return false;
            MerkleTreeBatch batch = new MerkleTreeBatch(tip.head());
            batch.add(prepared.nodes());
            TreeNode unverified = prepared.root();
            TreeHead upgraded = null;
            Manifest learnt = keys.manifest() == null && proof.manifest() != null ? keys.manifestFor(proof) : null;
            if (upgrade != null) {
                Manifest rules = keys.manifestFor(proof);
                Verifier signatures = new Verifier(key(), rules);
                if (batch.verifyUpgrade(proof.fork(), upgrade, unverified, signatures.prologue())) unverified = null;
                byte[] signature = upgrade.signature() == null ? new byte[0] : upgrade.signature();
                if (!batch.upgraded()) return false;
                if (!signatures.verify(batch, signature)) {
                    throw new InvalidProofException("the signature of length " + batch.length() + " is not valid");
                }
                upgraded = batch.head(signature);
                if (keys.manifest() == null) learnt = rules;
            }
            if (unverified != null) requireSame(unverified);
            enqueue(proof, batch.nodes(), upgraded, learnt);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A core with a prologue answers an upgrade from inside it with one from the start. */
    private boolean restartsForPrologue(Proof.DataUpgrade upgrade) {
        return upgrade.start() == 0 && tip.head().length() == 0;
    }

    private void enqueue(Proof proof, List<TreeNode> nodes, @Nullable TreeHead upgraded, @Nullable Manifest learnt) {
        Proof.DataBlock block = proof.block();
        List<byte[]> values = block == null ? List.of() : List.of(block.value());
        long start = block == null ? 0 : block.index();
        CoreChange change = CoreChange.store(this, nodes, start, values, upgraded, learnt != null, false);
        tip.submit(change);
        if (learnt != null) keys.learn(learnt);
        tip.keep(nodes);
        storage.commits().wake();
    }

    private void requireSame(TreeNode unverified) {
        TreeNode known = node(unverified.index());
        if (known == null) {
            throw new InvalidProofException("the proof ends at tree node " + unverified.index() + ", unknown here");
        }
        if (!known.equals(unverified)) {
            throw new InvalidProofException("the hash of tree node " + unverified.index() + " is another one");
        }
    }

    /**
     * Appends blocks as a codec has them stored, durable when it returns; {@code blocks} are not copied and must not change
     * meanwhile.
     */
    long append(List<byte[]> blocks, CoreCodec codec) {
        KeyPair signer = keys.signer();
        if (blocks.isEmpty()) return length();
        while (true) {
            TreeHead at = tipHead();
            List<byte[]> values = codec.encode(at.length(), at.fork(), blocks);
            List<TreeHash> leaves = leaves(values);
            CoreChange change;
            lock.lock();
            try {
                tip.requireWritable();
                tip.awaitStill();
                if (codec.encrypts() && !at.samePlace(tip.head())) continue;
                change = appendChange(values, leaves, signer);
                tip.submit(change);
            } finally {
                lock.unlock();
            }
            storage.commits().await(change);
            return Objects.requireNonNull(change.head).length();
        }
    }

    private TreeHead tipHead() {
        lock.lock();
        try {
            return tip.head();
        } finally {
            lock.unlock();
        }
    }

    static List<TreeHash> leaves(List<byte[]> values) {
        List<TreeHash> leaves = new ArrayList<>(values.size());
        for (byte[] value : values) leaves.add(MerkleHash.leaf(value));
        return leaves;
    }

    /** What appends stored blocks to the tip; the caller holds the lock. */
    CoreChange appendChange(List<byte[]> values, List<TreeHash> leaves, KeyPair signer) {
        boolean unknown = keys.manifest() == null;
        Verifier rules = keys.rulesOf(signer);
        MerkleTreeBatch batch = new MerkleTreeBatch(tip.head());
        for (int i = 0; i < values.size(); i++) batch.append(leaves.get(i), values.get(i).length);
        TreeHead head = rules.sign(batch, signer);
        return CoreChange.store(this, batch.nodes(), tip.head().length(), values, head, unknown, true);
    }

    CoreTip tip() {
        return tip;
    }

    CoreKeys keys() {
        return keys;
    }

    CoreStorage.Pointers pointers() {
        return pointers;
    }

    /** A value that was stored with the core under a name, null when there is none. */
    byte @Nullable [] userData(String name) {
        return storage.get(StorageKeys.userData(pointers.dataPointer(), name));
    }

    /** Stores a value with the core, or removes it when it is null; durable when it returns. */
    void userData(String name, byte @Nullable [] value) {
        tip.commit(CoreChange.barrier(this).with(out -> out.userData(pointers.dataPointer(), name, value)));
    }

    /** Gives back the space of what was deleted. */
    void compact() {
        long data = pointers.dataPointer();
        storage.compact(StorageKeys.dataStart(data), StorageKeys.dataStart(data + 1));
    }

    /** The core as it is now. */
    Frozen freeze() {
        lock.lock();
        try {
            tip.awaitStill();
            return new Frozen(storage.view(), head);
        } finally {
            lock.unlock();
        }
    }

    /** A core as it was. */
    final class Frozen implements CoreListener, AutoCloseable {
        private final CoreStorage.View view;
        private final TreeHead head;
        private volatile long sharedLength;

        private Frozen(CoreStorage.View view, TreeHead head) {
            this.view = view;
            this.head = head;
            this.sharedLength = head.length();
            addListener(this);
        }

        TreeHead head() {
            return head;
        }

        /** How many of its blocks the core still has. */
        long sharedLength() {
            return sharedLength;
        }

        byte @Nullable [] block(long index) {
            return view.get(StorageKeys.block(pointers.forBlock(index), index));
        }

        @Nullable
        TreeNode node(long index) {
            TreeNode known =
                    storage.decodeNode(index, view.get(StorageKeys.treeNode(pointers.forTreeNode(index), index)));
            return known != null || index / 2 >= sharedLength
                    ? known
                    : head.within(nodes()).node(index);
        }

        @Override
        public void onTruncate(CoreState state, TreeHead previous, long ancestors) {
            sharedLength = Math.min(sharedLength, ancestors);
        }

        @Override
        public void close() {
            removeListener(this);
            view.close();
        }
    }

    /** Whether all blocks and the head of an import are known already. */
    boolean holds(CoreImport parts) {
        lock.lock();
        try {
            if (parts.head().length() > head.length()) return false;
            for (BlockRange range : parts.held()) {
                if (bitfield.countSet(range.start(), range.end()) < range.lengthBlocks()) return false;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes over tree nodes, a head and blocks which a source supplies; all verified by the caller. */
    void importParts(CoreImport parts) {
        List<TreeNode> chunk = new ArrayList<>(parts.head().roots());
        for (TreeNode node : parts.nodes()) {
            chunk.add(node);
            if (chunk.size() == IMPORT_CHUNK) {
                tip.commit(CoreChange.held(this, chunk, new BlockRange(0, 0), null));
                chunk = new ArrayList<>();
            }
        }
        CoreChange last = null;
        lock.lock();
        try {
            tip.requireWritable();
            if (keys.manifest() == null) keys.learn(parts.manifest());
            TreeHead longer = parts.head().length() > tip.head().length() ? parts.head() : null;
            last = CoreChange.held(this, chunk, new BlockRange(0, 0), longer);
            tip.submit(last);
            for (BlockRange range : parts.held()) {
                last = CoreChange.held(this, List.of(), range, null);
                tip.submit(last);
            }
        } finally {
            lock.unlock();
        }
        storage.commits().await(last);
    }

    /** Drops blocks {@code [start, end)}, durable when it returns; their hashes stay. */
    void clear(long start, long end) {
        tip.commit(CoreChange.clear(this, start, end));
    }

    /**
     * Cuts the core and signs that under another fork number; durable when it returns.
     *
     * @param fork the number, or -1 for the next one
     * @throws IllegalArgumentException when it is not that long or the fork number is not a new one
     */
    void truncate(long newLength, long fork) {
        KeyPair signer = keys.signer();
        tip.alone(true, () -> {
            boolean unknown = keys.manifest() == null;
            TreeHead from = tip.head();
            TreeHead cut = from.cutTo(newLength, fork < 0 ? from.fork() + 1 : fork, nodes());
            TreeHead signed = keys.rulesOf(signer).signCut(cut, signer);
            return CoreChange.truncate(this, List.of(), newLength, from.length(), signed, unknown, true);
        });
    }

    /**
     * Begins to follow a rewritten core: verifies the proof of the whole tree of another fork. The core is not changed.
     *
     * @throws InvalidProofException when it does not verify
     */
    public ReorgBatch verifyReorg(PreparedProof prepared) {
        lock.lock();
        try {
            return ReorgBatch.verify(prepared, keys, tip.head(), this::node);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Replaces the core's tree by that of another fork, dropping the blocks behind their common history; durable when it
     * returns. Called without the core's lock.
     *
     * @return false when the core has changed since the batch began: nothing was done
     * @throws IllegalArgumentException when the batch is not finished
     * @throws StorageException when it cannot be stored
     */
    public boolean reorg(ReorgBatch batch) {
        if (!batch.finished()) throw new IllegalArgumentException("the common history is not known yet");
        return tip.alone(true, () -> {
            TreeHead from = tip.head();
            if (!batch.startsAt(from)) return null;
            Manifest learnt = keys.manifest() == null ? batch.learnt() : null;
            if (learnt != null) keys.learn(learnt);
            return CoreChange.truncate(
                    this, batch.nodes(), batch.ancestors(), from.length(), batch.head(), learnt != null, false);
        });
    }

    /** Whether a peer's proof of a whole tree shows another signed history of this fork; see {@link ConflictCheck}. */
    boolean contradicts(PreparedProof prepared) {
        Verifier signatures = keys.verifier();
        return signatures != null && ConflictCheck.contradicts(prepared, head, nodes(), signatures);
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
    void write(CoreStorage.Writer out, List<CoreChange> changes) throws RocksDBException {
        new ChangeWriter(out, pointers, bitfield)
                .write(changes, keys.record(), hints.withContiguousLength(contiguousLength));
    }

    /** Makes written changes visible and tells the listeners. Only the commit queue calls this. */
    void committed(List<CoreChange> changes) {
        lock.lock();
        try {
            TreeHead previous = head;
            boolean local = false;
            boolean learnt = false;
            boolean upgraded = false;
            CoreChange cut = null;
            for (CoreChange change : changes) {
                tip.forget(change.nodes);
                if (change.end() > change.start) bitfield.setRange(change.start, change.end(), !change.drops());
                if (change.drops()) contiguousLength = Math.min(contiguousLength, change.start);
                if (change.truncates()) cut = change;
                if (change.head != null) head = change.head;
                upgraded |= change.head != null;
                local |= change.head != null && change.local;
                learnt |= change.manifest;
            }
            contiguousLength = bitfield.firstUnset(contiguousLength);
            boolean byUs = local;
            if (learnt) listeners.tell(listener -> listener.onManifest(this));
            if (cut != null) {
                long ancestors = cut.start;
                hints = hints.cutTo(head.length());
                listeners.tell(listener -> listener.onTruncate(this, previous, ancestors));
                listeners.tellBlocks(changes);
            }
            if (upgraded) listeners.tell(listener -> listener.onHead(this, previous, byUs));
            if (cut == null) listeners.tellBlocks(changes);
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

    /** Makes a core that was opened by its key writable, once its key pair is known. */
    void adopt(KeyPair pair) {
        lock.lock();
        try {
            if (!keys.adopt(pair)) return;
        } finally {
            lock.unlock();
        }
        tip.commit(CoreChange.keys(this));
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
