package org.datdot.ledger;

import org.datdot.crypto.Hash;

/**
 * The encoder's word that a root is the replica it made for a position.
 *
 * @param contract the contract
 * @param amendment the amendment it was made for
 * @param position the position
 * @param encoder who signs
 * @param root the replica root
 * @param leafCount leaves under the root
 * @param encodedBytes bytes of the replica
 * @param sealing how it was sealed; 0 is plain, 1 by a trapdoor permutation
 * @param sealingKey with what everybody takes the seal off: {@link #SEALING_KEY_BYTES} bytes where sealing is 1, otherwise none
 */
public record ReplicaStatement(
        long contract,
        long amendment,
        int position,
        long encoder,
        Hash root,
        long leafCount,
        long encodedBytes,
        int sealing,
        Bytes sealingKey) {
    /** Bytes of a trapdoor's public key. */
    public static final int SEALING_KEY_BYTES = 256;

    /** How many kinds of sealing there are. */
    static final int SEALINGS = 2;

    /** SCALE: the fields in declaration order. */
    public static final Codec<ReplicaStatement> CODEC = Codec.of(ReplicaStatement.class);

    /** About a plain replica. */
    public ReplicaStatement(
            long contract, long amendment, int position, long encoder, Hash root, long leafCount, long encodedBytes) {
        this(contract, amendment, position, encoder, root, leafCount, encodedBytes, 0, new Bytes(new byte[0]));
    }

    /** Whether it has a key where its sealing has one. */
    boolean keyed() {
        return sealingKey.length() == (sealing == 0 ? 0 : SEALING_KEY_BYTES);
    }

    /** What the encoder signs on the network with this genesis hash. */
    public byte[] signable(Hash genesis) {
        return Signables.of("replica", genesis, CODEC.encode(this));
    }

    /** The statement's bytes. */
    public byte[] encode() {
        return CODEC.encode(this);
    }

    /**
     * Reads a statement from all of the bytes.
     *
     * @throws org.datdot.encoding.DecodingException when they are none
     */
    public static ReplicaStatement decode(byte[] bytes) {
        return CODEC.decode(bytes);
    }
}
