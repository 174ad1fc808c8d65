package org.datdot.hosting;

import java.io.Closeable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.chain.Block;
import org.datdot.chain.Chain;
import org.datdot.chain.Subscription;
import org.datdot.crypto.CoreKey;
import org.datdot.hypercore.Hypercore;

/**
 * A chain's blocks as a hypercore, which followers replicate like any other, from the author or from one another: block 0 is the chain's specification, block <i>n</i> the chain's block <i>n</i>, both as
 * the chain itself writes them (docs/protocol.md 6).
 *
 * <p>Two signatures stand there, for two questions. The hypercore's says that this is the log with that key, up to that length: enough for any Hypercore peer to pass blocks on without knowing what a chain
 * is. The header's says that the authority made this block after that one: it is what a follower believes, whoever sent the log. Who had only the first could make a log, but no block of the chain.
 */
public final class ChainLog implements Closeable {
    private static final int BATCH_BLOCKS = 256;
    private static final int BATCH_BYTES = 4 << 20;

    private final Chain chain;
    private final Hypercore core;
    private final ReentrantLock writing = new ReentrantLock();
    private final CompletableFuture<Void> failed = new CompletableFuture<>();
    private final Subscription heads;
    /** Guarded by {@code writing}. */
    private boolean closed;

    private ChainLog(Chain chain, Hypercore core) {
        this.chain = chain;
        this.core = core;
        this.heads = chain.onHead(header -> tryCatchUp());
    }

    /**
     * Brings a log up to its chain and keeps it so until it is closed. A block is in the log after it is on the chain's disk; what a crash kept out is appended at the next start.
     *
     * @param core empty, or the log of this chain; writable
     * @throws IllegalStateException when it is the log of something else
     */
    public static ChainLog publish(Chain chain, Hypercore core) {
        requireSame(chain, core);
        if (core.length() == 0) {
            core.append(chain.spec().encode());
        }
        ChainLog log = new ChainLog(chain, core);
        try {
            log.catchUp();
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
        return log;
    }

    private static void requireSame(Chain chain, Hypercore core) {
        long last = core.length() - 1;
        if (last < 0) {
            return;
        }
        Block block = last == 0 ? null : chain.block(last);
        byte[] expected = last == 0 ? chain.spec().encode() : block == null ? new byte[0] : block.encode();
        if (!Arrays.equals(core.get(last), expected)) {
            throw new IllegalStateException("the log " + core.key() + " has another block " + last + " than the chain "
                    + chain.spec().name()
                    + "; it is of another chain, or the chain was restored from an older copy. Move the log"
                    + " away and start a new one");
        }
    }

    /** What followers open. */
    public CoreKey key() {
        return core.key();
    }

    /** Completes exceptionally when blocks cannot be appended any more. */
    public CompletableFuture<Void> failed() {
        return failed.copy();
    }

    private void tryCatchUp() {
        try {
            catchUp();
        } catch (RuntimeException e) {
            failed.completeExceptionally(e);
            throw e;
        }
    }

    /** Appends the blocks that are missing. */
    private void catchUp() {
        writing.lock();
        try {
            while (!closed && core.length() <= chain.head().number()) {
                List<byte[]> batch = new ArrayList<>();
                int bytes = 0;
                long next = core.length();
                while (batch.size() < BATCH_BLOCKS
                        && bytes < BATCH_BYTES
                        && next <= chain.head().number()) {
                    Block block = chain.block(next);
                    if (block == null) {
                        throw new IllegalStateException(
                                "block " + next + " of the chain is not here, so that its log cannot be published");
                    }
                    byte[] encoded = block.encode();
                    batch.add(encoded);
                    bytes += encoded.length;
                    next++;
                }
                core.append(batch);
            }
        } finally {
            writing.unlock();
        }
    }

    /** Appends nothing more. The core stays open. */
    @Override
    public void close() {
        heads.close();
        writing.lock();
        try {
            closed = true;
        } finally {
            writing.unlock();
        }
    }
}
