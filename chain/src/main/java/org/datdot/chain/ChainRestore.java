package org.datdot.chain;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.datdot.chain.ChainException.Kind;
import org.datdot.ledger.TreeHeadVerifier;
import org.jspecify.annotations.Nullable;

/** How a chain begins somewhere with the state after some block in place of the blocks before: a follower, or a new member of an engine. Nobody who hands a snapshot on is believed. */
public final class ChainRestore {
    private ChainRestore() {}

    /**
     * Begins a chain in an empty directory with a snapshot, to be opened there.
     *
     * @throws ChainException when the snapshot's block is not signed by the chain's authority, or there is a chain already
     */
    public static void begin(Path directory, StateSnapshot snapshot, TreeHeadVerifier treeHeads) {
        try {
            begin(
                    directory,
                    snapshot.spec(),
                    snapshot.block(),
                    treeHeads,
                    to -> snapshot.trie().forEach(new byte[0], (key, value) -> {
                        to.put(key, value);
                        return true;
                    }));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Begins a chain in an empty directory with a snapshot of any size, read to its end, to be opened there. A state that is not the one its header commits to leaves nothing behind.
     *
     * @param wanted the chain it must be of
     * @param header the block it must be after, or null for whichever it is
     * @throws ChainException of kind INVALID_BLOCK when it is no snapshot, of another chain or block, not signed by the chain's authority, or its entries are not those its header commits to; of kind OTHER_CHAIN when there is a
     *     chain already
     * @throws IOException when the stream cannot be read
     */
    public static Header begin(
            Path directory, InputStream stream, ChainSpec wanted, @Nullable Header header, TreeHeadVerifier treeHeads)
            throws IOException {
        SnapshotReader in = new SnapshotReader(stream);
        if (!in.spec().equals(wanted)) {
            throw SnapshotReader.broken("it is of the chain '" + in.spec().name() + "' with another genesis");
        }
        Header of = in.block().header();
        if (header != null && !header.equals(of)) {
            throw SnapshotReader.broken("it is of " + of + ", not of " + header);
        }
        begin(directory, wanted, in.block(), treeHeads, to -> {
            for (SnapshotReader.Entry entry = in.next(); entry != null; entry = in.next()) {
                to.put(entry.key(), entry.value());
            }
        });
        return of;
    }

    private static void begin(
            Path directory, ChainSpec spec, Block block, TreeHeadVerifier treeHeads, StateRestore.Entries entries)
            throws IOException {
        StateTrie first = StateTrie.EMPTY.with(LedgerMachine.genesis(spec, treeHeads));
        Block genesis = Replay.genesisBlock(spec, first);
        Header head = block.header();
        boolean sealed = head.number() == 0
                ? head.equals(genesis.header())
                : head.isSealedBy(spec.authority(), genesis.header().hash());
        if (!sealed) {
            throw SnapshotReader.broken("its " + head + " is not signed by the authority " + spec.authority());
        }
        try (ChainStore store = ChainStore.open(directory, true)) {
            if (store.spec() != null) {
                throw new ChainException(
                        Kind.OTHER_CHAIN, "there is a chain in " + directory + " already; give an empty directory");
            }
            store.restore(spec, genesis, block, entries);
        }
    }
}
