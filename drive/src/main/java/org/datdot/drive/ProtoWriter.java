package org.datdot.drive;

import java.util.Arrays;

/** Writes the two protobuf wire types hyperbee's messages use (npm protocol-buffers-encodings: varint and bytes). */
final class ProtoWriter {

    private static final int VARINT = 0;
    private static final int BYTES = 2;

    private byte[] buffer = new byte[128];
    private int length;

    ProtoWriter varint(long value) {
        ensure(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            buffer[length++] = (byte) ((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        buffer[length++] = (byte) rest;
        return this;
    }

    ProtoWriter bytes(int field, byte[] value) {
        return bytes(field, value, value.length);
    }

    /** The content of another message as a field of this one. */
    ProtoWriter message(int field, ProtoWriter message) {
        return bytes(field, message.buffer, message.length);
    }

    /** A number as a field of its own. */
    ProtoWriter number(int field, long value) {
        return varint((long) field << 3 | VARINT).varint(value);
    }

    /** Numbers in one field; nothing when there are none. */
    ProtoWriter packed(int field, long[] values) {
        ProtoWriter packed = new ProtoWriter();
        for (long value : values) {
            packed.varint(value);
        }
        return packed.isEmpty() ? this : message(field, packed);
    }

    private ProtoWriter bytes(int field, byte[] value, int byteLength) {
        varint((long) field << 3 | BYTES).varint(byteLength);
        ensure(byteLength);
        System.arraycopy(value, 0, buffer, length, byteLength);
        length += byteLength;
        return this;
    }

    boolean isEmpty() {
        return length == 0;
    }

    void clear() {
        length = 0;
    }

    byte[] toBytes() {
        return Arrays.copyOf(buffer, length);
    }

    private void ensure(int more) {
        if (buffer.length - length < more) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
        }
    }
}
