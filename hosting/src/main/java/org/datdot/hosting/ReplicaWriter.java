package org.datdot.hosting;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32C;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * Writes a replica: frames into a directory that ends in {@code .partial}, which gets its real name only when everything
 * is on the disk. A directory that still has the ending after a crash is worthless and deleted by
 * {@link ReplicaStore}. For one thread.
 */
final class ReplicaWriter implements Closeable {
    static final String PARTIAL = ".partial";

    private final Path target;
    private final Path partial;
    private final boolean durable;
    private final ReplicaSpec spec;
    private final int[] frameLengths;
    private final int[] frameChecks;
    private final ReplicaTree.Builder tree = new ReplicaTree.Builder();
    private final CRC32C crc = new CRC32C();
    private final FileChannel data;
    private int blocks;
    private boolean finished;

    /**
     * Begins a replica.
     *
     * @param durable whether {@link #finish} waits for the disk; without it a power cut may damage the replica, which is
     *     noticed when it is read
     */
    ReplicaWriter(Path parent, ReplicaSpec spec, boolean durable) throws IOException {
        this.target = parent.resolve(spec.id().fileName());
        this.partial = parent.resolve(spec.id().fileName() + PARTIAL);
        this.durable = durable;
        this.spec = spec;
        this.frameLengths = new int[spec.blockCount()];
        this.frameChecks = new int[spec.blockCount()];
        FileTree.delete(partial);
        Files.createDirectories(partial);
        this.data = FileChannel.open(
                partial.resolve(Replica.DATA), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** How many blocks are written. */
    int blocks() {
        return blocks;
    }

    /** The next block's frame, envelope included. */
    void frame(byte[] bytes, int offset, int length) {
        crc.reset();
        crc.update(bytes, offset, length);
        frameLengths[blocks] = length;
        frameChecks[blocks] = (int) crc.getValue();
        blocks++;
    }

    /** The bytes of one or more frames that {@link #frame} was told about. */
    void write(byte[] bytes, int offset, int length) throws IOException {
        tree.update(bytes, offset, length);
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
            if (data.write(buffer) <= 0) throw new IOException("the disk took no bytes for " + partial);
        }
    }

    /** The tree over all frames; no frame can follow. */
    ReplicaTree tree() {
        if (blocks != frameLengths.length) throw new IllegalStateException(blocks + " of " + frameLengths.length);
        return tree.finish();
    }

    /** Writes the meta file and gives the replica its name. A replica that has the name already is replaced. */
    Replica finish(ReplicaTree built, ReplicaOffer offer, List<TreeNode> leaves) throws IOException {
        ReplicaMeta meta = new ReplicaMeta(spec, offer, built.groups(), frameLengths, frameChecks, leaves);
        Path metaFile = partial.resolve(Replica.META);
        try (FileChannel out = FileChannel.open(metaFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(meta.encode());
            while (buffer.hasRemaining()) out.write(buffer);
            if (durable) out.force(true);
        }
        if (durable) {
            data.force(true);
            FileTree.sync(partial);
        }
        data.close();
        FileTree.delete(target);
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        finished = true;
        if (durable) FileTree.sync(parentOf(target));
        return Replica.open(target);
    }

    private static Path parentOf(Path path) throws IOException {
        @Nullable Path parent = path.getParent();
        if (parent == null) throw new IOException(path + " has no parent directory");
        return parent;
    }

    /** Removes what was written, unless it was finished. */
    @Override
    public void close() throws IOException {
        data.close();
        if (!finished) FileTree.delete(partial);
    }
}
