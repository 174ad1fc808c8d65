package org.datdot.hosting;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.datdot.chain.Chain;
import org.datdot.chain.Header;
import org.datdot.chain.StateSnapshot;
import org.datdot.chain.Subscription;
import org.datdot.crypto.KeyPair;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.Manifest;

/**
 * Publishes a chain's state now and then as a hypercore, beside its log ({@link ChainLog}), so that a follower need not execute all blocks there ever were. A snapshot's core has no signer: its key is the hash of its
 * content, and anybody may pass it on. The newest two are kept. It is made on a thread of its own while the chain goes on.
 */
public final class SnapshotPublisher implements Closeable {
    /** Blocks between two snapshots: 100 minutes of blocks of 6 s. */
    public static final long INTERVAL = 1_024;

    private static final Logger LOG = System.getLogger(SnapshotPublisher.class.getName());
    private static final int KEPT = 2;
    private static final int BLOCK_BYTES = 64 << 10;
    private static final int BATCH_BLOCKS = 64;

    private final Chain chain;
    private final Corestore store;
    private final Hypercore index;
    private final long interval;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("snapshot-publisher").factory());
    private final CompletableFuture<Void> failed = new CompletableFuture<>();
    private final Subscription heads;
    /** The block the newest snapshot is after; 0 before the first. Written by the worker. */
    private volatile long newest;

    private volatile boolean closed;

    private SnapshotPublisher(Chain chain, Corestore store, Hypercore index, long interval) {
        this.chain = chain;
        this.store = store;
        this.index = index;
        this.interval = interval;
        this.newest = index.length() == 0
                ? 0
                : SnapshotEntry.decode(index.get(index.length() - 1)).number();
        this.heads = chain.onHead(this::onHead);
    }

    /**
     * Publishes a snapshot after each block whose number is a multiple of the interval, or some blocks later where making the one before took longer; at once where one is due.
     *
     * @param store where the log is
     * @param log the chain's published log
     * @param signer the log's key pair
     */
    public static SnapshotPublisher start(Chain chain, Corestore store, Hypercore log, KeyPair signer, long interval) {
        if (interval < 1) throw new IllegalArgumentException("blocks between snapshots are at least 1");
        Hypercore index = store.get(SnapshotIndex.of(log), signer);
        SnapshotPublisher publisher = new SnapshotPublisher(chain, store, index, interval);
        publisher.onHead(chain.head());
        return publisher;
    }

    private void onHead(Header head) {
        if (!closed && isDue(head)) worker.execute(this::publishIfDue);
    }

    private boolean isDue(Header head) {
        return head.number() / interval > newest / interval;
    }

    private void publishIfDue() {
        try {
            if (!closed && isDue(chain.head())) publish();
        } catch (IOException | RuntimeException e) {
            if (closed) return;
            LOG.log(Level.ERROR, "no snapshot is published: " + e.getMessage(), e);
            failed.completeExceptionally(e);
        }
    }

    private void publish() throws IOException {
        StateSnapshot snapshot = chain.snapshot();
        Header head = snapshot.block().header();
        Hypercore made = store.get("snapshot in the making");
        try {
            // What a crash may have left.
            if (made.length() > 0) made.truncate(0);
            try (Blocks blocks = new Blocks(made)) {
                snapshot.write(blocks);
            }
            SnapshotEntry entry =
                    new SnapshotEntry(head.number(), head.hash(), made.head().treeHash(), made.length());
            try (Hypercore core = store.get(entry.manifest())) {
                core.copyPrologue(made);
            }
            index.append(entry.encode());
            newest = head.number();
        } finally {
            store.purge(made.key());
        }
        purge(index.length() - KEPT - 1);
    }

    private void purge(long place) {
        if (place < 0) return;
        Manifest old = SnapshotEntry.decode(index.get(place)).manifest();
        // The same state twice is the same core.
        for (long later = place + 1; later < index.length(); later++) {
            if (SnapshotEntry.decode(index.get(later)).manifest().equals(old)) return;
        }
        store.purge(old.coreKey());
    }

    /** Completes exceptionally when a snapshot could not be made; the chain and its log go on. */
    public CompletableFuture<Void> failed() {
        return failed.copy();
    }

    /** Publishes nothing more; what is being made is given up. */
    @Override
    public void close() {
        closed = true;
        heads.close();
        worker.close();
        index.close();
    }

    /** Bytes as the blocks of a core. */
    private final class Blocks extends OutputStream {
        private final Hypercore core;
        private final List<byte[]> batch = new ArrayList<>();
        private final byte[] block = new byte[BLOCK_BYTES];
        private int length;

        Blocks(Hypercore core) {
            this.core = core;
        }

        @Override
        public void write(int value) {
            if (length == BLOCK_BYTES) endBlock();
            block[length++] = (byte) value;
        }

        @Override
        public void write(byte[] bytes, int from, int count) {
            int at = from;
            while (at < from + count) {
                if (length == BLOCK_BYTES) endBlock();
                int part = Math.min(BLOCK_BYTES - length, from + count - at);
                System.arraycopy(bytes, at, block, length, part);
                length += part;
                at += part;
            }
        }

        private void endBlock() {
            if (closed) throw new UncheckedIOException(new IOException("the ledger ends"));
            batch.add(Arrays.copyOf(block, length));
            length = 0;
            if (batch.size() == BATCH_BLOCKS) append();
        }

        private void append() {
            core.append(batch);
            batch.clear();
        }

        @Override
        public void close() {
            if (length > 0) endBlock();
            if (!batch.isEmpty()) append();
        }
    }
}
