package org.datdot.chain;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.datdot.chain.ChainException.Kind;
import org.datdot.crypto.Hash;

/** What everybody but the author does with a block before believing it: checks the header, all signatures, and executes it. */
final class BlockCheck {
    private final ChainSpec spec;
    private final Hash genesis;
    private final LedgerMachine machine;

    BlockCheck(ChainSpec spec, Hash genesis, LedgerMachine machine) {
        this.spec = spec;
        this.genesis = genesis;
        this.machine = machine;
    }

    /**
     * What a block came to.
     *
     * @param state the state after it
     */
    record Step(RoundResult result, StateTrie state) {}

    /**
     * Executes a block after its parent.
     *
     * @param state the state after the parent, which is not changed
     * @throws ChainException naming the rule the block breaks
     */
    Step execute(Header parent, StateTrie state, Block block) {
        Header header = block.header();
        require(
                header.number() == parent.number() + 1 && header.parentHash().equals(parent.hash()),
                block,
                () -> "does not follow " + parent);
        require(header.timestampMs() > parent.timestampMs(), block, () -> "is not later than its parent");
        require(
                header.verify(spec.authority(), genesis, parent),
                block,
                () -> "is not signed by the authority " + spec.authority() + ", or its entropy is not");
        require(
                Block.extrinsicsRoot(block.extrinsics()).equals(header.extrinsicsRoot()),
                block,
                () -> "has other extrinsics than its header says");
        requireSigned(parent, state, block);
        RoundResult result = machine.applyVerified(state, Round.of(block), block.extrinsics());
        for (RoundResult.Refusal refusal : result.refused()) {
            refuse(block, refusal.index(), refusal.detail());
        }
        StateTrie after = state.with(result.changes());
        require(after.root().equals(header.stateRoot()), block, () -> "leads to another state than its header says");
        return new Step(result, after);
    }

    /** Signatures are most of what a block costs, and none waits for another: all cores check them. */
    private void requireSigned(Header parent, StateTrie state, Block block) {
        List<Extrinsic> extrinsics = block.extrinsics();
        BlockHashes hashes = new BlockHashes(parent.number(), parent.hash(), state);
        IntStream.range(0, extrinsics.size())
                .parallel()
                .filter(index -> !extrinsics.get(index).verify(genesis, hashes))
                .min()
                .ifPresent(index -> refuse(
                        block,
                        index,
                        String.valueOf(
                                PoolException.notSigned(extrinsics.get(index)).getMessage())));
    }

    private static void refuse(Block block, int index, String why) {
        require(
                false,
                block,
                () -> "has an extrinsic that cannot be in it: "
                        + block.extrinsics().get(index) + ": " + why);
    }

    private static void require(boolean holds, Block block, Supplier<String> otherwise) {
        if (!holds) {
            throw new ChainException(Kind.INVALID_BLOCK, block.header() + " " + otherwise.get());
        }
    }
}
