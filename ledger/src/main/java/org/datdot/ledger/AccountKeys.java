package org.datdot.ledger;

import java.nio.charset.StandardCharsets;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.KeyPair;

/**
 * The three key pairs of one account, derived from its master seed (docs/protocol.md 1).
 *
 * @param chain signs extrinsics; its public key is the account
 * @param signing signs replica statements and receipts
 * @param noise the identity on connections to other peers
 */
public record AccountKeys(KeyPair chain, KeyPair signing, KeyPair noise) {
    /** Bytes of a master seed. */
    public static final int SEED_BYTES = 32;

    /** The keys of a 32-byte master seed. */
    public static AccountKeys fromSeed(byte[] masterSeed) {
        if (masterSeed.length != SEED_BYTES) {
            throw new IllegalArgumentException("a master seed has 32 bytes, not " + masterSeed.length);
        }
        return new AccountKeys(derive(masterSeed, "chain"), derive(masterSeed, "signing"), derive(masterSeed, "noise"));
    }

    private static KeyPair derive(byte[] masterSeed, String name) {
        byte[] context = ("datdot/account/" + name).getBytes(StandardCharsets.US_ASCII);
        return KeyPair.fromSeed(Blake2b.hash(KeyPair.SEED_BYTES, masterSeed, context));
    }

    /** The account these keys own. */
    public AccountId accountId() {
        return AccountId.of(chain.publicKey());
    }

    @Override
    public String toString() {
        return "AccountKeys[" + accountId() + "]";
    }
}
