package org.datdot.chain;

import java.util.List;
import org.datdot.crypto.Hash;
import org.datdot.ledger.StateReader;
import org.datdot.ledger.TreeHeadVerifier;

/**
 * Executes the blocks of a chain one after the other from its specification on, in memory, believing nothing: headers, signatures, entropy, and the state each block leads to are
 * checked. Not thread-safe.
 */
public final class Replay {
    private final BlockCheck check;
    private final Hash genesis;
    private Best best;

    /** At block 0 of a chain. */
    public Replay(ChainSpec spec, TreeHeadVerifier treeHeads) {
        StateTrie first = StateTrie.EMPTY.with(LedgerMachine.genesis(spec, treeHeads));
        Header head = genesisBlock(spec, first).header();
        this.genesis = head.hash();
        this.check = new BlockCheck(spec, genesis, new LedgerMachine(spec, treeHeads, genesis));
        this.best = new Best(head, first);
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
        best = new Best(block.header(), step.state());
        return step.result().events();
    }
}
