package org.datdot.drive;

import java.util.Arrays;

/**
 * Reads protobuf messages out of one block. Unknown fields are skipped, as npm protocol-buffers-encodings does. Nothing is
 * allocated beyond what the block itself holds. Throws {@link CorruptDriveException} on anything malformed.
 */
final class ProtoReader {

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final byte[] block;
    private final int end;
    private int position;
    private int wireType;

    ProtoReader(byte[] block) {
        this(block, 0, block.length);
    }

    private ProtoReader(byte[] block, int start, int end) {
        this.block = block;
        this.position = start;
        this.end = end;
    }

    boolean hasMore() {
        return position < end;
    }

    /** The number of the next field. */
    int field() {
        long prefix = varint();
        wireType = (int) (prefix & 7);
        long number = prefix >>> 3;
        if (number == 0 || number > Integer.MAX_VALUE) {
            throw corrupt("field number " + number);
        }
        return (int) number;
    }

    /** A non-negative varint. */
    long varint() {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            if (position >= end) {
                throw corrupt("a varint cut short");
            }
            byte next = block[position++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw corrupt("a varint longer than 63 bits");
    }

    /** The varint that a field is. */
    long number() {
        if (wireType != VARINT) {
            throw corrupt("wire type " + wireType + " where a number is expected");
        }
        return varint();
    }

    /** A field that is true or false: one byte, as stock reads it. */
    boolean flag() {
        if (wireType != VARINT || position >= end) {
            throw corrupt("wire type " + wireType + " where true or false is expected");
        }
        return block[position++] != 0;
    }

    /** A reader of the field's content, which this reader then stands behind. */
    ProtoReader message() {
        if (wireType != BYTES) {
            throw corrupt("wire type " + wireType + " where bytes are expected");
        }
        long length = varint();
        if (length > end - position) {
            throw corrupt("a field of " + length + " bytes where " + (end - position) + " remain");
        }
        int start = position;
        position += (int) length;
        return new ProtoReader(block, start, position);
    }

    byte[] bytes() {
        ProtoReader field = message();
        return Arrays.copyOfRange(block, field.position, field.end);
    }

    /** All varints of a packed field. */
    long[] packed() {
        ProtoReader field = message();
        int count = 0;
        for (int i = field.position; i < field.end; i++) {
            if (block[i] >= 0) {
                count++;
            }
        }
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = field.varint();
        }
        if (field.hasMore()) {
            throw corrupt("a packed varint cut short");
        }
        return values;
    }

    void skip() {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED64 -> skip(Long.BYTES);
            case FIXED32 -> skip(Integer.BYTES);
            case BYTES -> message();
            default -> throw corrupt("wire type " + wireType);
        }
    }

    private void skip(int byteLength) {
        if (byteLength > end - position) {
            throw corrupt("a field cut short");
        }
        position += byteLength;
    }

    private CorruptDriveException corrupt(String found) {
        return new CorruptDriveException("A hyperbee block is malformed at byte " + position + ": " + found);
    }
}
