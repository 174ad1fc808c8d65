package org.datdot.ledger;

import org.datdot.crypto.Bytes32;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Ss58;

/** Who signs extrinsics and owns a balance: the 32 bytes of an Ed25519 chain key, as text SS58 with Substrate's prefix 42. */
public final class AccountId extends Bytes32 {
    /** From the 32 bytes. */
    public AccountId(byte[] bytes) {
        super(bytes);
    }

    /** The account of a chain key. */
    public static AccountId of(PublicKey chainKey) {
        return new AccountId(chainKey.bytes());
    }

    /**
     * Reads an SS58 address.
     *
     * @throws org.datdot.encoding.DecodingException when it is none
     */
    public static AccountId parse(String address) {
        return new AccountId(Ss58.decode(address));
    }

    /** The key that verifies this account's signatures. */
    public PublicKey chainKey() {
        return new PublicKey(bytes());
    }

    @Override
    public String toString() {
        return Ss58.encode(bytes());
    }
}
