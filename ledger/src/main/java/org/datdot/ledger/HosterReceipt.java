package org.datdot.ledger;

import org.datdot.crypto.Hash;

/**
 * The hoster's word that it decoded, checked and stored a whole replica.
 *
 * @param contract the contract
 * @param amendment the amendment it was set up in
 * @param position the position
 * @param hoster who signs
 * @param root the replica root
 */
public record HosterReceipt(long contract, long amendment, int position, long hoster, Hash root) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<HosterReceipt> CODEC = Codec.of(HosterReceipt.class);

    /** What the hoster signs on the network with this genesis hash. */
    public byte[] signable(Hash genesis) {
        return Signables.of("receipt", genesis, CODEC.encode(this));
    }
}
