package org.datdot.drive;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Visits the files and symbolic links below a folder in the order their names have in a drive (by the bytes of the whole
 * path), holding one folder's names in memory per level. Folders are visited only to tell that they are empty.
 */
final class FolderWalk {

    private static final int MAX_NAMED = 10;

    private final Path root;
    private final String prefix;
    private long emptyFolders;
    private final List<String> refused = new ArrayList<>();
    private long refusedCount;

    /** One file or link. */
    record Item(Path file, String path, BasicFileAttributes attributes) {

        boolean link() {
            return attributes.isSymbolicLink();
        }

        boolean executable() {
            return attributes instanceof PosixFileAttributes posix
                    && posix.permissions().contains(PosixFilePermission.OWNER_EXECUTE);
        }
    }

    /** What to do with each. */
    interface Visitor {
        void visit(Item item) throws IOException;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Child(Path file, BasicFileAttributes attributes, byte[] order) {}

    FolderWalk(Path root, String prefix) {
        this.root = root;
        this.prefix = prefix;
    }

    void each(Visitor visitor) throws IOException {
        emptyFolders = 0;
        refused.clear();
        refusedCount = 0;
        walk(root, prefix, visitor);
    }

    long emptyFolders() {
        return emptyFolders;
    }

    /** Throws when there was something that cannot be in a drive, naming it. */
    void requireNoneRefused() throws FolderException {
        if (refusedCount > 0) {
            long more = refusedCount - refused.size();
            throw new FolderException(
                    "Nothing was imported, because some files cannot be part of a drive; move them away or "
                            + "rename them: " + String.join("; ", refused)
                            + (more > 0 ? "; and " + more + " more" : ""));
        }
    }

    private void walk(Path folder, String path, Visitor visitor) throws IOException {
        List<Child> children = children(folder);
        if (children.isEmpty() && !folder.equals(root)) {
            emptyFolders++;
        }
        for (Child child : children) {
            String childPath = path + "/" + child.file.getFileName();
            if (child.attributes.isDirectory()) {
                walk(child.file, childPath, visitor);
            } else {
                visitor.visit(new Item(child.file, childPath, child.attributes));
            }
        }
    }

    private List<Child> children(Path folder) throws IOException {
        List<Child> children = new ArrayList<>();
        try (DirectoryStream<Path> names = Files.newDirectoryStream(folder)) {
            for (Path file : names) {
                BasicFileAttributes attributes = attributes(file);
                String name = String.valueOf(file.getFileName());
                if (refuse(file, name, attributes)) {
                    continue;
                }
                // A folder sorts with the slash that follows its name, so that whole paths come out sorted.
                String order = attributes.isDirectory() ? name + "/" : name;
                children.add(new Child(file, attributes, order.getBytes(StandardCharsets.UTF_8)));
            }
        } catch (NoSuchFileException e) {
            throw changed(folder, e);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        children.sort((a, b) -> Arrays.compareUnsigned(a.order, b.order));
        return children;
    }

    private boolean refuse(Path file, String name, BasicFileAttributes attributes) {
        String reason;
        if (attributes.isOther()) {
            reason = "is neither a file, a folder nor a link";
        } else if (name.indexOf('\\') >= 0) {
            reason = "has a backslash in its name, which separates folders in a drive";
        } else if (name.indexOf('\uFFFD') >= 0
                || !StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            reason = "has a name that is not UTF-8";
        } else {
            return false;
        }
        refusedCount++;
        if (refused.size() < MAX_NAMED) {
            refused.add(root.relativize(file) + " " + reason);
        }
        return true;
    }

    static BasicFileAttributes attributes(Path file) throws IOException {
        try {
            PosixFileAttributeView posix =
                    Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            return posix != null
                    ? posix.readAttributes()
                    : Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            throw changed(file, e);
        }
    }

    static FolderException changed(Path file, IOException cause) {
        return new FolderException(
                file + " vanished while its folder was imported: import again when nothing changes it.", cause);
    }
}
