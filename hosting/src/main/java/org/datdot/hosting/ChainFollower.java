package org.datdot.hosting;

import java.io.Closeable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.datdot.chain.Block;
import org.datdot.chain.Chain;
import org.datdot.chain.ChainException;
import org.datdot.chain.ChainSpec;
import org.datdot.chain.Header;
import org.datdot.chain.Replay;
import org.datdot.crypto.Hash;
import org.datdot.encoding.DecodingException;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.BlockStream;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.jspecify.annotations.Nullable;

/**
 * Follows a chain by its log ({@link ChainLog}): fetches the blocks by ordinary replication, checks every signature, executes them, and so has a state of its own which it need not believe anybody.
 * It stops at the first block that is not right, with everything up to it.
 */
public final class ChainFollower implements Closeable {
    private static final Logger LOG = System.getLogger(ChainFollower.class.getName());

    private final Chain chain;
    private final BlockStream blocks;
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final Thread thread;

    private ChainFollower(Chain chain, BlockStream blocks) {
        this.chain = chain;
        this.blocks = blocks;
        this.thread = Thread.ofVirtual().name("chain-follower").unstarted(this::run);
    }

    /**
     * Starts to follow, from where it was before if it was.
     *
     * @param log replicated with somebody who has it
     * @param directory where its own chain is kept
     * @param genesis which chain it must be; null to believe the log's first block, whose key has then to be known from somebody trusted
     * @param patience how long to wait for the log's first block
     * @throws ChainException when it is another chain than was expected or followed before
     * @throws BlockNotAvailableException when nobody has the log's first block
     */
    public static ChainFollower start(
            Hypercore log, Path directory, PalletTreeHeads treeHeads, @Nullable Hash genesis, Duration patience) {
        ChainSpec spec = spec(log, patience);
        return follow(log, Chain.open(directory, spec, treeHeads), genesis);
    }

    /**
     * Starts to follow, a new chain from the newest snapshot that is published beside the log, where it is far enough ahead. The blocks before it are then not executed and not here.
     *
     * @param store where the log is, and what is fetched is kept to be passed on
     * @param ahead how many blocks a snapshot must spare
     * @throws ChainException also when the snapshot is not the state that the header of its block commits to
     * @throws BlockNotAvailableException also when nobody has all of the snapshot
     */
    public static ChainFollower start(
            Corestore store,
            Hypercore log,
            Path directory,
            PalletTreeHeads treeHeads,
            @Nullable Hash genesis,
            Duration patience,
            long ahead) {
        ChainSpec spec = spec(log, patience);
        Chain chain = Chain.openExisting(directory, spec, treeHeads);
        if (chain == null && ahead < log.length()) {
            requireGenesis(log, new Replay(spec, treeHeads).genesis(), genesis);
            Header header = new SnapshotFetch(store, log, patience).begin(directory, spec, ahead);
            if (header != null) LOG.log(Level.INFO, "the chain is followed from a snapshot after " + header);
        }
        return follow(log, chain == null ? Chain.open(directory, spec, treeHeads) : chain, genesis);
    }

    private static ChainSpec spec(Hypercore log, Duration patience) {
        if (log.length() == 0) {
            log.update(patience);
        }
        try {
            return ChainSpec.decode(log.get(0, patience));
        } catch (DecodingException e) {
            throw ChainException.notTheChain("the hypercore " + log.key() + " is no chain's log: " + e.getMessage());
        }
    }

    private static void requireGenesis(Hypercore log, Hash found, @Nullable Hash wanted) {
        if (wanted != null && !wanted.equals(found)) {
            throw ChainException.notTheChain(
                    "the log " + log.key() + " is of the chain " + found + ", not of " + wanted);
        }
    }

    /** Takes the chain over, and closes it when it cannot be followed. */
    private static ChainFollower follow(Hypercore log, Chain chain, @Nullable Hash genesis) {
        try {
            requireGenesis(log, chain.genesis(), genesis);
            ChainFollower follower =
                    new ChainFollower(chain, log.follow(chain.head().number() + 1));
            follower.thread.start();
            return follower;
        } catch (RuntimeException e) {
            chain.close();
            throw e;
        }
    }

    private void run() {
        try {
            while (blocks.hasNext()) {
                chain.importBlock(Block.decode(blocks.next()));
            }
            stopped.complete(null);
        } catch (BlockNotAvailableException e) {
            LOG.log(Level.DEBUG, "the log is not followed any more: " + e.getMessage());
            stopped.complete(null);
        } catch (DecodingException e) {
            stop(ChainException.notTheChain(
                    "block " + (chain.head().number() + 1) + " of the log is no block: " + e.getMessage()));
        } catch (RuntimeException e) {
            stop(e);
        }
    }

    private void stop(RuntimeException cause) {
        LOG.log(Level.ERROR, "the log is not followed beyond " + chain.head() + ": " + cause.getMessage());
        stopped.completeExceptionally(cause);
    }

    /** The chain as far as it was followed. It is not to be written to. */
    public Chain chain() {
        return chain;
    }

    /** Completes when it follows no more: normally after {@link #close()}, exceptionally with what was wrong with a block. */
    public CompletableFuture<Void> stopped() {
        return stopped.copy();
    }

    @Override
    public void close() {
        blocks.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        chain.close();
    }
}
