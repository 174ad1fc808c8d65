package org.datdot.hosting;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.datdot.crypto.Hash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.DecodingException;
import org.datdot.hypercore.RangeProof;
import org.datdot.ledger.StorageProof;
import org.jspecify.annotations.Nullable;

/**
 * A whole, verified replica on disk: a directory with {@code data} (the encoded bytes, docs/protocol.md 3) and
 * {@code meta} ({@link ReplicaMeta}). Made by {@link ReplicaWriter}; never changed afterwards, only deleted. Every frame
 * is checked against its CRC-32C when it is read, so that a failing disk is noticed here and not by a reader. Safe for
 * concurrent use. Sizes in bytes.
 */
public final class Replica implements Closeable {
    static final String DATA = "data";
    static final String META = "meta";
    private static final long MAX_META_BYTES = 256L << 20;
    private static final int CHECK_BYTES = 1 << 20;

    private volatile @Nullable Sealing sealing;
    private final Path directory;
    private final ReentrantLock lock = new ReentrantLock();
    private final ReplicaMeta meta;
    private final long[] offsets;
    private final ReplicaTree tree;
    private volatile FileChannel data;
    private volatile boolean closed;

    Replica(Path directory, FileChannel data, ReplicaMeta meta) {
        this.directory = directory;
        this.data = data;
        this.meta = meta;
        this.offsets = meta.offsets();
        this.tree = new ReplicaTree(offsets[offsets.length - 1], meta.groups());
    }

    /**
     * Opens a stored replica and checks that its parts fit each other; the data itself is checked when it is read.
     *
     * @throws DamagedReplicaException when files are missing, cut off or not what was written
     */
    public static Replica open(Path directory) throws IOException {
        Path metaFile = directory.resolve(META);
        Path dataFile = directory.resolve(DATA);
        if (!Files.isRegularFile(metaFile) || !Files.isRegularFile(dataFile) || Files.size(metaFile) > MAX_META_BYTES) {
            throw new DamagedReplicaException(directory + " does not hold a replica's two files");
        }
        ReplicaMeta meta;
        try {
            meta = ReplicaMeta.decode(Files.readAllBytes(metaFile));
        } catch (DecodingException e) {
            throw new DamagedReplicaException(metaFile + " is damaged: " + e.getMessage(), e);
        }
        FileChannel data = FileChannel.open(dataFile, StandardOpenOption.READ);
        try {
            Replica replica = new Replica(directory, data, meta);
            if (data.size() != replica.encodedBytes()
                    || !replica.tree.root().equals(meta.offer().statement().root())) {
                throw new DamagedReplicaException(dataFile + " has " + data.size() + " bytes, its meta file says "
                        + replica.encodedBytes() + " and another root");
            }
            return replica;
        } catch (IOException | IllegalArgumentException e) {
            data.close();
            throw e instanceof IOException io ? io : new DamagedReplicaException(metaFile + " is damaged", e);
        }
    }

    /** What the replica holds. */
    public ReplicaSpec spec() {
        return meta.spec();
    }

    /** Which replica it is. */
    public ReplicaId id() {
        return meta.spec().id();
    }

    /** What its encoder says about it. */
    public ReplicaOffer offer() {
        return meta.offer();
    }

    /** Bytes of all frames. */
    public long encodedBytes() {
        return offsets[offsets.length - 1];
    }

    /** The contract's blocks. */
    public int blockCount() {
        return meta.frameLengths().length;
    }

    /** Where the files are. */
    Path directory() {
        return directory;
    }

    /** Bytes of the frames of blocks {@code [from, to)}. */
    long frameBytes(int from, int to) {
        return offsets[to] - offsets[from];
    }

    /**
     * The frames of blocks {@code [from, to)}, as they are stored.
     *
     * @throws DamagedReplicaException when the disk does not give back what was written
     */
    byte[] frames(int from, int to) throws IOException {
        byte[] frames = bytes(offsets[from], Math.toIntExact(frameBytes(from, to)));
        CRC32C crc = new CRC32C();
        for (int block = from; block < to; block++) {
            crc.reset();
            crc.update(frames, (int) (offsets[block] - offsets[from]), meta.frameLengths()[block]);
            if ((int) crc.getValue() != meta.frameChecks()[block]) {
                throw new DamagedReplicaException("block " + block + " in " + directory.resolve(DATA) + " is damaged");
            }
        }
        return frames;
    }

    /**
     * The original of one block.
     *
     * @throws DamagedReplicaException when the disk does not give back what was written
     */
    public byte[] block(int blockNumber, ReplicaCodec codec) throws IOException {
        byte[] frames = frames(blockNumber, blockNumber + 1);
        return codec.decode(blockNumber, frames, Frame.read(frames, 0, frames.length));
    }

    /** A codec for this replica's frames, to be closed by the caller. */
    public ReplicaCodec codec() {
        // Reading a key checks it, which takes some milliseconds: once is enough.
        Sealing known = sealing;
        if (known == null) {
            known = spec().sealing(offer().statement());
            sealing = known;
        }
        return new ReplicaCodec(known);
    }

    /**
     * The proof that leaf {@code leafIndex} is stored.
     *
     * @throws DamagedReplicaException when the bytes around the leaf are not those that were verified
     */
    public StorageProof prove(long leafIndex) throws IOException {
        long group = leafIndex / ReplicaTree.GROUP_LEAVES;
        long offset = group * ReplicaTree.GROUP_BYTES;
        if (leafIndex < 0 || leafIndex >= tree.leafCount()) {
            throw new IllegalArgumentException("leaf " + leafIndex + " of " + tree.leafCount());
        }
        byte[] bytes = bytes(offset, (int) Math.min(ReplicaTree.GROUP_BYTES, encodedBytes() - offset));
        List<Hash> leaves = ReplicaTree.leaves(bytes, 0, bytes.length);
        List<Hash> siblings;
        try {
            siblings = tree.siblings(leafIndex, leaves);
        } catch (IllegalArgumentException e) {
            throw new DamagedReplicaException(
                    "bytes " + offset + " to " + (offset + bytes.length) + " of " + directory.resolve(DATA)
                            + " are damaged, leaf " + leafIndex + " cannot be proven",
                    e);
        }
        int at = (int) (leafIndex % ReplicaTree.GROUP_LEAVES) * ReplicaTree.LEAF_BYTES;
        byte[] leaf = new byte[Math.min(ReplicaTree.LEAF_BYTES, bytes.length - at)];
        System.arraycopy(bytes, at, leaf, 0, leaf.length);
        return new StorageProof(leafIndex, leaf, siblings);
    }

    /**
     * All nodes of the segment's tree that its blocks and its range proof give: what a host must know to serve it.
     *
     * @throws DamagedReplicaException when they do not lead to the head any more
     */
    public List<TreeNode> treeNodes(int segmentIndex) throws IOException {
        ReplicaSegment segment = spec().segments().get(segmentIndex);
        int first = firstBlock(segmentIndex);
        List<TreeNode> leaves = meta.leaves().subList(first, first + segment.lengthBlocks());
        try {
            return RangeProof.decode(offer().rangeProofs().get(segmentIndex)).verify(leaves, segment.head());
        } catch (RuntimeException e) {
            throw new DamagedReplicaException(directory.resolve(META) + " does not prove its segments any more", e);
        }
    }

    /** The number in the contract of the segment's first block. */
    public int firstBlock(int segmentIndex) {
        int first = 0;
        for (int i = 0; i < segmentIndex; i++) first += spec().segments().get(i).lengthBlocks();
        return first;
    }

    /** Hypercore's leaf node of a block, which says its original size. */
    TreeNode leaf(int blockNumber) {
        return meta.leaves().get(blockNumber);
    }

    /**
     * Reads everything once: for replicas that were written without waiting for the disk and are opened again.
     *
     * @throws DamagedReplicaException when the disk does not give back what was written
     */
    public void checkAll() throws IOException {
        int from = 0;
        while (from < blockCount()) {
            int to = from + 1;
            while (to < blockCount() && frameBytes(from, to + 1) <= CHECK_BYTES) to++;
            frames(from, to);
            from = to;
        }
    }

    private byte[] bytes(long offset, int length) throws IOException {
        while (true) {
            FileChannel channel = data;
            try {
                return read(channel, offset, length);
            } catch (ClosedChannelException e) {
                // interrupting one reader closes the channel for all of them
                reopen(e);
                if (e instanceof ClosedByInterruptException) throw e;
            }
        }
    }

    private byte[] read(FileChannel channel, long offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offset + buffer.position()) < 0) {
                throw new DamagedReplicaException(directory.resolve(DATA) + " was cut off");
            }
        }
        return buffer.array();
    }

    private void reopen(ClosedChannelException cause) throws IOException {
        lock.lock();
        try {
            if (closed) throw new IOException(id() + " was dropped", cause);
            if (!data.isOpen()) data = FileChannel.open(directory.resolve(DATA), StandardOpenOption.READ);
        } finally {
            lock.unlock();
        }
    }

    /** Ends reading; the files stay. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            closed = true;
            data.close();
        } finally {
            lock.unlock();
        }
    }

    /** The replicas that are whole in a directory; nothing else in it is touched. */
    static List<Path> directoriesIn(Path parent) throws IOException {
        List<Path> found = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(parent)) {
            for (Path entry : entries) {
                if (ReplicaId.ofFileName(entry.getFileName().toString()) != null) found.add(entry);
            }
        }
        return found;
    }
}
