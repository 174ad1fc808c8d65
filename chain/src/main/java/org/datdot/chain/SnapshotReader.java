package org.datdot.chain;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.datdot.chain.ChainException.Kind;
import org.datdot.encoding.DecodingException;

/** Reads a snapshot ({@link StateSnapshot}) from its beginning to its end, entry by entry. What is wrong with its form is a {@link ChainException} of kind INVALID_BLOCK. Not thread-safe. */
final class SnapshotReader {
    private final DataInputStream in;
    private final ChainSpec spec;
    private final Block block;
    private final byte[] events;

    /**
     * An entry.
     *
     * @param key where it is
     * @param value what is there
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Entry(byte[] key, byte[] value) {}

    /** Reads what comes before the entries. */
    SnapshotReader(InputStream stream) throws IOException {
        in = new DataInputStream(stream);
        try {
            if (!Arrays.equals(in.readNBytes(StateSnapshot.MAGIC.length), StateSnapshot.MAGIC)) {
                throw broken("it is none, or of a version that is not known");
            }
            spec = ChainSpec.decode(record());
            block = Block.decode(record());
            events = record();
        } catch (EOFException e) {
            throw broken("it ends too soon");
        } catch (DecodingException | IllegalArgumentException e) {
            throw broken("it cannot be read: " + e.getMessage());
        }
        if (!Block.extrinsicsRoot(block.extrinsics()).equals(block.header().extrinsicsRoot())) {
            throw broken("its extrinsics are not those its header commits to");
        }
    }

    ChainSpec spec() {
        return spec;
    }

    Block block() {
        return block;
    }

    /** The bytes of the block's events, as the snapshot says; the state says so too. */
    byte[] events() {
        return events;
    }

    /** The next entry, or null after the last one. */
    @org.jspecify.annotations.Nullable
    Entry next() throws IOException {
        try {
            return in.readByte() == 1 ? new Entry(record(), record()) : null;
        } catch (EOFException e) {
            throw broken("it ends too soon");
        }
    }

    private byte[] record() throws IOException {
        int length = in.readInt();
        if (length < 0 || length > StateSnapshot.MAX_RECORD_BYTES) {
            throw broken("a record is said to have " + length + " bytes");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }

    static ChainException broken(String why) {
        return new ChainException(
                Kind.INVALID_BLOCK, "the snapshot is not believed: " + why + "; get it anew, or from somebody else");
    }
}
