package org.datdot.hosting;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.util.Arrays;

/**
 * Turns blocks into sealed frames and back (docs/protocol.md 3): codec 0 stores the block as it is, codec 1 is zstd and
 * only used where it is smaller. Blocks that look like noise (media, archives, ciphertext) are not even tried. Holds
 * native memory and a scratch buffer: one instance per thread, closed by who made it.
 */
public final class ReplicaCodec implements AutoCloseable {
    static final int STORED = 0;
    static final int ZSTD = 1;

    private static final int LEVEL = 1;
    private static final int SAMPLE_BYTES = 4096;
    private static final int SAMPLED_PIECES = 8;
    private static final int SMALLEST_TRIED_BYTES = 64;

    private final Sealing sealing;
    private final ZstdCompressCtx compressor = new ZstdCompressCtx().setLevel(LEVEL);
    private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();
    private byte[] scratch = new byte[0];
    private byte[] content = new byte[0];

    /** A codec of one replica. */
    public ReplicaCodec(Sealing sealing) {
        this.sealing = sealing;
    }

    /**
     * The block's frame.
     *
     * @param blockNumber the block's number in the contract
     * @throws IllegalArgumentException when the block is larger than Hypercore allows
     */
    public byte[] encode(long blockNumber, byte[] block) {
        if (block.length > Frame.MAX_BLOCK_BYTES) {
            throw new IllegalArgumentException("block " + blockNumber + " has " + block.length + " bytes, at most "
                    + Frame.MAX_BLOCK_BYTES + " can be hosted");
        }
        int compressed = compress(block);
        int payloadLength = compressed > 0 ? compressed : block.length;
        int sealedLength = sealing.sealedLength(1 + payloadLength);
        byte[] frame = new byte[Frame.prefixBytes(sealedLength) + sealedLength];
        int at = Frame.writePrefix(frame, sealedLength);
        frame[at] = (byte) (compressed > 0 ? ZSTD : STORED);
        System.arraycopy(compressed > 0 ? scratch : block, 0, frame, at + 1, payloadLength);
        sealing.seal(blockNumber, frame, at, 1 + payloadLength);
        return frame;
    }

    /** Compresses into the scratch buffer: the size, or 0 when the block is better stored as it is. */
    private int compress(byte[] block) {
        if (block.length < SMALLEST_TRIED_BYTES || looksLikeNoise(block)) return 0;
        scratch = grown(scratch, (int) Zstd.compressBound(block.length));
        int size = compressor.compressByteArray(scratch, 0, scratch.length, block, 0, block.length);
        return size < block.length ? size : 0;
    }

    /**
     * Whether a sample's byte values are spread as evenly as random ones. Compares the chance that two sampled bytes are
     * equal with 1/256: compressed or encrypted data stays within a few percent of it, text and programs are far above.
     */
    private static boolean looksLikeNoise(byte[] block) {
        int sampled = Math.min(block.length, SAMPLE_BYTES);
        if (sampled < SAMPLE_BYTES / 4) return false; // too few to tell, and cheap to try
        int[] counts = new int[256];
        int pieceBytes = sampled / SAMPLED_PIECES;
        for (int piece = 0; piece < SAMPLED_PIECES; piece++) {
            int from = (int) ((long) (block.length - pieceBytes) * piece / (SAMPLED_PIECES - 1));
            for (int i = from; i < from + pieceBytes; i++) counts[block[i] & 0xff]++;
        }
        sampled = pieceBytes * SAMPLED_PIECES;
        long pairs = 0;
        for (int count : counts) pairs += (long) count * (count - 1);
        double evenPairs = (double) sampled * (sampled - 1) / 256;
        return pairs < evenPairs * 1.15;
    }

    /**
     * The block in a frame, as a fresh array.
     *
     * @throws InvalidReplicaException when the content is not what an encoder makes
     */
    public byte[] decode(long blockNumber, byte[] buffer, Frame frame) {
        Block block = open(blockNumber, buffer, frame);
        return Arrays.copyOfRange(block.buffer(), block.offset(), block.offset() + block.length());
    }

    /** The block in a frame, as a view which the next call overwrites; leaves the frame as it is. */
    Block open(long blockNumber, byte[] buffer, Frame frame) {
        content = grown(content, frame.length());
        System.arraycopy(buffer, frame.offset(), content, 0, frame.length());
        int length = sealing.open(blockNumber, content, 0, frame.length());
        return switch (content[0]) {
            case STORED -> new Block(content, 1, length - 1);
            case ZSTD -> decompress(blockNumber, length);
            default ->
                throw new InvalidReplicaException("block " + blockNumber + " has unknown codec " + (content[0] & 0xff));
        };
    }

    private Block decompress(long blockNumber, int contentLength) {
        long size = Zstd.getFrameContentSize(content, 1, contentLength - 1);
        // an encoder never compresses to more than the original, so a bomb is caught before anything is allocated
        if (size < 0 || size > Frame.MAX_BLOCK_BYTES || size <= contentLength - 1) {
            throw new InvalidReplicaException("block " + blockNumber + " does not say its size or is too large");
        }
        scratch = grown(scratch, (int) size);
        try {
            int got = decompressor.decompressByteArray(scratch, 0, (int) size, content, 1, contentLength - 1);
            if (got != size) throw new InvalidReplicaException("block " + blockNumber + " is not of the size it says");
        } catch (ZstdException e) {
            throw new InvalidReplicaException("block " + blockNumber + " does not decompress: " + e.getMessage(), e);
        }
        return new Block(scratch, 0, (int) size);
    }

    private static byte[] grown(byte[] buffer, int needed) {
        return buffer.length >= needed ? buffer : new byte[needed];
    }

    @Override
    public void close() {
        compressor.close();
        decompressor.close();
    }

    /** Bytes of a block inside a codec's buffer. */
    @SuppressWarnings("ArrayRecordComponent") // a view, never compared
    record Block(byte[] buffer, int offset, int length) {}
}
