package org.datdot.hosting;

/**
 * The envelope of one block in a replica: {@code uint length} (compact encoding), then that many bytes of sealed content,
 * which are {@code codec u8} and payload (docs/protocol.md 3). Lengths in bytes.
 *
 * @param offset where the content begins in the buffer it was read from
 * @param length how long the content is
 */
record Frame(int offset, int length) {

    /** Largest block this program takes; the stock Hypercore refuses to append larger ones. */
    static final int MAX_BLOCK_BYTES = 15 * 1024 * 1024;

    /** Largest content: a codec, a block stored as it is, and the byte a sealing adds. */
    static final int MAX_CONTENT_BYTES = MAX_BLOCK_BYTES + 2;

    /** Largest frame: its length takes five bytes at most. */
    static final int MAX_BYTES = MAX_CONTENT_BYTES + 5;

    /** One behind the last byte of the frame. */
    int end() {
        return offset + length;
    }

    /**
     * Reads the frame at {@code at}.
     *
     * @throws InvalidReplicaException when no whole, well-formed frame is there
     */
    static Frame read(byte[] buffer, int at, int end) {
        int prefix = at < end ? prefixOf(buffer[at]) : 1;
        if (prefix > end - at) throw new InvalidReplicaException("a frame's length is cut off");
        long length = buffer[at] & 0xff;
        if (prefix > 1) {
            length = 0;
            for (int i = prefix - 1; i > 0; i--) length = length << 8 | (buffer[at + i] & 0xff);
            if (prefix != prefixBytes(length)) throw new InvalidReplicaException("a frame's length has a longer form");
        }
        if (length < 1 || length > MAX_CONTENT_BYTES) {
            throw new InvalidReplicaException("a frame of " + length + " bytes, allowed are 1 to " + MAX_CONTENT_BYTES);
        }
        if (length > end - at - prefix) throw new InvalidReplicaException("a frame is cut off");
        return new Frame(at + prefix, (int) length);
    }

    /** How many bytes the length of such a content takes. */
    static int prefixBytes(long contentLength) {
        return contentLength <= 0xfc ? 1 : contentLength <= 0xffff ? 3 : contentLength <= 0xffffffffL ? 5 : 9;
    }

    /** Writes the length at the beginning of the buffer and says how many bytes it took. */
    static int writePrefix(byte[] buffer, int contentLength) {
        int bytes = prefixBytes(contentLength);
        if (bytes == 1) {
            buffer[0] = (byte) contentLength;
            return 1;
        }
        buffer[0] = (byte) (bytes == 3 ? 0xfd : 0xfe);
        for (int i = 1; i < bytes; i++) buffer[i] = (byte) (contentLength >>> (8 * (i - 1)));
        return bytes;
    }

    private static int prefixOf(byte first) {
        return switch (first & 0xff) {
            case 0xfd -> 3;
            case 0xfe -> 5;
            case 0xff -> 9;
            default -> 1;
        };
    }
}
