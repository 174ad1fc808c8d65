package org.datdot.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.FileHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Where log lines go: warnings of our own to a file in the data directory, nothing between a command's lines. */
final class Logs {
    private static final int FILE_BYTES = 4 << 20;
    private static final String FORMAT = "%1$tFT%1$tT.%1$tL %4$s %3$s: %5$s%6$s%n";

    /** Held, because the log manager keeps only weak references. */
    private static final Logger ROOT = Logger.getLogger("");

    private Logs() {}

    /** Takes the console handler away; libraries then say nothing. */
    static void quiet() {
        System.setProperty("java.util.logging.SimpleFormatter.format", FORMAT);
        LogManager.getLogManager().reset();
        ROOT.setLevel(Level.OFF);
    }

    /** Writes this process's log lines to {@code <folder>/datdot.log}, two files of 4 MiB in turn. */
    static void toFile(Path folder) {
        try {
            Files.createDirectories(folder);
            Handler handler = new FileHandler(folder.resolve("datdot.%g.log").toString(), FILE_BYTES, 2, true);
            handler.setFormatter(new SimpleFormatter());
            ROOT.addHandler(handler);
            ROOT.setLevel(Level.WARNING);
            OURS.setLevel(Level.INFO);
        } catch (IOException e) {
            throw new NodeException(
                    Exit.DATA_DIRECTORY,
                    "cannot write the log in " + folder + " (" + e.getMessage()
                            + "): free some disk space, or choose another --home",
                    e);
        }
    }

    private static final Logger OURS = Logger.getLogger("org.datdot");
}
