package org.datdot.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.datdot.drive.FolderImport;
import org.datdot.drive.Hyperdrive;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code datdot publish FOLDER}: makes a hyperdrive of a folder. */
@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        description = {
            "Put a folder into a hyperdrive of your own and print its key.",
            "Doing it again adds what changed; the key stays the same. Next: `datdot host KEY`."
        })
final class PublishCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Parameters(paramLabel = "FOLDER", description = "What to publish.")
    Path folder = Path.of(".");

    @Option(names = "--keep-deleted", description = "Keep files in the drive that are no longer in the folder.")
    boolean keepDeleted;

    @Override
    public Integer call() throws IOException {
        Path real = existing(folder);
        Console console = global.console();
        try (PeerNode node = PeerNode.open(global.home())) {
            Hyperdrive drive = Hyperdrive.open(node.store(), namespace(real));
            FolderImport.Result result = importFolder(console, real, drive, !keepDeleted);
            if (global.json) {
                Json.print(Json.object(
                        "key", drive.key().toString(),
                        "added", result.added(),
                        "updated", result.updated(),
                        "unchanged", result.unchanged(),
                        "removed", result.removed(),
                        "bytes", result.byteLength()));
            } else {
                console.line(result.added() + " files added, " + result.updated() + " updated, " + result.unchanged()
                        + " unchanged, " + result.removed() + " removed, " + new ByteSize(result.byteLength())
                        + " in all");
                console.line(drive.key().toString());
            }
        }
        return Exit.OK.code();
    }

    static Path existing(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new NodeException(
                    Exit.NOT_FOUND, "there is no folder " + folder.toAbsolutePath() + ": name one that exists");
        }
        try {
            return folder.toRealPath();
        } catch (IOException e) {
            throw new NodeException(
                    Exit.NOT_FOUND, "cannot read " + folder.toAbsolutePath() + ": " + e.getMessage(), e);
        }
    }

    /** One drive for each folder: publishing the folder again grows the same drive. */
    static String namespace(Path folder) {
        return "folder " + folder;
    }

    static FolderImport.Result importFolder(Console console, Path folder, Hyperdrive drive, boolean mirror)
            throws IOException {
        try (ProgressBar bar = new ProgressBar(console, "importing")) {
            return FolderImport.run(
                    folder,
                    drive,
                    mirror ? FolderImport.Options.MIRROR : FolderImport.Options.DEFAULT,
                    (files, totalFiles, bytes, totalBytes) -> bar.at(bytes, totalBytes));
        }
    }
}
