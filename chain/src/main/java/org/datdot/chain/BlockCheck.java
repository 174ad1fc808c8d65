package org.datdot.chain;

import org.datdot.chain.ChainException.Kind;
import org.datdot.crypto.Hash;
import org.datdot.ledger.BlockContext;

/** What everybody but the author does with a block before believing it: checks the header, all signatures, and executes it. */
final class BlockCheck {
    private final ChainSpec spec;
    private final Hash genesis;
    private final Executive executive;

    BlockCheck(ChainSpec spec, Hash genesis, Executive executive) {
        this.spec = spec;
        this.genesis = genesis;
        this.executive = executive;
    }

    /**
     * Executes a block after its parent.
     *
     * @param state the state after the parent, which is not changed
     * @throws ChainException naming the rule the block breaks
     */
    Executive.Outcome execute(Header parent, StateTrie state, Block block) {
        Header header = block.header();
        require(
                header.number() == parent.number() + 1 && header.parentHash().equals(parent.hash()),
                block,
                "does not follow " + parent);
        require(header.timestampMs() > parent.timestampMs(), block, "is not later than its parent");
        require(
                header.verify(spec.authority(), genesis, parent),
                block,
                "is not signed by the authority " + spec.authority() + ", or its entropy is not");
        require(
                Block.extrinsicsRoot(block.extrinsics()).equals(header.extrinsicsRoot()),
                block,
                "has other extrinsics than its header says");
        BlockHashes hashes = new BlockHashes(parent, state);
        for (Extrinsic extrinsic : block.extrinsics()) {
            require(
                    extrinsic.verify(genesis, hashes),
                    block,
                    "has an extrinsic without a right signature: " + extrinsic);
        }
        BlockContext context = new BlockContext(header.number(), header.timestampMs(), header.entropy());
        Executive.Outcome outcome = executive.execute(parent, state, context, block.extrinsics());
        require(
                outcome.state().root().equals(header.stateRoot()),
                block,
                "leads to another state than its header says");
        return outcome;
    }

    private static void require(boolean holds, Block block, String otherwise) {
        if (!holds) {
            throw new ChainException(Kind.INVALID_BLOCK, block.header() + " " + otherwise);
        }
    }
}
