package org.datdot.ledger;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Bytes the ledger keeps and hands on without looking inside: a hypercore's manifest or the signature of a tree head, as they are encoded there. Immutable.
 */
public final class Bytes {
    private final byte[] bytes;

    static final Codec<Bytes> CODEC = new Codec<>(
            (encoder, value) -> encoder.bytes(value.bytes), decoder -> new Bytes(decoder.bytes()), Shape.BYTES);

    static Codec<Bytes> codec() {
        return CODEC;
    }

    /** Copies the bytes. */
    public Bytes(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /** How many there are. */
    public int length() {
        return bytes.length;
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
