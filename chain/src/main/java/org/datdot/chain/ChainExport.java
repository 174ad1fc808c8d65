package org.datdot.chain;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.LongFunction;
import org.datdot.encoding.DecodingException;
import org.datdot.ledger.TreeHeadVerifier;
import org.jspecify.annotations.Nullable;

/**
 * A chain's blocks in one file, to be kept, handed on and executed again by anybody. Bytes: {@code "DDBLKS01"}, the chain's specification and blocks 1, 2, … as they are, each with its length in four
 * bytes, big-endian, in front; a length of 0 at the end.
 */
public final class ChainExport {
    private static final byte[] MAGIC = "DDBLKS01".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final int MAX_RECORD_BYTES = 64 << 20;

    private ChainExport() {}

    /**
     * Writes blocks 1 to {@code until}; the stream stays open.
     *
     * @param blocks gives each of them, null where there is none
     * @throws ChainException when a block is not there
     */
    public static void write(OutputStream stream, ChainSpec spec, LongFunction<@Nullable Block> blocks, long until)
            throws IOException {
        DataOutputStream out = new DataOutputStream(stream);
        out.write(MAGIC);
        record(out, spec.encode());
        for (long number = 1; number <= until; number++) {
            Block block = blocks.apply(number);
            if (block == null) {
                throw new ChainException(
                        ChainException.Kind.NOT_FOUND,
                        "block " + number
                                + " is not there: the ledger began with a snapshot; ask one that has all blocks");
            }
            record(out, block.encode());
        }
        out.writeInt(0);
        out.flush();
    }

    private static void record(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /** Hears of each block that was executed and found right. */
    @FunctionalInterface
    public interface Progress {
        /** The block is the chain's newest so far. */
        void executed(Block block);
    }

    /**
     * Executes all blocks of a file from its specification on.
     *
     * @param directory where the state is kept meanwhile, which may be larger than the memory; empty, the caller's to delete
     * @return where that led to, to be closed
     * @throws ChainException naming the first block that is not right, or saying that it is no export
     */
    public static Replay verify(InputStream stream, TreeHeadVerifier treeHeads, Path directory, Progress progress)
            throws IOException {
        DataInputStream in = new DataInputStream(stream);
        Replay replay = null;
        boolean right = false;
        try {
            if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
                throw ChainException.notTheChain("this is no export of a chain, or of a version that is not known");
            }
            replay = Replay.onDisk(ChainSpec.decode(record(in)), treeHeads, directory);
            for (byte[] bytes = record(in); bytes.length > 0; bytes = record(in)) {
                Block block = Block.decode(bytes);
                replay.add(block);
                progress.executed(block);
            }
            right = true;
            return replay;
        } catch (EOFException e) {
            throw ChainException.notTheChain("the export ends too soon; export it anew");
        } catch (DecodingException | IllegalArgumentException e) {
            throw ChainException.notTheChain("the export cannot be read: " + e.getMessage());
        } finally {
            if (replay != null && !right) {
                replay.close();
            }
        }
    }

    private static byte[] record(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_RECORD_BYTES) {
            throw ChainException.notTheChain("a record of the export is said to have " + length + " bytes");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }
}
