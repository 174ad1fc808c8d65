package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.DiscoveryKey;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.PublicKey;
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
    private final CoreKey key;
    private final DiscoveryKey discoveryKey;
    private volatile @Nullable KeyPair keyPair;
    private final byte @Nullable [] encryptionKey;
    private final Blocks blocks;
    private final StoreRecord.CoreHints hints;
    private final CoreListeners listeners = new CoreListeners(this);

    private final Bitfield bitfield;
    private volatile @Nullable Verifier verifier;
    private volatile @Nullable Manifest manifest;
    private volatile TreeHead head;
    private volatile long contiguousLength;
    private volatile boolean closed;

    /** The newest head, maybe not yet on disk. */
    private TreeHead tip;

    /** Verified nodes that are on their way to the disk. */
    private final Map<Long, TreeNode> uncommitted = new HashMap<>();

    CoreState(CoreStorage storage, StoredCore stored) {
        this.storage = storage;
        this.pointers = stored.pointers();
        this.key = stored.auth().key();
        this.discoveryKey = stored.auth().discoveryKey();
        this.keyPair = stored.auth().keyPair();
        this.encryptionKey = stored.auth().encryptionKey();
        this.head = stored.head();
        this.tip = head;
        this.bitfield = stored.bitfield();
        this.contiguousLength = bitfield.firstUnset(stored.hints().contiguousLength());
        this.hints = stored.hints();
        this.blocks = new Blocks(storage, pointers, stored.hosted());
        Manifest known = stored.auth().manifest();
        if (known != null) learn(known);
    }

    private void learn(Manifest known) {
        manifest = known;
        verifier = new Verifier(key, known);
    }

    /** The core's lock: mux lock, then this one, then a connection's outbox. Never held while waiting for anything. */
    public ReentrantLock lock() {
        return lock;
    }

    /** The core's key. */
    public CoreKey key() {
        return key;
    }

    /** What the core is asked for by. */
    public DiscoveryKey discoveryKey() {
        return discoveryKey;
    }

    /** The manifest, null while only the key is known. */
    public @Nullable Manifest manifest() {
        return manifest;
    }

    /** Whether this store holds the key pair that signs the core. */
    public boolean writable() {
        return keyPair != null;
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
            long end = 2 * tip.length();
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
        TreeNode pending = uncommitted.get(index);
        return pending != null ? pending : storedNode(index);
    }

    private @Nullable TreeNode storedNode(long index) {
        return storage.treeNode(pointers, index);
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
        Manifest attached = request.manifest() ? manifest : null;
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
        Verifier rules = verifier;
        try {
            Proof proof = TreeProof.create(at, nodes(), request, rules == null ? null : rules.prologue(), value);
            return new Proof(proof.fork(), proof.block(), proof.hash(), proof.seek(), proof.upgrade(), attached);
        } catch (MissingNodeException e) {
            LOG.log(System.Logger.Level.DEBUG, "cannot prove {0}: {1}", request, e.getMessage());
            return null;
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
     * @return false when the proof is stale (its upgrade starts elsewhere than the core ends) and was ignored
     * @throws InvalidProofException when it does not verify
     * @throws StorageException when the core takes no more writes
     */
    public boolean apply(PreparedProof prepared) {
        Proof proof = prepared.proof();
        Proof.DataUpgrade upgrade = proof.upgrade();
        lock.lock();
        try {
            requireWritable();
            if (proof.fork() != tip.fork()) {
                throw new InvalidProofException("the remote core has fork " + proof.fork() + ", this one " + tip.fork()
                        + "; following a core that was rewritten is not supported");
            }
            if (upgrade != null && upgrade.start() != tip.length() && !restartsForPrologue(upgrade)) return false;
            MerkleTreeBatch batch = new MerkleTreeBatch(tip);
            batch.add(prepared.nodes());
            TreeNode unverified = prepared.root();
            TreeHead upgraded = null;
            Manifest learnt = null;
            if (upgrade != null) {
                Manifest rules = manifestFor(proof);
                Verifier signatures = new Verifier(key, rules);
                if (batch.verifyUpgrade(proof.fork(), upgrade, unverified, signatures.prologue())) unverified = null;
                byte[] signature = upgrade.signature() == null ? new byte[0] : upgrade.signature();
                if (!batch.upgraded()) return false;
                if (!signatures.verify(batch, signature)) {
                    throw new InvalidProofException("the signature of length " + batch.length() + " is not valid");
                }
                upgraded = batch.head(signature);
                if (manifest == null) learnt = rules;
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
        return upgrade.start() == 0 && tip.length() == 0;
    }

    private void enqueue(Proof proof, List<TreeNode> nodes, @Nullable TreeHead upgraded, @Nullable Manifest learnt) {
        Proof.DataBlock block = proof.block();
        List<byte[]> values = block == null ? List.of() : List.of(block.value());
        long start = block == null ? 0 : block.index();
        CoreChange change = CoreChange.store(this, nodes, start, values, upgraded, learnt != null, false);
        storage.commits().submit(change);
        if (learnt != null) learn(learnt);
        if (upgraded != null) tip = upgraded;
        for (TreeNode node : nodes) uncommitted.put(node.index(), node);
        storage.commits().wake();
    }

    private Manifest manifestFor(Proof proof) {
        Manifest known = manifest;
        if (known != null) return known;
        Manifest received = proof.manifest();
        Manifest candidate = received != null ? received : Manifest.single(new PublicKey(key.bytes()));
        if (!candidate.matches(key)) throw new InvalidProofException("the manifest does not hash to the core's key");
        return candidate;
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

    /** Appends blocks, durable when it returns; {@code values} are not copied and must not change meanwhile. */
    long append(List<byte[]> values) {
        KeyPair signer = keyPair;
        if (signer == null)
            throw new IllegalStateException("core " + key + " belongs to someone else: it cannot be written");
        if (values.isEmpty()) return length();
        List<TreeHash> leaves = new ArrayList<>(values.size());
        for (byte[] value : values) leaves.add(MerkleHash.leaf(value));
        CoreChange change;
        TreeHead appended;
        lock.lock();
        try {
            requireWritable();
            boolean unknown = manifest == null;
            if (unknown) learn(manifestOf(signer));
            Verifier signatures = verifier;
            if (signatures == null) throw new IllegalStateException("a writable core without manifest");
            MerkleTreeBatch batch = new MerkleTreeBatch(tip);
            for (int i = 0; i < values.size(); i++) batch.append(leaves.get(i), values.get(i).length);
            byte[] signature = signatures.sign(batch.fork(), batch.length(), batch.treeHash(), signer);
            appended = batch.head(signature);
            change = CoreChange.store(this, batch.nodes(), tip.length(), values, appended, unknown, true);
            storage.commits().submit(change);
            tip = appended;
        } finally {
            lock.unlock();
        }
        storage.commits().await(change);
        return appended.length();
    }

    private Manifest manifestOf(KeyPair signer) {
        Manifest single = Manifest.single(signer.publicKey());
        if (!single.matches(key)) throw new IllegalStateException("the key pair is not that of core " + key);
        return single;
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
                commit(CoreChange.held(this, chunk, new BlockRange(0, 0), null));
                chunk = new ArrayList<>();
            }
        }
        CoreChange last = null;
        lock.lock();
        try {
            requireWritable();
            if (manifest == null) learn(parts.manifest());
            TreeHead longer = parts.head().length() > tip.length() ? parts.head() : null;
            last = CoreChange.held(this, chunk, new BlockRange(0, 0), longer);
            storage.commits().submit(last);
            if (longer != null) tip = longer;
            for (BlockRange range : parts.held()) {
                last = CoreChange.held(this, List.of(), range, null);
                storage.commits().submit(last);
            }
        } finally {
            lock.unlock();
        }
        storage.commits().await(last);
    }

    private void commit(CoreChange change) {
        lock.lock();
        try {
            requireWritable();
            storage.commits().submit(change);
        } finally {
            lock.unlock();
        }
        storage.commits().await(change);
    }

    /** Drops blocks {@code [start, end)}, durable when it returns; their hashes stay. */
    void clear(long start, long end) {
        commit(CoreChange.clear(this, start, end));
    }

    private void requireWritable() {
        if (closed) throw new StorageException(StorageException.Kind.CLOSED, "core " + key + " is closed");
        storage.requireWritable();
    }

    /** Puts a group of this core's changes into a write batch. Only the commit queue calls this, one thread at a time. */
    void write(CoreStorage.Writer out, List<CoreChange> changes) throws RocksDBException {
        StoreRecord.CoreAuth auth = new StoreRecord.CoreAuth(key, discoveryKey, manifest, keyPair, encryptionKey);
        new ChangeWriter(out, pointers, bitfield).write(changes, auth, hints.withContiguousLength(contiguousLength));
    }

    /** Makes written changes visible and tells the listeners. Only the commit queue calls this. */
    void committed(List<CoreChange> changes) {
        lock.lock();
        try {
            TreeHead previous = head;
            boolean local = false;
            boolean learnt = false;
            boolean upgraded = false;
            for (CoreChange change : changes) {
                for (TreeNode node : change.nodes) uncommitted.remove(node.index(), node);
                if (change.end() > change.start) bitfield.setRange(change.start, change.end(), !change.isClear());
                if (change.isClear()) contiguousLength = Math.min(contiguousLength, change.start);
                if (change.head != null) head = change.head;
                upgraded |= change.head != null;
                local |= change.head != null && change.local;
                learnt |= change.manifest;
            }
            contiguousLength = bitfield.firstUnset(contiguousLength);
            boolean byUs = local;
            if (learnt) listeners.tell(listener -> listener.onManifest(this));
            if (upgraded) listeners.tell(listener -> listener.onHead(this, previous, byUs));
            listeners.tellBlocks(changes);
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
            if (keyPair != null) return;
            boolean unknown = manifest == null;
            Manifest known = unknown ? manifestOf(pair) : manifest;
            if (known == null
                    || known.signers().stream().noneMatch(s -> s.publicKey().equals(pair.publicKey()))) {
                throw new IllegalStateException("the key pair is not that of a signer of core " + key);
            }
            keyPair = pair;
            if (unknown) learn(known);
        } finally {
            lock.unlock();
        }
        commit(CoreChange.keys(this));
    }

    CoreStorage storage() {
        return storage;
    }

    /** Waits until every change accepted so far is on disk. */
    public void settle() {
        commit(CoreChange.barrier(this));
    }

    /** Refuses further changes and waits for those under way. */
    void close() {
        CoreChange barrier = CoreChange.barrier(this);
        lock.lock();
        try {
            if (closed) return;
            closed = true;
            storage.commits().submit(barrier);
        } finally {
            lock.unlock();
        }
        storage.commits().awaitDone(barrier);
        listeners.clear();
    }
}
