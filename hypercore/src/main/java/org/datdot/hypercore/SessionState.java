package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * A named session of a core, shared by its handles: an unsigned head, with blocks and tree nodes of its own behind a length
 * up to which it is the core's. Thread-safe; the session's lock comes before the core's. Source of the rules: npm hypercore
 * lib/session-state.js and hypercore-storage index.js.
 */
final class SessionState {
    private final CoreState core;
    private final CoreStorage storage;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile CoreStorage.Pointers pointers;
    private volatile TreeHead head;
    private volatile boolean closed;

    SessionState(CoreState core, CoreStorage.Pointers pointers) {
        this.core = core;
        this.storage = core.storage();
        this.pointers = pointers;
        this.head = StoredCore.head(storage, pointers);
    }

    /** Writes the records of a session that is the core's so far. */
    static void begin(CoreStorage.Writer out, CoreState core, long data, TreeHead head) {
        if (head.length() > 0) out.put(StorageKeys.head(data), StoreRecord.StoredHead.of(head));
        else out.delete(StorageKeys.head(data));
        out.put(
                StorageKeys.dependency(data),
                new StoreRecord.Dependency(core.pointers().dataPointer(), head.length()));
    }

    TreeHead head() {
        return head;
    }

    /** Up to here the blocks are the core's. */
    long sharedLength() {
        List<StoreRecord.Dependency> older = pointers.dependencies();
        return older.isEmpty() ? 0 : older.getLast().length();
    }

    /** Refuses everything from now on: the session is being deleted. */
    void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) throw new StorageException(StorageException.Kind.CLOSED, "the session was deleted");
    }

    byte @Nullable [] block(long index) {
        requireOpen();
        return storage.block(pointers, index);
    }

    @Nullable
    TreeNode node(long index) {
        return storage.treeNode(pointers, index);
    }

    long append(List<byte[]> blocks, CoreCodec codec) {
        CoreWriter.requireSizes(blocks, codec);
        lock.lock();
        try {
            requireOpen();
            TreeHead from = head;
            List<byte[]> values = codec.encode(from.length(), core.fork(), blocks);
            MerkleTreeBatch batch = new MerkleTreeBatch(from);
            for (byte[] value : values) batch.append(MerkleHash.leaf(value), value.length);
            TreeHead next = batch.head(new byte[0]);
            long data = pointers.dataPointer();
            storage.write(out -> {
                for (TreeNode node : batch.nodes()) out.treeNode(data, node);
                for (int i = 0; i < values.size(); i++) {
                    out.put(StorageKeys.block(data, from.length() + i), values.get(i));
                }
                out.put(StorageKeys.head(data), StoreRecord.StoredHead.of(next));
            });
            head = next;
            return next.length();
        } finally {
            lock.unlock();
        }
    }

    void truncate(long newLength) {
        lock.lock();
        try {
            requireOpen();
            TreeHead from = head;
            TreeHead next = from.cutTo(newLength, from.fork() + 1, this::node);
            long shared = Math.min(newLength, sharedLength());
            CoreStorage.Pointers cut = sharing(shared);
            long data = pointers.dataPointer();
            storage.write(out -> {
                out.deleteRange(StorageKeys.block(data, newLength), StorageKeys.block(data, from.length()));
                out.cutTree(data, newLength, from.length());
                out.put(StorageKeys.head(data), StoreRecord.StoredHead.of(next));
                putDependency(out, cut);
            });
            pointers = cut;
            head = next;
        } finally {
            lock.unlock();
        }
    }

    /** The pointers with another length up to which the session is the core's. */
    private CoreStorage.Pointers sharing(long length) {
        List<StoreRecord.Dependency> older = new ArrayList<>();
        for (StoreRecord.Dependency each : pointers.dependencies()) {
            older.add(new StoreRecord.Dependency(each.dataPointer(), Math.min(each.length(), length)));
        }
        if (!older.isEmpty()) {
            older.set(
                    older.size() - 1, new StoreRecord.Dependency(older.getLast().dataPointer(), length));
        }
        return new CoreStorage.Pointers(pointers.corePointer(), pointers.dataPointer(), List.copyOf(older));
    }

    private static void putDependency(CoreStorage.Writer out, CoreStorage.Pointers pointers) {
        if (pointers.dependencies().isEmpty()) return;
        out.put(
                StorageKeys.dependency(pointers.dataPointer()),
                pointers.dependencies().getLast());
    }

    /** The head the core gets by a commit of the first blocks, unsigned. */
    TreeHead committed(long length) {
        lock.lock();
        try {
            return head.beginning(length, core.fork(), this::node);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has the core take over the first blocks.
     *
     * @param length length in blocks, -1 for all
     * @param signature made elsewhere, null when the core's key pair signs
     * @return false when the core is not a beginning of them
     */
    boolean commit(long length, byte @Nullable [] signature) {
        lock.lock();
        try {
            requireOpen();
            HeadSigner signer = HeadSigner.of(core.keys(), signature);
            TreeHead mine = committed(length < 0 ? head.length() : length);
            long shared = sharedLength();
            CoreStorage.Pointers merged = sharing(mine.length());
            long data = pointers.dataPointer();
            boolean[] fits = new boolean[1];
            core.tip().alone(false, () -> {
                CoreChange change = taken(mine, shared, signer);
                if (change == null) return null;
                fits[0] = true;
                return change.with(out -> {
                    out.deleteRange(StorageKeys.block(data, shared), StorageKeys.block(data, mine.length()));
                    putDependency(out, merged);
                });
            });
            if (fits[0]) pointers = merged;
            return fits[0];
        } finally {
            lock.unlock();
        }
    }

    /** What the core takes over, null when it is not a beginning of this session; the core's lock is held. */
    private @Nullable CoreChange taken(TreeHead mine, long shared, HeadSigner signer) {
        TreeHead from = core.tip().head();
        if (from.length() > mine.length() || from.length() < shared) return null;
        for (TreeNode root : from.roots()) {
            if (!root.equals(mine.length() == from.length() ? mineRoot(mine, root) : node(root.index()))) return null;
        }
        List<byte[]> values = new ArrayList<>();
        for (long i = from.length(); i < mine.length(); i++) {
            byte[] value = block(i);
            if (value == null) throw storage.corrupt("block " + i + " of a session", null);
            values.add(value);
        }
        if (values.isEmpty()) return CoreChange.barrier(core);
        return core.writer().appendChange(values, CoreWriter.leaves(values), signer);
    }

    private static @Nullable TreeNode mineRoot(TreeHead mine, TreeNode root) {
        return mine.roots().contains(root) ? root : null;
    }

    void reset() {
        lock.lock();
        try {
            requireOpen();
            TreeHead now = core.head();
            long data = pointers.dataPointer();
            storage.write(out -> {
                out.deleteRange(StorageKeys.block(data, 0), StorageKeys.treeNode(data, 0));
                out.deleteRange(StorageKeys.treeNode(data, 0), StorageKeys.bitfieldStart(data));
                begin(out, core, data, now);
            });
            pointers = storage.pointers(pointers.corePointer(), data);
            head = now;
        } finally {
            lock.unlock();
        }
    }

    byte @Nullable [] userData(String name) {
        requireOpen();
        return storage.get(StorageKeys.userData(pointers.dataPointer(), name));
    }

    void userData(String name, byte @Nullable [] value) {
        lock.lock();
        try {
            requireOpen();
            storage.write(out -> out.userData(pointers.dataPointer(), name, value));
        } finally {
            lock.unlock();
        }
    }
}
