package org.datdot.chain;

import java.util.List;
import org.datdot.crypto.Hash;

/**
 * What an engine brings all members to agree on, and all the ledger knows of it.
 *
 * @param number rounds before this one; the first after genesis is 1
 * @param parent names the round before: the hash of its header
 * @param timestampMs the time agreed on, milliseconds since 1970, later than the round before
 * @param entropy randomness that nobody could choose
 * @param extrinsics whatever was handed in, in the order agreed on; they need not be extrinsics at all. Not copied
 */
public record Round(long number, Hash parent, long timestampMs, Hash entropy, List<byte[]> extrinsics) {
    /** Keeps a list that cannot change. */
    public Round {
        extrinsics = List.copyOf(extrinsics);
    }

    /** The round a block is made of. */
    public static Round of(Block block) {
        Header header = block.header();
        List<byte[]> extrinsics =
                block.extrinsics().stream().map(Extrinsic::encode).toList();
        return new Round(header.number(), header.parentHash(), header.timestampMs(), header.entropy(), extrinsics);
    }
}
