package org.datdot.node;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.datdot.drive.DriveEntry;
import org.datdot.drive.DriveMirror;
import org.datdot.drive.FolderExport;
import org.datdot.drive.FolderImport;
import org.datdot.drive.Hyperdrive;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code datdot drive mirror FROM TO}: makes a drive or a folder equal to another one. */
@Command(
        name = "mirror",
        mixinStandardHelpOptions = true,
        description = {
            "Make TO equal to FROM, writing only what differs. Each is a folder of the disk or a drive: "
                    + StoreSession.WHICH + ".",
            "A word that could be a key is one; write ./NAME for a folder of such a name.",
            "Files are compared by their content."
        })
final class DriveMirrorCommand implements Callable<Integer> {
    @Mixin
    StoreSession.Choice choice = new StoreSession.Choice();

    @Parameters(index = "0", paramLabel = "FROM", description = "What to copy.")
    String from = "";

    @Parameters(index = "1", paramLabel = "TO", description = "What is made equal to it.")
    String to = "";

    @Option(names = "--dry-run", description = "Only count what would be done.")
    boolean dryRun;

    @Option(names = "--keep", description = "Remove nothing that FROM does not have.")
    boolean keep;

    @Option(names = "--ignore", paramLabel = "PATH", description = "Leave this alone on both sides; may be repeated.")
    List<String> ignored = new ArrayList<>();

    @Option(names = "--dedup", description = "From drive to drive: store equal parts of a file's versions once.")
    boolean deduplicate;

    /** What was done: added, changed, removed and all that were looked at. */
    private record Count(long files, long added, long changed, long removed) {}

    @Override
    public Integer call() throws IOException {
        boolean fromDrive = StoreSession.isName(from);
        boolean toDrive = StoreSession.isName(to);
        Arguments.require(fromDrive || toDrive, "neither " + from + " nor " + to + " is a drive: use cp or rsync");
        Predicate<String> wanted =
                Hyperdrive.ignoring(ignored.toArray(String[]::new)).negate();
        Path source = fromDrive ? Path.of(from) : PublishCommand.existing(Path.of(from));
        String key;
        Count count;
        try (StoreSession session = toDrive ? choice.openToWrite() : choice.open()) {
            if (!fromDrive) {
                try (Hyperdrive target = session.drive(to)) {
                    key = target.key().toString();
                    count = importFolder(source, target, wanted);
                }
            } else if (!toDrive) {
                try (Hyperdrive drive = session.drive(from)) {
                    key = drive.key().toString();
                    count = exportFolder(drive, Path.of(to), wanted);
                }
            } else {
                try (Hyperdrive drive = session.drive(from);
                        Hyperdrive target = session.drive(to)) {
                    key = target.key().toString();
                    count = mirror(drive, target, wanted);
                }
            }
        }
        if (choice.global.json) {
            Json.print(Map.of(
                    "key", key,
                    "files", count.files,
                    "added", count.added,
                    "changed", count.changed,
                    "removed", count.removed,
                    "dryRun", dryRun));
        } else {
            choice.global
                    .console()
                    .line((dryRun ? "would be: " : "") + count.added + " added, " + count.changed + " changed, "
                            + count.removed + " removed of " + count.files + " files");
            choice.global.console().line(key);
        }
        return Exit.OK.code();
    }

    private Count importFolder(Path folder, Hyperdrive target, Predicate<String> wanted) throws IOException {
        FolderImport.Options options = new FolderImport.Options("/", !keep, dryRun, wanted);
        try (ProgressBar bar = new ProgressBar(choice.global.console(), "importing")) {
            FolderImport.Result done = FolderImport.run(
                    folder, target, options, (files, totalFiles, bytes, totalBytes) -> bar.at(bytes, totalBytes));
            long files = done.added() + done.updated() + done.unchanged();
            return new Count(files, done.added(), done.updated(), done.removed());
        }
    }

    private Count exportFolder(Hyperdrive drive, Path folder, Predicate<String> wanted) throws IOException {
        FolderExport.Options mirror = FolderExport.Options.MIRROR;
        FolderExport.Options options = new FolderExport.Options(
                mirror.driveFolder(), true, false, mirror.parallelFiles(), !keep, dryRun, wanted);
        try (ProgressBar bar = new ProgressBar(choice.global.console(), "exporting")) {
            FolderExport.Result done = FolderExport.run(
                    drive, folder, options, (files, totalFiles, bytes, totalBytes) -> bar.at(bytes, totalBytes));
            return new Count(done.files(), done.added(), done.changed(), done.removed());
        }
    }

    private Count mirror(Hyperdrive drive, Hyperdrive target, Predicate<String> wanted) throws IOException {
        DriveMirror.Options options = DriveMirror.Options.DEFAULT.ignoring(wanted.negate());
        options = keep ? options.withoutPruning() : options;
        options = dryRun ? options.asDryRun() : options;
        options = deduplicate ? options.deduplicating() : options;
        Console console = choice.global.console();
        long total = 0;
        for (DriveEntry _ : drive.list("/", true, wanted.negate())) {
            total++;
        }
        long files = total;
        AtomicLong seen = new AtomicLong();
        try (ProgressBar bar = new ProgressBar(console, "mirroring", n -> n + " files")) {
            DriveMirror.Count done = DriveMirror.run(
                    drive,
                    target,
                    options.withFilter(_ -> {
                        bar.at(seen.incrementAndGet(), files);
                        return true;
                    }),
                    change -> console.line(change.operation().name().toLowerCase(Locale.ROOT) + " " + change.path()));
            return new Count(done.files(), done.add(), done.change(), done.remove());
        }
    }
}
