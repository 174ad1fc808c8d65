package org.datdot.ledger;

import org.datdot.crypto.Hash;

/**
 * An encoder's word that it reached none of the plan's sources, or not all blocks there.
 *
 * @param contract the contract
 * @param amendment the amendment it was drawn for
 * @param position the position
 * @param encoder who signs
 */
public record UnreachableStatement(long contract, long amendment, int position, long encoder) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<UnreachableStatement> CODEC = Codec.of(UnreachableStatement.class);

    /** What the encoder signs on the network with this genesis hash. */
    public byte[] signable(Hash genesis) {
        return Signables.of("unreachable", genesis, CODEC.encode(this));
    }
}
