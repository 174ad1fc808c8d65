package org.datdot.node;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One participant's folder on disk, held by this process alone as long as it is open. The operating system drops the lock when the
 * process ends, however it ends.
 */
public final class DataDirectory implements AutoCloseable {
    private static final String LOCK_FILE = "lock";

    private final Path path;
    private final FileChannel channel;
    private final FileLock lock;

    private DataDirectory(Path path, FileChannel channel, FileLock lock) {
        this.path = path;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Creates the folder when it is missing and locks it.
     *
     * @throws NodeException {@link Exit#DATA_DIRECTORY} when it cannot be created or another process holds it
     */
    public static DataDirectory open(Path path) {
        FileChannel channel = null;
        try {
            Files.createDirectories(path);
            channel = FileChannel.open(path.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new NodeException(
                        Exit.DATA_DIRECTORY,
                        "the data directory " + path
                                + " is in use by another DatDot process: stop that one, or choose another"
                                + " directory with --home or DATDOT_HOME");
            }
            return new DataDirectory(path, channel, lock);
        } catch (IOException e) {
            closeQuietly(channel, e);
            throw new NodeException(
                    Exit.DATA_DIRECTORY,
                    "cannot use " + path + " as data directory (" + e.getMessage()
                            + "): check that it is a folder, that the disk has room and that you may write there",
                    e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null; // held by this very process
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel, IOException cause) {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** The folder. */
    public Path path() {
        return path;
    }

    /** A path below the folder. */
    public Path resolve(String name) {
        return path.resolve(name);
    }

    @Override
    public void close() {
        try {
            lock.release();
            channel.close();
        } catch (IOException e) {
            throw new NodeException(Exit.DATA_DIRECTORY, "cannot release the lock on " + path, e);
        }
    }
}
