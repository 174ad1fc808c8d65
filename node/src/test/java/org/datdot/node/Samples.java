package org.datdot.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Small folders to publish. */
final class Samples {
    /** Files and links in {@link #folder}. */
    static final int FILES = 5;

    private Samples() {}

    /** A folder with a nested, an empty and an executable file, a link, and one file of random bytes. */
    static Path folder(Path folder, int bytes, Random random) throws IOException {
        Files.createDirectories(folder.resolve("bin"));
        Files.createDirectories(folder.resolve("deep/er"));
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        Files.write(folder.resolve("deep/er/noise"), content);
        Files.writeString(folder.resolve("README.md"), "# Data, not " + random.nextInt() + "\n");
        Files.createFile(folder.resolve("empty"));
        Files.writeString(folder.resolve("bin/run.sh"), "#!/bin/sh\n");
        if (!folder.resolve("bin/run.sh").toFile().setExecutable(true)) {
            throw new IOException("cannot make a file executable in " + folder);
        }
        Files.createSymbolicLink(folder.resolve("link"), Path.of("README.md"));
        return folder;
    }
}
