package org.datdot.drive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The names of a drive's files: absolute, parts joined by one slash. Any text is normalised as stock does it (npm
 * unix-path-resolve and hyperdrive's std): backslashes separate too, {@code C:}, {@code file:} and {@code scheme://host}
 * are cut off, {@code .} and empty parts vanish, {@code ..} goes up.
 */
public final class DrivePath {

    private DrivePath() {}

    /**
     * The name of a file, {@code /a/b}.
     *
     * @throws DriveException when it is the root, or leads above it
     */
    public static String of(String name) {
        String path = resolve(name);
        if (path.equals("/")) {
            throw new DriveException("\"" + name + "\" names the drive's root, not a file in it");
        }
        return path;
    }

    /** The name of a folder to put in front of {@code /}: {@code /a/b}, and the empty text for the root. */
    public static String folder(String name) {
        String path = resolve(name);
        return path.equals("/") ? "" : path;
    }

    private static String resolve(String name) {
        List<String> parts = Arrays.asList(name.split("[/\\\\]", -1));
        if (parts.size() > 1 && parts.getFirst().endsWith(":")) {
            String scheme = parts.getFirst();
            boolean pathFollows = scheme.length() == 2 || scheme.equals("file:");
            parts = parts.subList(Math.min(parts.size(), pathFollows ? 1 : 3), parts.size());
        }
        List<String> resolved = new ArrayList<>();
        for (String part : parts) {
            switch (part) {
                case "", "." -> {}
                case ".." -> {
                    if (resolved.isEmpty()) {
                        throw new DriveException("\"" + name + "\" leads above the drive's root");
                    }
                    resolved.removeLast();
                }
                default -> resolved.add(part);
            }
        }
        return "/" + String.join("/", resolved);
    }
}
