package org.datdot.dht;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.datdot.crypto.Bytes32;

/** A place in the 256-bit space that nodes and what they store share. The distance of two places is their XOR. */
abstract sealed class Position extends Bytes32 permits NodeId, Target {
    /** How many bits a position has, and so how many rows a routing table. */
    static final int BITS = 256;

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final long word0;
    private final long word1;
    private final long word2;
    private final long word3;

    Position(byte[] source, int offset) {
        super(source, offset);
        word0 = (long) WORD.get(source, offset);
        word1 = (long) WORD.get(source, offset + 8);
        word2 = (long) WORD.get(source, offset + 16);
        word3 = (long) WORD.get(source, offset + 24);
    }

    /** How many leading bits both have in common; 255 for equal ones too, as the last row of a table holds both. */
    final int commonBits(Position other) {
        if (word0 != other.word0) return Long.numberOfLeadingZeros(word0 ^ other.word0);
        if (word1 != other.word1) return 64 + Long.numberOfLeadingZeros(word1 ^ other.word1);
        if (word2 != other.word2) return 128 + Long.numberOfLeadingZeros(word2 ^ other.word2);
        return Math.min(BITS - 1, 192 + Long.numberOfLeadingZeros(word3 ^ other.word3));
    }

    /** Negative when {@code a} is closer to this place than {@code b}, 0 when they are the same. */
    final int compareDistance(Position a, Position b) {
        if (a.word0 != b.word0) return Long.compareUnsigned(word0 ^ a.word0, word0 ^ b.word0);
        if (a.word1 != b.word1) return Long.compareUnsigned(word1 ^ a.word1, word1 ^ b.word1);
        if (a.word2 != b.word2) return Long.compareUnsigned(word2 ^ a.word2, word2 ^ b.word2);
        return Long.compareUnsigned(word3 ^ a.word3, word3 ^ b.word3);
    }
}
