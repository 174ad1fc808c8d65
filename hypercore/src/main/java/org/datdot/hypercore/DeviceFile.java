package org.datdot.hypercore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The file CORESTORE of a store directory: locked while the store is open, and a witness that the directory is still the
 * place where it was made (inode, time and an extended attribute which copies lose). Source: npm device-file.
 */
final class DeviceFile implements AutoCloseable {
    private static final long SLACK_MS = 5_000;
    private static final String ATTRIBUTE = "device-file";
    private static final String ORIGINAL = "original";

    private final FileChannel channel;

    private DeviceFile(FileChannel channel) {
        this.channel = channel;
    }

    static DeviceFile open(Path file, boolean allowMoved) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            lock(channel, file);
            Map<String, String> values = read(channel);
            boolean fresh = values.isEmpty();
            if (!fresh && !allowMoved) verify(file, values);
            if (fresh || allowMoved) write(channel, file);
            return new DeviceFile(channel);
        } catch (IOException e) {
            closeQuietly(channel, e);
            throw StorageException.of("cannot open " + file, e);
        } catch (StorageException e) {
            closeQuietly(channel, e);
            throw e;
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel, Exception because) {
        if (channel == null) return;
        try {
            channel.close();
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }

    private static void lock(FileChannel channel, Path file) throws IOException {
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            throw locked(file);
        }
        if (lock == null) throw locked(file);
    }

    static StorageException locked(Path file) {
        return new StorageException(
                StorageException.Kind.LOCKED,
                "the store " + file.toAbsolutePath().getParent() + " is open in another process or instance;"
                        + " stop that one first, or use another directory");
    }

    private static Map<String, String> read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        int count = 0;
        while (bytes.hasRemaining() && count >= 0) count = channel.read(bytes, bytes.position());
        String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        Map<String, String> values = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            int at = line.indexOf('=');
            if (at > 0)
                values.put(line.substring(0, at).strip(), line.substring(at + 1).strip());
        }
        return values;
    }

    private static void verify(Path file, Map<String, String> values) throws IOException {
        long created = number(values.get("device/created"));
        long modified = Files.getLastModifiedTime(file).toMillis();
        boolean same = platform().equals(values.getOrDefault("device/platform", platform()))
                && values.getOrDefault("device/attribute", "").equals(attribute(file))
                && number(values.get("device/inode")) == inode(file)
                && (created == 0 || Math.abs(modified - created) < SLACK_MS);
        if (same) return;
        throw new StorageException(
                StorageException.Kind.MOVED,
                "the store " + file.toAbsolutePath().getParent() + " is a copy or was moved since it was last open."
                        + " Two copies that both write to a core make it"
                        + " unusable. If the original is never opened again,"
                        + " open this one with the option allowMoved");
    }

    private static void write(FileChannel channel, Path file) throws IOException {
        String attributeLine = setAttribute(file) ? "device/attribute=" + ORIGINAL + "\n" : "";
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(new byte[] {'\n'}), 0); // sets the modification time the text below names
        String text = "device/platform=" + platform() + "\n"
                + "device/inode=" + inode(file) + "\n"
                + "device/created=" + Files.getLastModifiedTime(file).toMillis() + "\n"
                + attributeLine;
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
        channel.force(true);
    }

    private static long number(@Nullable String text) {
        if (text == null || !text.matches("[0-9]{1,18}")) return 0;
        return Long.parseLong(text);
    }

    private static String platform() {
        String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (name.contains("win")) return "win32";
        return name.contains("mac") ? "darwin" : "linux";
    }

    private static long inode(Path file) throws IOException {
        try {
            return Files.getAttribute(file, "unix:ino") instanceof Number n ? n.longValue() : 0;
        } catch (UnsupportedOperationException e) {
            return 0; // a file system without inodes: nothing to compare
        }
    }

    private static String attribute(Path file) {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        if (view == null) return "";
        try {
            ByteBuffer value = ByteBuffer.allocate(64);
            view.read(ATTRIBUTE, value);
            return new String(value.array(), 0, value.position(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // not set, or not supported here
        }
    }

    private static boolean setAttribute(Path file) {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        if (view == null) return false;
        try {
            view.write(ATTRIBUTE, ByteBuffer.wrap(ORIGINAL.getBytes(StandardCharsets.UTF_8)));
            return true;
        } catch (IOException e) {
            return false; // the file system has no extended attributes; the stock software goes without, too
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
