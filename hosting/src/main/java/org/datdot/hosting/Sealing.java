package org.datdot.hosting;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.ChaCha20;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.Hash;
import org.datdot.encoding.ScaleEncoder;
import org.datdot.ledger.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * What makes the replicas of one block differ from each other (docs/protocol.md 3, step 3). The number in the replica
 * statement says which sealing a replica has, so that replicas of an older kind stay readable when a new one is added
 * here. Works in place on a frame's content. Safe for concurrent use.
 */
public sealed interface Sealing {

    /** Sealing 0: a keyed stream, which anybody can remove and, with the feed at hand, put on again. */
    int PLAIN = 0;

    /** Sealing 1: the keyed stream, and a permutation which only the encoder could put on and everybody can take off. */
    int TRAPDOOR = 1;

    /** The number in the replica statement. */
    int id();

    /** The key in the replica statement; empty where there is none. */
    Bytes key();

    /** How long a content of so many bytes becomes. */
    int sealedLength(int length);

    /** Seals a frame's content of {@code length} bytes at {@code offset}; the buffer has room for {@link #sealedLength} of them. */
    void seal(long blockNumber, byte[] buffer, int offset, int length);

    /**
     * Takes the seal off a sealed content of {@code length} bytes; how long the content is.
     *
     * @throws InvalidReplicaException when it cannot be a sealed content
     */
    int open(long blockNumber, byte[] buffer, int offset, int length);

    /**
     * The sealing of a replica that was made by somebody.
     *
     * @param key as the replica statement has it
     * @throws InvalidReplicaException when this version does not know the number, or the key is none
     */
    static Sealing of(int id, Bytes key, Hash genesis, ReplicaId replica, long contract) {
        Plain plain = new Plain(genesis, contract, replica);
        return switch (id) {
            case PLAIN -> plain;
            case TRAPDOOR -> new Trapdoor(plain, SealingKey.of(key), null);
            default -> throw unknown(id);
        };
    }

    /** The sealing of a replica that is to be made now, with fresh keys which are forgotten with it. */
    static Sealing fresh(int id, Entropy entropy, Hash genesis, ReplicaId replica, long contract) {
        Plain plain = new Plain(genesis, contract, replica);
        if (id == PLAIN) return plain;
        if (id != TRAPDOOR) throw unknown(id);
        SealingSecret secret = SealingSecret.generate(entropy);
        return new Trapdoor(plain, secret.key(), secret);
    }

    private static InvalidReplicaException unknown(int id) {
        return new InvalidReplicaException("unknown sealing " + id + ": made by a newer version of this program?");
    }

    /** XOR with ChaCha20 (IETF), the block's number in the contract as nonce. */
    final class Plain implements Sealing {
        private final byte[] key;

        private Plain(Hash genesis, long contract, ReplicaId replica) {
            ScaleEncoder context = new ScaleEncoder()
                    .string("datdot/v1/whiten")
                    .compact(contract)
                    .compact(replica.amendment())
                    .u8(replica.position());
            key = Blake2b.hash(32, genesis.bytes(), context.toBytes());
        }

        @Override
        public int id() {
            return PLAIN;
        }

        @Override
        public Bytes key() {
            return new Bytes(new byte[0]);
        }

        @Override
        public int sealedLength(int length) {
            return length;
        }

        @Override
        public void seal(long blockNumber, byte[] buffer, int offset, int length) {
            byte[] nonce = new byte[12];
            for (int i = 0; i < 8; i++) nonce[4 + i] = (byte) (blockNumber >>> (8 * i));
            ChaCha20.xor(key, nonce, 0, buffer, offset, length);
        }

        @Override
        public int open(long blockNumber, byte[] buffer, int offset, int length) {
            seal(blockNumber, buffer, offset, length);
            return length;
        }
    }

    /**
     * The stream, then RSA in its private direction over pieces of 256 bytes; what is left over at the end is covered by a last piece that overlaps the one
     * before. The pieces of a block are done by several threads.
     */
    final class Trapdoor implements Sealing {
        private static final int PIECE = SealingKey.BYTES;

        private final Plain stream;
        private final SealingKey key;
        private final @Nullable SealingSecret secret;

        private Trapdoor(Plain stream, SealingKey key, @Nullable SealingSecret secret) {
            this.stream = stream;
            this.key = key;
            this.secret = secret;
        }

        @Override
        public int id() {
            return TRAPDOOR;
        }

        @Override
        public Bytes key() {
            return key.bytes();
        }

        @Override
        public int sealedLength(int length) {
            return Math.max(PIECE, length + 1);
        }

        @Override
        public void seal(long blockNumber, byte[] buffer, int offset, int length) {
            SealingSecret own = secret;
            if (own == null) throw new IllegalStateException("only who made this sealing can put it on");
            int sealed = sealedLength(length);
            Arrays.fill(buffer, offset + length, offset + sealed - 1, (byte) 0);
            buffer[offset + sealed - 1] = (byte) (sealed - 1 - length); // zeros in between
            stream.seal(blockNumber, buffer, offset, sealed);
            pieces(sealed).forEach(piece -> own.seal(buffer, offset + piece * PIECE));
            if (sealed % PIECE != 0) own.seal(buffer, offset + sealed - PIECE);
        }

        @Override
        public int open(long blockNumber, byte[] buffer, int offset, int length) {
            if (length < PIECE) throw new InvalidReplicaException("a sealed content of " + length + " bytes");
            if (length % PIECE != 0) key.open(buffer, offset + length - PIECE);
            pieces(length).forEach(piece -> key.open(buffer, offset + piece * PIECE));
            stream.open(blockNumber, buffer, offset, length);
            int padded = buffer[offset + length - 1] & 0xff;
            int opened = length - 1 - padded;
            // One form for each content: nothing is hidden in the padding, and none where it is not needed.
            boolean needed = opened > 0 && sealedLength(opened) == length;
            for (int i = offset + Math.max(0, opened); needed && i < offset + length - 1; i++) needed = buffer[i] == 0;
            if (!needed) throw new InvalidReplicaException("block " + blockNumber + " is padded as no encoder does");
            return opened;
        }

        private static IntStream pieces(int length) {
            return IntStream.range(0, length / PIECE).parallel();
        }
    }
}
