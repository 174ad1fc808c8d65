package org.datdot.dht;

import java.util.Arrays;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Signature;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;

/**
 * A signed value which its owner can replace with one of a higher number (npm {@code hyperdht}, {@code lib/messages.js}).
 *
 * @param seq its number, from 0
 * @param value the bytes
 * @param signature the owner's, see {@link RecordSignatures}
 */
@SuppressWarnings("ArrayRecordComponent") // equals below compares the content
public record MutableValue(long seq, byte[] value, Signature signature) {
    /** Copies the bytes. */
    public MutableValue {
        value = value.clone();
    }

    @Override
    public byte[] value() {
        return value.clone();
    }

    byte[] encode() {
        return encodeTo(new CompactEncoder(value.length + 80));
    }

    /** The value of a put: the same after the owner's key. */
    byte[] encodePut(PublicKey owner) {
        return encodeTo(new CompactEncoder(value.length + 112).fixed(owner.bytes()));
    }

    private byte[] encodeTo(CompactEncoder encoder) {
        return encoder.uint(seq).buffer(value).fixed(signature.bytes()).toBytes();
    }

    /**
     * @throws DecodingException when it is malformed
     */
    static MutableValue decode(CompactDecoder decoder) {
        return new MutableValue(decoder.uint(), decoder.buffer(), new Signature(decoder.fixed(Signature.BYTES)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MutableValue that
                && seq == that.seq
                && Arrays.equals(value, that.value)
                && signature.equals(that.signature);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value) * 31 + Long.hashCode(seq);
    }

    @Override
    public String toString() {
        return "MutableValue[seq=" + seq + ", " + value.length + " bytes]";
    }
}
