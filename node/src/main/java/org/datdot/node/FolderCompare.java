package org.datdot.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Compares two folders byte by byte. Empty folders do not count: a drive holds files. */
final class FolderCompare {
    private FolderCompare() {}

    /**
     * What was compared.
     *
     * @param files files and links
     * @param bytes bytes of their content
     * @param difference what differs first, if anything
     */
    record Result(long files, long bytes, Optional<String> difference) {}

    static Result run(Path one, Path other) throws IOException {
        List<Path> names = new ArrayList<>(list(one));
        TreeSet<Path> others = new TreeSet<>(list(other));
        long bytes = 0;
        for (Path name : names) {
            if (!others.remove(name)) {
                return new Result(names.size(), bytes, Optional.of("missing: " + name));
            }
            Path a = one.resolve(name);
            Path b = other.resolve(name);
            if (Files.isSymbolicLink(a)) {
                if (!Files.isSymbolicLink(b) || !Files.readSymbolicLink(a).equals(Files.readSymbolicLink(b))) {
                    return new Result(names.size(), bytes, Optional.of("another link: " + name));
                }
                continue;
            }
            if (Files.mismatch(a, b) >= 0) {
                return new Result(names.size(), bytes, Optional.of("other bytes: " + name));
            }
            bytes += Files.size(a);
        }
        Optional<String> extra = others.isEmpty() ? Optional.empty() : Optional.of("too much: " + others.first());
        return new Result(names.size(), bytes, extra);
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(
                            path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) || Files.isSymbolicLink(path))
                    .map(folder::relativize)
                    .sorted()
                    .toList();
        }
    }
}
