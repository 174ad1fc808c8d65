package org.datdot.hosting;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The replicas one role keeps: one directory each below the role's own. Opening it deletes half-written ones and reports
 * damaged ones. Counts the bytes on disk and those promised to replicas on their way, so that nothing is begun that
 * cannot be finished. Safe for concurrent use.
 */
final class ReplicaStore implements Closeable {
    private static final System.Logger LOG = System.getLogger(ReplicaStore.class.getName());

    private final Path directory;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ReplicaId, Replica> replicas = new HashMap<>();
    private final Map<ReplicaId, Long> reservedBytes = new HashMap<>();

    private ReplicaStore(Path directory) {
        this.directory = directory;
    }

    /**
     * Opens the directory, creating it when needed.
     *
     * @param checkAll whether to read every byte of what is there: for stores whose writes did not wait for the disk.
     *     A damaged replica is deleted then; otherwise it is kept for inspection and only reported.
     */
    static ReplicaStore open(Path directory, boolean checkAll) throws IOException {
        Files.createDirectories(directory);
        ReplicaStore store = new ReplicaStore(directory);
        try (var entries = Files.newDirectoryStream(directory, "*" + ReplicaWriter.PARTIAL)) {
            for (Path entry : entries) FileTree.delete(entry);
        }
        for (Path entry : Replica.directoriesIn(directory)) store.openOne(entry, checkAll);
        return store;
    }

    private void openOne(Path entry, boolean checkAll) throws IOException {
        try {
            Replica replica = Replica.open(entry);
            replicas.put(replica.id(), replica);
            if (checkAll) replica.checkAll();
        } catch (DamagedReplicaException e) {
            LOG.log(System.Logger.Level.ERROR, "ALERT: {0}; check this disk", e.getMessage());
            ReplicaId id = ReplicaId.ofFileName(entry.getFileName().toString());
            if (checkAll && id != null) drop(id);
        }
    }

    /** Where replicas are written. */
    Path directory() {
        return directory;
    }

    /** The replica, or null when it is not there. */
    @Nullable
    Replica find(ReplicaId id) {
        lock.lock();
        try {
            return replicas.get(id);
        } finally {
            lock.unlock();
        }
    }

    /** All replicas. */
    List<Replica> all() {
        lock.lock();
        try {
            return List.copyOf(replicas.values());
        } finally {
            lock.unlock();
        }
    }

    /** Takes a finished replica in; its reservation ends. */
    void add(Replica replica) {
        lock.lock();
        try {
            replicas.put(replica.id(), replica);
            reservedBytes.remove(replica.id());
        } finally {
            lock.unlock();
        }
    }

    /** Bytes on disk and promised. */
    long usedBytes() {
        lock.lock();
        try {
            long bytes = 0;
            for (Replica replica : replicas.values()) bytes += replica.encodedBytes();
            for (long reserved : reservedBytes.values()) bytes += reserved;
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Promises room to a replica before its first byte is written.
     *
     * @param quotaBytes what the provider offered in its form
     * @throws OutOfSpaceException when it fits neither the quota nor the disk
     */
    void reserve(ReplicaId id, long bytes, long quotaBytes) throws IOException {
        lock.lock();
        try {
            long used = usedBytes() - reservedBytes.getOrDefault(id, 0L);
            if (bytes > quotaBytes - used) {
                throw new OutOfSpaceException(id + " needs " + bytes + " bytes, " + Math.max(0, quotaBytes - used)
                        + " of the " + quotaBytes + " offered are left");
            }
            long onDisk = Files.getFileStore(directory).getUsableSpace();
            if (bytes > onDisk - OutOfSpaceException.SPARE_BYTES) {
                throw new OutOfSpaceException(id + " needs " + bytes + " bytes, the disk under " + directory + " has "
                        + onDisk + " left: free some or offer less");
            }
            reservedBytes.put(id, bytes);
        } finally {
            lock.unlock();
        }
    }

    /** Gives reserved room back. */
    void release(ReplicaId id) {
        lock.lock();
        try {
            reservedBytes.remove(id);
        } finally {
            lock.unlock();
        }
    }

    /** Deletes a replica, whole, damaged or half-written. */
    void drop(ReplicaId id) throws IOException {
        @Nullable Replica replica;
        lock.lock();
        try {
            replica = replicas.remove(id);
            reservedBytes.remove(id);
        } finally {
            lock.unlock();
        }
        if (replica != null) replica.close();
        FileTree.delete(directory.resolve(id.fileName()));
        FileTree.delete(directory.resolve(id.fileName() + ReplicaWriter.PARTIAL));
    }

    @Override
    public void close() throws IOException {
        List<Replica> open = new ArrayList<>(all());
        for (Replica replica : open) replica.close();
    }
}
