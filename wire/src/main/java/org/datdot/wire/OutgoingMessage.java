package org.datdot.wire;

import java.util.Collections;
import java.util.List;

/**
 * A message on its way out, still in the parts it was made of: they are copied once, straight into the frame that is
 * encrypted and written. The arrays belong to the message from here on and must not be changed any more.
 */
public final class OutgoingMessage {
    private final byte[][] parts;
    private final int byteLength;

    private OutgoingMessage(byte[][] parts, int byteLength) {
        this.parts = parts;
        this.byteLength = byteLength;
    }

    /** A message which is the concatenation of {@code parts}. */
    public static OutgoingMessage of(byte[]... parts) {
        long byteLength = 0;
        for (byte[] part : parts) {
            byteLength += part.length;
        }
        return new OutgoingMessage(parts, checkedLength(byteLength));
    }

    /** A message which is {@code head} followed by the concatenation of {@code rest}. */
    static OutgoingMessage of(byte[] head, byte[][] rest) {
        byte[][] parts = new byte[rest.length + 1][];
        parts[0] = head;
        System.arraycopy(rest, 0, parts, 1, rest.length);
        return of(parts);
    }

    /** How many bytes the message has. */
    public int byteLength() {
        return byteLength;
    }

    /** Writes the message into {@code target} from {@code offset} on. */
    public void copyTo(byte[] target, int offset) {
        int at = offset;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, target, at, part.length);
            at += part.length;
        }
    }

    /** The message in one new array. */
    public byte[] toBytes() {
        byte[] bytes = new byte[byteLength];
        copyTo(bytes, 0);
        return bytes;
    }

    void addPartsTo(List<byte[]> target) {
        Collections.addAll(target, parts);
    }

    private static int checkedLength(long byteLength) {
        if (byteLength > SecretStream.MAX_MESSAGE_BYTES) {
            throw new IllegalArgumentException(
                    "a message of " + byteLength + " bytes does not fit a frame, which holds "
                            + SecretStream.MAX_MESSAGE_BYTES + "; send it in several messages");
        }
        return (int) byteLength;
    }
}
