package org.datdot.node;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import org.datdot.drive.BlobId;
import org.datdot.drive.CorruptDriveException;
import org.datdot.drive.DriveEntry;
import org.datdot.drive.Hyperdrive;
import org.datdot.drive.PutOptions;
import org.datdot.hypercore.BlockNotAvailableException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code datdot drive …}: works on the files of a drive without a ledger. */
@Command(
        name = "drive",
        mixinStandardHelpOptions = true,
        description = {
            "Look at and change the files of a drive, in a store here or at a peer. No ledger is needed.",
            "",
            "A drive is named by " + StoreSession.WHICH + ".",
            "  datdot drive put own /hello.txt hello.txt --store ./store",
            "  datdot drive ls own / --store ./store",
            "  datdot drive serve own --store ./store",
            "  datdot drive get KEY /hello.txt --peer 127.0.0.1:49737 --store ./copy",
            ""
        },
        subcommands = {
            DriveCommand.Ls.class,
            DriveCommand.Get.class,
            DriveCommand.Put.class,
            DriveMirrorCommand.class,
            DriveCommand.Serve.class,
            DriveCommand.Verify.class
        })
final class DriveCommand extends CommandGroup {
    private static final Duration STALL = Duration.ofSeconds(30);

    private static Hyperdrive at(Hyperdrive drive, long version) {
        return version == 0 ? drive : drive.checkout(version);
    }

    private static NodeException noFile(String path) {
        return new NodeException(Exit.NOT_FOUND, "the drive has no file " + path + "; see `datdot drive ls`");
    }

    /** What the commands on one drive share: the store, the peers, the drive's name, and how they are opened. */
    abstract static class OnDrive implements Callable<Integer> {
        @Mixin
        StoreSession.Choice choice = new StoreSession.Choice();

        @Parameters(index = "0", paramLabel = "DRIVE", description = "The drive: " + StoreSession.WHICH + ".")
        String name = "";

        /** Opens store and peers. */
        StoreSession open() {
            return choice.open();
        }

        /** Does the command's work; what is opened is closed afterwards. */
        abstract Exit run(StoreSession session, Hyperdrive drive) throws IOException, InterruptedException;

        @Override
        public final Integer call() throws IOException, InterruptedException {
            try (StoreSession session = open();
                    Hyperdrive drive = session.drive(name)) {
                return run(session, drive).code();
            }
        }
    }

    /** {@code datdot drive ls DRIVE [PATH]}. */
    @Command(
            name = "ls",
            mixinStandardHelpOptions = true,
            description = {
                "List the files of a drive's folder: mode, bytes, name.",
                "With --json each line is an object {path, bytes, executable, linkname, metadata, seq, here}."
            })
    static final class Ls extends OnDrive {
        @Parameters(index = "1", paramLabel = "PATH", defaultValue = "/", description = "A folder (default: all).")
        String path = "/";

        @Option(names = "--version", paramLabel = "N", description = "As it was at this version (default: now).")
        long version;

        @Option(names = "--ignore", paramLabel = "PATH", description = "Leave this out; may be repeated.")
        List<String> ignored = new ArrayList<>();

        @Override
        Exit run(StoreSession session, Hyperdrive drive) {
            Hyperdrive then = at(drive, version);
            DriveEntry file = path.equals("/") ? null : then.entry(path);
            if (file != null) {
                print(then, file);
            }
            long entries = 0;
            for (DriveEntry entry : then.list(path, true, Hyperdrive.ignoring(ignored.toArray(String[]::new)))) {
                print(then, entry);
                entries++;
            }
            if (entries == 0 && file == null && !path.equals("/")) {
                throw noFile(path);
            }
            choice.global.console().line(entries + (file == null ? 0 : 1) + " entries, version " + then.version());
            return Exit.OK;
        }

        private void print(Hyperdrive drive, DriveEntry entry) {
            BlobId blob = entry.blob();
            long bytes = blob == null ? 0 : drive.blobs().byteLength(blob);
            if (choice.global.json) {
                Json.print(Json.object(
                        "path", entry.path(),
                        "bytes", bytes,
                        "executable", entry.executable(),
                        "linkname", entry.linkname(),
                        "metadata", entry.metadata(),
                        "seq", entry.seq(),
                        "here", blob == null || drive.blobs().has(blob)));
                return;
            }
            String kind = entry.linkname() != null ? "l" : entry.executable() ? "x" : "-";
            String target = entry.linkname() == null ? "" : " -> " + entry.linkname();
            choice.global.console().line(String.format("%s %12d  %s%s", kind, bytes, entry.path(), target));
        }
    }

    /** {@code datdot drive get DRIVE PATH [FILE]}. */
    @Command(
            name = "get",
            mixinStandardHelpOptions = true,
            description = {
                "Print a file of a drive, or write it into a file of the disk.",
                "For whole folders see `datdot drive mirror`."
            })
    static final class Get extends OnDrive {
        @Parameters(index = "1", paramLabel = "PATH", description = "The file; symbolic links are followed.")
        String path = "";

        @Parameters(
                index = "2",
                paramLabel = "FILE",
                arity = "0..1",
                description = "Where to write it; it must not exist (default: standard output).")
        @Nullable
        Path file;

        @Option(names = "--version", paramLabel = "N", description = "As it was at this version (default: now).")
        long version;

        @Option(names = "--start", paramLabel = "BYTE", description = "From this byte on (default: 0).")
        long start;

        @Option(names = "--length", paramLabel = "BYTES", description = "At most so many bytes (default: all).")
        long length = Long.MAX_VALUE;

        @Override
        StoreSession open() {
            Arguments.require(start >= 0 && length >= 0, "--start and --length must not be negative");
            return super.open();
        }

        @Override
        Exit run(StoreSession session, Hyperdrive drive) throws IOException, InterruptedException {
            Hyperdrive then = at(drive, version);
            DriveEntry entry = then.follow(path);
            if (entry == null || entry.blob() == null) {
                throw noFile(path);
            }
            Path target = file;
            long total = Math.min(length, Math.max(0, then.blobs().byteLength(entry.blob()) - start));
            long written;
            try (ProgressBar bar = ProgressBar.beside(choice.global.json, entry.path())) {
                written = StallGuard.run(
                        () -> copy(then, entry, target, done -> bar.at(done, total)), session::received, STALL);
            }
            if (target != null && choice.global.json) {
                Json.print(Json.object("path", entry.path(), "bytes", written, "file", target.toString()));
            } else if (target != null) {
                choice.global.console().line(new ByteSize(written) + " in " + target.toAbsolutePath());
            }
            return Exit.OK;
        }

        private long copy(Hyperdrive drive, DriveEntry entry, @Nullable Path target, LongConsumer told)
                throws IOException {
            try (InputStream in = new ProgressInput(drive.open(entry, start, length), told)) {
                if (target != null) {
                    return Files.copy(in, target);
                }
                long written = in.transferTo(System.out);
                System.out.flush();
                return written;
            }
        }
    }

    /** {@code datdot drive put DRIVE PATH FILE}. */
    @Command(
            name = "put",
            mixinStandardHelpOptions = true,
            description = {
                "Put a file into a drive of this store and print the drive's key.",
                "The store, and the drive in it, are made when there are none."
            })
    static final class Put extends OnDrive {
        @Parameters(index = "1", paramLabel = "PATH", description = "Its name in the drive.")
        String path = "";

        @Parameters(index = "2", paramLabel = "FILE", description = "The file; - for standard input.")
        Path file = Path.of("-");

        @Option(names = "--executable", description = "The file may be run; files of the disk say so themselves.")
        boolean executable;

        @Override
        StoreSession open() {
            if (!standard() && !Files.isReadable(file)) {
                throw new NodeException(Exit.NOT_FOUND, "there is no file " + file + " that can be read");
            }
            return choice.openToWrite();
        }

        private boolean standard() {
            return file.toString().equals("-");
        }

        @Override
        Exit run(StoreSession session, Hyperdrive drive) throws IOException {
            boolean runs = executable || (!standard() && Files.isExecutable(file));
            long total = standard() ? 0 : Files.size(file);
            try (ProgressBar bar = ProgressBar.beside(choice.global.json, path);
                    InputStream in = standard()
                            ? System.in
                            : new ProgressInput(Files.newInputStream(file), done -> bar.at(done, total))) {
                BlobId blob = drive.put(path, in, runs ? PutOptions.EXECUTABLE : PutOptions.PLAIN);
                if (choice.global.json) {
                    Json.print(Json.object(
                            "key", drive.key().toString(),
                            "path", path,
                            "bytes", blob.byteLength(),
                            "version", drive.version()));
                } else {
                    choice.global.console().line(drive.key().toString());
                }
            }
            return Exit.OK;
        }
    }

    /** {@code datdot drive serve DRIVE}. */
    @Command(
            name = "serve",
            mixinStandardHelpOptions = true,
            description = {
                "Let peers read a drive of this store until Ctrl-C.",
                "Whoever knows the key of another core in the store can read that one, too.",
                "With --bootstrap or --reachable it is also found through the DHT, by the drive's key."
            })
    static final class Serve extends OnDrive {
        @Option(
                names = "--listen",
                paramLabel = "HOST:PORT",
                defaultValue = "127.0.0.1:0",
                description = "Where peers reach it (default: ${DEFAULT-VALUE}; port 0: any).")
        String listen = "127.0.0.1:0";

        @Mixin
        ReachOptions reach = new ReachOptions();

        @Override
        Exit run(StoreSession session, Hyperdrive drive) throws InterruptedException {
            InetSocketAddress wanted = Arguments.address(listen);
            try (Shutdown shutdown = Shutdown.closing(session);
                    SentBar _ = new SentBar(choice.global.console(), drive.monitor(null))) {
                InetSocketAddress address = session.listen(wanted);
                if (reach.tells() || choice.global.namesBootstrap()) {
                    session.announce(choice.global.bootstrap(), drive.key());
                }
                InetSocketAddress webSocket = session.open(reach, address);
                if (choice.global.json) {
                    Json.print(Json.object(
                            "key", drive.key().toString(),
                            "publicKey", session.publicKey().hex(),
                            "address", Addresses.text(address),
                            "websocket", webSocket == null ? "" : "ws://" + Addresses.text(webSocket)));
                } else {
                    Console console = choice.global.console();
                    console.line("drive " + drive.key() + " at " + Addresses.text(address) + "; Ctrl-C ends it");
                    if (webSocket != null) console.line("peers over WebSocket at ws://" + Addresses.text(webSocket));
                }
                shutdown.await();
            }
            return Exit.OK;
        }
    }

    /** {@code datdot drive verify DRIVE [PATH]}. */
    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = {
                "Read every file of a drive and say which are not whole; exit code 1 when there are any.",
                "Blocks that peers sent were checked against the key when they came; this finds what is missing,",
                "what the disk has lost, and what the drive's writer has written wrongly."
            })
    static final class Verify extends OnDrive {
        @Parameters(index = "1", paramLabel = "PATH", defaultValue = "/", description = "A folder (default: all).")
        String path = "/";

        private long files;
        private long bytes;
        private long bad;

        @Override
        Exit run(StoreSession session, Hyperdrive drive) throws IOException {
            long total = 0;
            for (DriveEntry entry : drive.list(path)) {
                total += entry.blob() == null ? 0 : entry.blob().byteLength();
            }
            try (Progress progress = choice.global.console().progress("verifying", total)) {
                for (DriveEntry entry : drive.list(path)) {
                    verify(drive, entry, progress);
                }
            }
            if (choice.global.json) {
                Json.print(Json.object(
                        "key", drive.key().toString(),
                        "version", drive.version(),
                        "files", files,
                        "bytes", bytes,
                        "bad", bad));
            } else {
                choice.global
                        .console()
                        .line(files + " files, " + new ByteSize(bytes) + " in version " + drive.version() + "; "
                                + (bad == 0 ? "all whole" : bad + " not whole"));
            }
            return bad == 0 ? Exit.OK : Exit.FAILED;
        }

        private void verify(Hyperdrive drive, DriveEntry entry, Progress progress) throws IOException {
            files++;
            try (InputStream in = drive.open(entry)) {
                byte[] buffer = new byte[1 << 16];
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    bytes += count;
                    progress.update(bytes);
                }
            } catch (BlockNotAvailableException e) {
                report(entry, "is not all here", e);
            } catch (CorruptDriveException e) {
                report(entry, "is written wrongly", e);
            }
        }

        private void report(DriveEntry entry, String what, RuntimeException reason) {
            bad++;
            if (choice.global.json) {
                Json.print(Json.object("path", entry.path(), "problem", what, "reason", reason.getMessage()));
            } else {
                choice.global.console().line(entry.path() + " " + what + ": " + reason.getMessage());
            }
        }
    }
}
