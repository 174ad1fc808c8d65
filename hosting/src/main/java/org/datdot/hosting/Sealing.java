package org.datdot.hosting;

import org.datdot.crypto.Blake2b;
import org.datdot.crypto.ChaCha20;
import org.datdot.crypto.Hash;
import org.datdot.encoding.ScaleEncoder;

/**
 * What makes the replicas of one block differ from each other (docs/protocol.md 3, step 3). The number in the replica
 * statement says which sealing a replica has, so that replicas of an older kind stay readable when a new one is added
 * here. Works in place on a frame's content and keeps its length. Safe for concurrent use.
 */
public sealed interface Sealing {

    /** Sealing 0: a keyed stream, which anybody can remove and, with the feed at hand, put on again. */
    int PLAIN = 0;

    /** The number in the replica statement. */
    int id();

    /** Seals a frame's content of {@code length} bytes at {@code offset}. */
    void seal(long blockNumber, byte[] buffer, int offset, int length);

    /** Takes the seal off. */
    void open(long blockNumber, byte[] buffer, int offset, int length);

    /**
     * The sealing of one replica.
     *
     * @throws InvalidReplicaException when this version does not know the number
     */
    static Sealing of(int id, Hash genesis, long contract, long amendment, int position) {
        if (id != PLAIN) {
            throw new InvalidReplicaException("unknown sealing " + id + ": made by a newer version of this program?");
        }
        ScaleEncoder context = new ScaleEncoder()
                .string("datdot/v1/whiten")
                .compact(contract)
                .compact(amendment)
                .u8(position);
        return new Plain(Blake2b.hash(32, genesis.bytes(), context.toBytes()));
    }

    /** XOR with ChaCha20 (IETF), the block's number in the contract as nonce. */
    final class Plain implements Sealing {
        private final byte[] key;

        private Plain(byte[] key) {
            this.key = key;
        }

        @Override
        public int id() {
            return PLAIN;
        }

        @Override
        public void seal(long blockNumber, byte[] buffer, int offset, int length) {
            byte[] nonce = new byte[12];
            for (int i = 0; i < 8; i++) nonce[4 + i] = (byte) (blockNumber >>> (8 * i));
            ChaCha20.xor(key, nonce, 0, buffer, offset, length);
        }

        @Override
        public void open(long blockNumber, byte[] buffer, int offset, int length) {
            seal(blockNumber, buffer, offset, length);
        }
    }
}
