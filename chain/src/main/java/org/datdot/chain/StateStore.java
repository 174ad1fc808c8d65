package org.datdot.chain;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.datdot.chain.ChainException.Kind;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * States of a chain on the disk, as nodes of their tries: what a block changes is written once, what it does not change is shared with the state before, and read when it is asked for through a
 * {@link NodeCache} of bounded size. So a state may be larger than the memory, and opening a chain reads one node.
 *
 * <p>A node has a number that no other node ever has. Keys: {@code n} nodes by number; {@code r} by block number, the number of its state's top node; {@code x} by block number, the numbers of the nodes
 * that its state has no more. The states of the last {@link #KEPT_BLOCKS} blocks are kept, fewer where blocks replace much ({@link #KEPT_BYTES}); then what nothing needs any more is deleted. What is read must have its
 * checksum and hash to what its parent says, so that damage is found wherever it is. Thread-safe for reading; one writer at a time.
 */
final class StateStore implements TrieNodes {
    static final int KEPT_BLOCKS = 256;
    static final long KEPT_BYTES = 256L << 20;
    private static final long MOST_CACHE_BYTES = 256L << 20;

    /** How a state store reads its database. */
    interface Reads {
        byte @Nullable [] get(byte[] key);

        /** A database as it is now, until it is let go of. */
        Moment moment();

        /** Says that something is damaged. */
        ChainException damaged(String what, @Nullable Throwable cause);
    }

    /** A database as it was at some moment. */
    interface Moment extends AutoCloseable {
        byte @Nullable [] get(byte[] key);

        @Override
        void close();
    }

    /**
     * What a block replaced.
     *
     * @param bytes about how much of the disk that is
     */
    private record Stale(long number, long bytes) {}

    private final Reads reads;
    private final int keptBlocks;
    private final NodeCache cache =
            new NodeCache(Math.min(MOST_CACHE_BYTES, Runtime.getRuntime().maxMemory() / 8));
    private final ReentrantLock lock = new ReentrantLock();
    /** Oldest first, without gaps. Guarded by the lock. */
    private final ArrayDeque<Stale> journal = new ArrayDeque<>();

    private long staleBytes;
    /** The next number for a node. Used by the one who writes. */
    private long nextId;

    /**
     * A store of states.
     *
     * @param keptBlocks states kept
     */
    StateStore(Reads reads, int keptBlocks) {
        this.reads = reads;
        this.keptBlocks = keptBlocks;
    }

    /** Reads the state after the newest block, and what can be deleted by and by. */
    StateTrie open(long head) {
        lock.lock();
        try {
            for (long number = head; journal.size() < keptBlocks; number--) {
                byte[] stale = reads.get(key('x', number));
                if (stale == null) {
                    break;
                }
                journal.addFirst(new Stale(number, new ScaleDecoder(stale).compact()));
                staleBytes += journal.getFirst().bytes;
            }
        } finally {
            lock.unlock();
        }
        StateTrie state = at(head);
        if (state == null) {
            throw reads.damaged("the state of block " + head + " is missing", null);
        }
        nextId = state.topId() + 1;
        return state;
    }

    /** The state after a block, or null when it is not kept. */
    @Nullable
    StateTrie at(long number) {
        byte[] root = reads.get(key('r', number));
        if (root == null) {
            return null;
        }
        ScaleDecoder in = new ScaleDecoder(root);
        StoredNode top = new StoredNode(in.u64(), in.bytes());
        try {
            return StateTrie.stored(this, load(top), top.id());
        } catch (ChainException e) {
            if (e.kind() == Kind.STATE_GONE) {
                return null; // meanwhile
            }
            throw e;
        }
    }

    /**
     * Writes the state after a block, and lets go of the oldest where that is too many.
     *
     * @param before the state before, stored; null when there is none
     * @return the same state, stored once the batch is written
     */
    StateTrie save(WriteBatch batch, long number, @Nullable StateTrie before, StateTrie after) throws RocksDBException {
        Saved saved = saveNodes(batch, before, after);
        TrieNode top = saved.state.top();
        if (top == null) {
            throw new IllegalStateException("a state without entries is of no chain");
        }
        StateTrie stored = saved.state;
        batch.put(
                key('r', number),
                new ScaleEncoder().u64(stored.topId()).bytes(top.reference()).toBytes());
        ScaleEncoder stale = new ScaleEncoder().compact(saved.staleBytes);
        stale.list(saved.stale, ScaleEncoder::compact);
        batch.put(key('x', number), stale.toBytes());
        lock.lock();
        try {
            journal.addLast(new Stale(number, saved.staleBytes));
            staleBytes += saved.staleBytes;
            while (journal.size() > keptBlocks || (staleBytes > KEPT_BYTES && journal.size() > 1)) {
                forget(batch, journal.removeFirst());
            }
        } finally {
            lock.unlock();
        }
        return stored;
    }

    /** Deletes what the state before a block has and that block's has not. */
    private void forget(WriteBatch batch, Stale oldest) throws RocksDBException {
        staleBytes -= oldest.bytes;
        byte[] record = reads.get(key('x', oldest.number));
        if (record != null) {
            ScaleDecoder in = new ScaleDecoder(record);
            in.compact();
            for (long id : in.list(ScaleDecoder::compact)) {
                batch.delete(key('n', id));
                cache.remove(id);
            }
        }
        batch.delete(key('x', oldest.number));
        batch.delete(key('r', oldest.number - 1));
    }

    /**
     * A state whose nodes are in a batch.
     *
     * @param stale numbers of the nodes that the state before had
     * @param staleBytes about what they take
     */
    record Saved(StateTrie state, List<Long> stale, long staleBytes) {}

    /** Writes the nodes of a state which are not stored yet. */
    Saved saveNodes(WriteBatch batch, @Nullable StateTrie before, StateTrie after) throws RocksDBException {
        TrieNode top = after.top();
        if (top == null || after.topId() != StateTrie.NOT_STORED) {
            return new Saved(after, List.of(), 0);
        }
        Set<Long> kept = new HashSet<>();
        StoredNode stored = save(batch, top, kept);
        List<Long> stale = new ArrayList<>();
        long bytes = 0;
        TrieNode old = before == null ? null : before.top();
        if (before != null && old != null && before.topId() != StateTrie.NOT_STORED) {
            bytes = collectStale(before.topId(), old, kept, stale);
        }
        return new Saved(StateTrie.stored(this, load(stored), stored.id()), stale, bytes);
    }

    private StoredNode save(WriteBatch batch, TrieNode node, Set<Long> kept) throws RocksDBException {
        List<StoredNode> children = new ArrayList<>(node.children().size());
        for (TrieLink link : node.children()) {
            switch (link) {
                case StoredNode there -> {
                    kept.add(there.id());
                    children.add(there);
                }
                case TrieNode fresh -> children.add(save(batch, fresh, kept));
            }
        }
        StoredNode stored = new StoredNode(nextId++, node.reference());
        TrieNode linked = node.linkedTo(children, node.reference());
        batch.put(key('n', stored.id()), checked(linked.record()));
        cache.put(stored.id(), linked);
        return stored;
    }

    /** Nodes that were replaced: those of the old state on the ways to what the new one still has. They were read to be replaced. */
    private long collectStale(long id, TrieNode node, Set<Long> kept, List<Long> stale) {
        stale.add(id);
        long bytes = node.heapBytes();
        for (TrieLink link : node.children()) {
            if (link instanceof StoredNode child && !kept.contains(child.id())) {
                bytes += collectStale(child.id(), load(child), kept, stale);
            }
        }
        return bytes;
    }

    /** Deletes nodes at once, which no state has that anybody reads. */
    void delete(WriteBatch batch, List<Long> ids) throws RocksDBException {
        for (long id : ids) {
            batch.delete(key('n', id));
            cache.remove(id);
        }
    }

    @Override
    public TrieNode load(StoredNode stored) {
        TrieNode known = cache.get(stored.id());
        if (known != null) {
            return known;
        }
        TrieNode node = read(reads.get(key('n', stored.id())), stored);
        cache.put(stored.id(), node);
        return node;
    }

    @Override
    public Walk walk() {
        Moment moment = reads.moment();
        return new Walk(
                stored -> {
                    TrieNode known = cache.get(stored.id());
                    return known != null ? known : read(moment.get(key('n', stored.id())), stored);
                },
                moment::close);
    }

    private TrieNode read(byte @Nullable [] record, StoredNode stored) {
        if (record == null) {
            throw new ChainException(
                    Kind.STATE_GONE,
                    "a part of the state is not there: it is of a block too long ago, or the directory is damaged;"
                            + " ask for a newer block, or verify the chain");
        }
        try {
            byte[] content = Arrays.copyOf(record, Math.max(0, record.length - Integer.BYTES));
            if (Arrays.equals(checked(content), record)) {
                TrieNode node = TrieNode.ofRecord(content);
                if (Arrays.equals(node.reference(), stored.reference())) {
                    return node;
                }
            }
        } catch (DecodingException | ArithmeticException e) {
            throw reads.damaged("node " + stored.id() + " of the state cannot be read", e);
        }
        throw reads.damaged("node " + stored.id() + " of the state is not the one its parent was stored with", null);
    }

    /** With a CRC-32C at the end: the reference does not speak of the part of the key that is the parent's. */
    private static byte[] checked(byte[] record) {
        CRC32C crc = new CRC32C();
        crc.update(record);
        return ByteBuffer.allocate(record.length + Integer.BYTES)
                .put(record)
                .putInt((int) crc.getValue())
                .array();
    }

    /** About the bytes of memory that nodes take. */
    long cachedBytes() {
        return cache.bytes();
    }

    static byte[] key(char kind, long number) {
        return ByteBuffer.allocate(1 + Long.BYTES)
                .put((byte) kind)
                .putLong(number)
                .array();
    }
}
