package org.datdot.chain;

import java.io.Closeable;
import java.nio.file.Path;
import java.util.List;
import org.datdot.crypto.Hash;
import org.datdot.ledger.StateReader;
import org.datdot.ledger.TreeHeadVerifier;
import org.jspecify.annotations.Nullable;

/**
 * Executes the blocks of a chain one after the other from its specification on, believing nothing: headers, signatures, entropy, and the state each block leads to are
 * checked. The state is in memory, or in a directory that is of no use to anybody else. Not thread-safe.
 */
public final class Replay implements Closeable {
    private final BlockCheck check;
    private final Hash genesis;
    private final @Nullable ChainStore store;
    private Best best;

    /** At block 0 of a chain, with the state in memory: some hundred bytes for each entry. */
    public Replay(ChainSpec spec, TreeHeadVerifier treeHeads) {
        this(spec, treeHeads, null);
    }

    private Replay(ChainSpec spec, TreeHeadVerifier treeHeads, @Nullable ChainStore store) {
        this.store = store;
        StateTrie first = StateTrie.EMPTY.with(LedgerMachine.genesis(spec, treeHeads));
        if (store != null) {
            first = store.commitState(0, null, first);
        }
        Header head = genesisBlock(spec, first).header();
        this.genesis = head.hash();
        this.check = new BlockCheck(spec, genesis, new LedgerMachine(spec, treeHeads, genesis));
        this.best = new Best(head, first);
    }

    /**
     * At block 0 of a chain, with the newest state on the disk, and what is used of it in a bounded part of the memory.
     *
     * @param directory empty, or not there; whoever closes this may delete it
     * @throws ChainException when it cannot be written to
     */
    public static Replay onDisk(ChainSpec spec, TreeHeadVerifier treeHeads, Path directory) {
        ChainStore store = ChainStore.open(directory, true, 1);
        try {
            return new Replay(spec, treeHeads, store);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    static Block genesisBlock(ChainSpec spec, StateTrie first) {
        Hash noExtrinsics = Block.extrinsicsRoot(List.of());
        Hash stateRoot = first.root();
        return new Block(Header.genesis(spec.timestampMs(), stateRoot, noExtrinsics, spec.entropy()), List.of());
    }

    /** The hash of the first header. */
    public Hash genesis() {
        return genesis;
    }

    /** The header of the last block. */
    public Header head() {
        return best.head();
    }

    /** The state after the last block. */
    public StateReader state() {
        return best.state();
    }

    /** The root of the state after the last block. */
    public Hash stateRoot() {
        return best.state().root();
    }

    /**
     * Executes the next block.
     *
     * @return its events
     * @throws ChainException naming the rule that it breaks; nothing has changed then
     */
    public List<EventRecord> add(Block block) {
        BlockCheck.Step step = check.execute(best.head(), best.state(), block);
        StateTrie after = step.state();
        if (store != null) {
            after = store.commitState(block.header().number(), best.state(), after);
        }
        best = new Best(block.header(), after);
        return step.result().events();
    }

    /** Whether the state is read from the disk. */
    boolean onDisk() {
        return best.state().topId() != StateTrie.NOT_STORED;
    }

    /** The state cannot be read any more where it is on the disk. */
    @Override
    public void close() {
        if (store != null) {
            store.close();
        }
    }
}
