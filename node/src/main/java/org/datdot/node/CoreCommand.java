package org.datdot.node;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.datdot.crypto.CoreKey;
import org.datdot.hypercore.AuditReport;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.Manifest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code datdot core …}: looks at the hypercores of a store without a ledger. */
@Command(
        name = "core",
        mixinStandardHelpOptions = true,
        description = {
            "Look at the hypercores of a store, check and mend them, and take their blocks out. No ledger is needed.",
            "",
            "A core is named by " + StoreSession.WHICH + " ('own' is the names of the store's own drive).",
            "  datdot core info --store ./store",
            "  datdot core audit KEY --repair --store ./store",
            "  datdot core export KEY blocks.bin --peer 127.0.0.1:49737 --store ./copy",
            ""
        },
        subcommands = {CoreCommand.Show.class, CoreCommand.Audit.class, CoreCommand.Export.class})
final class CoreCommand extends CommandGroup {
    private static final Duration STALL = Duration.ofSeconds(30);

    /** What commands on one core, or on all of a store, share. */
    abstract static class OnCores implements Callable<Integer> {
        @Mixin
        StoreSession.Choice choice = new StoreSession.Choice();

        @Parameters(
                index = "0",
                paramLabel = "CORE",
                arity = "0..1",
                description = "The core: " + StoreSession.WHICH + " (default: all of the store).")
        @Nullable
        String name;

        /** Does the command's work; what is opened is closed afterwards. */
        abstract Exit run(StoreSession session, @Nullable String core);

        @Override
        public final Integer call() {
            try (StoreSession session = choice.open()) {
                return run(session, name).code();
            }
        }
    }

    /** {@code datdot core info [CORE]}. */
    @Command(
            name = "info",
            mixinStandardHelpOptions = true,
            description = {
                "List the cores of a store, or tell all about one: length, what of it is here, who signs it.",
                "With --json an object {key, discoveryKey, name, length, writable, hosted} a line, of one core more."
            })
    static final class Show extends OnCores {
        @Override
        Exit run(StoreSession session, @Nullable String one) {
            if (one == null) {
                list(session.store().list());
                return Exit.OK;
            }
            try (Hypercore core = session.core(one)) {
                tell(core);
            }
            return Exit.OK;
        }

        private void list(List<Corestore.CoreInfo> cores) {
            List<List<String>> rows = new ArrayList<>();
            for (Corestore.CoreInfo core : cores) {
                if (choice.global.json) {
                    Json.print(Json.object(
                            "key", core.key().toString(),
                            "discoveryKey", core.discoveryKey().hex(),
                            "name", core.name(),
                            "length", core.lengthBlocks(),
                            "writable", core.writable(),
                            "hosted", core.hosted()));
                }
                String kind = core.hosted() ? "hosted" : core.writable() ? "writable" : "";
                String called = core.name();
                rows.add(List.of(
                        core.key().toString(), Long.toString(core.lengthBlocks()), kind, called == null ? "" : called));
            }
            choice.global.console().table(List.of("core", "blocks", "", "name"), rows);
        }

        private void tell(Hypercore core) {
            Manifest manifest = core.manifest();
            if (choice.global.json) {
                Json.print(Json.object(
                        "key", core.key().toString(),
                        "discoveryKey", core.discoveryKey().hex(),
                        "length", core.length(),
                        "byteLength", core.byteLength(),
                        "fork", core.fork(),
                        "held", core.heldBlocks(),
                        "contiguousLength", core.contiguousLength(),
                        "treeHash", core.head().treeHash().hex(),
                        "manifestVersion", manifest == null ? null : manifest.version(),
                        "quorum", manifest == null ? null : manifest.quorum(),
                        "signers", manifest == null ? null : manifest.signers().size(),
                        "writable", core.writable(),
                        "sessions", core.sessions()));
                return;
            }
            Console console = choice.global.console();
            console.line("core " + core.key());
            console.line("  discovery key  " + core.discoveryKey().hex());
            console.line("  length         " + core.length() + " blocks, " + new ByteSize(core.byteLength()) + ", fork "
                    + core.fork());
            console.line("  here           " + core.heldBlocks() + " blocks, the first " + core.contiguousLength()
                    + " without a gap");
            console.line("  tree hash      " + core.head().treeHash().hex());
            console.line("  signed by      " + signers(manifest) + (core.writable() ? "; writable here" : ""));
            if (!core.sessions().isEmpty()) {
                console.line("  sessions       " + String.join(", ", core.sessions()));
            }
        }

        private static String signers(@Nullable Manifest manifest) {
            if (manifest == null) {
                return "nobody knows yet";
            }
            Manifest.Prologue fixed = manifest.prologue();
            String beginning = fixed == null ? "" : ", the first " + fixed.length() + " blocks are fixed";
            return manifest.quorum() + " of " + manifest.signers().size() + " (manifest version " + manifest.version()
                    + beginning + ")";
        }
    }

    /** {@code datdot core audit [CORE]}. */
    @Command(
            name = "audit",
            mixinStandardHelpOptions = true,
            description = {
                "Compare every block and tree node of a core with what its writer signed; exit code 1 when something is"
                        + " wrong.",
                "With --repair what follows from the blocks is restored, and what nothing vouches for is dropped, so"
                        + " that peers can supply it again."
            })
    static final class Audit extends OnCores {
        @Option(names = "--repair", description = "Mend what is wrong.")
        boolean repair;

        @Override
        Exit run(StoreSession session, @Nullable String one) {
            Corestore store = session.store();
            List<CoreKey> keys = one == null
                    ? store.list().stream().map(Corestore.CoreInfo::key).toList()
                    : List.of(session.key(one));
            boolean sound = true;
            for (CoreKey key : keys) {
                sound &= audit(store, key);
            }
            return sound ? Exit.OK : Exit.FAILED;
        }

        private boolean audit(Corestore store, CoreKey key) {
            AuditReport report;
            try (ProgressBar bar =
                    new ProgressBar(choice.global.console(), key.toString().substring(0, 8), n -> n + " nodes")) {
                report = repair ? store.repair(key, bar::at) : store.audit(key, bar::at);
            }
            if (report == null) {
                throw new NodeException(Exit.NOT_FOUND, "core " + key + " is not in the store; see `datdot core info`");
            }
            String head = report.head().name().toLowerCase(Locale.ROOT);
            if (choice.global.json) {
                Json.print(Json.object(
                        "key", key.toString(),
                        "sound", report.sound(),
                        "head", head,
                        "blocks", report.blocks(),
                        "treeNodes", report.treeNodes(),
                        "restoredNodes", report.restoredNodes(),
                        "droppedNodes", report.droppedNodes(),
                        "droppedBlocks", report.droppedBlocks(),
                        "droppedBits", report.droppedBits(),
                        "addedBits", report.addedBits(),
                        "repaired", repair && !report.sound()));
            } else {
                choice.global
                        .console()
                        .line(key + " " + (report.sound() ? "is sound: " : "is damaged: ")
                                + report.blocks() + " blocks and " + report.treeNodes() + " tree nodes are right"
                                + (report.sound() ? "" : damage(report, head)));
            }
            return report.sound();
        }

        private String damage(AuditReport report, String head) {
            String them = repair ? " were mended" : " can be mended with --repair";
            return "; head " + head + ", " + report.restoredNodes() + " nodes, " + report.addedBits()
                    + " marks" + them + ", " + report.droppedBlocks() + " blocks, " + report.droppedNodes() + " nodes, "
                    + report.droppedBits() + " marks are worth nothing";
        }
    }

    /** {@code datdot core export CORE FILE}. */
    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {
                "Write the blocks of a core, one behind the other, into a file of the disk.",
                "With --separate each into a file of its own, named by its number, in a folder."
            })
    static final class Export implements Callable<Integer> {
        @Mixin
        StoreSession.Choice choice = new StoreSession.Choice();

        @Parameters(index = "0", paramLabel = "CORE", description = "The core: " + StoreSession.WHICH + ".")
        String name = "";

        @Parameters(
                index = "1",
                paramLabel = "FILE",
                description = "Where to write them, it must not exist; - for standard output.")
        Path file = Path.of("-");

        @Option(names = "--start", paramLabel = "BLOCK", description = "From this block on (default: 0).")
        long start;

        @Option(names = "--end", paramLabel = "BLOCK", description = "To the one before this (default: all).")
        long end = Long.MAX_VALUE;

        @Option(names = "--separate", description = "A file for each block, in the folder FILE.")
        boolean separate;

        private long bytes;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Arguments.require(start >= 0 && end >= start, "--start and --end must name blocks in order");
            boolean standard = file.toString().equals("-");
            Arguments.require(!standard || !separate, "--separate needs a folder");
            try (StoreSession session = choice.open();
                    Hypercore core = session.core(name)) {
                long last = Math.min(end, core.length());
                long first = Math.min(start, last);
                StallGuard.run(
                        () -> {
                            write(session, core, first, last, standard);
                            return last;
                        },
                        session::received,
                        STALL);
                if (choice.global.json && !standard) {
                    Json.print(Json.object(
                            "key",
                            core.key().toString(),
                            "blocks",
                            last - first,
                            "bytes",
                            bytes,
                            "file",
                            file.toString()));
                } else if (!standard) {
                    choice.global
                            .console()
                            .line(last - first + " blocks, " + new ByteSize(bytes) + " in " + file.toAbsolutePath());
                }
            }
            return Exit.OK.code();
        }

        private void write(StoreSession session, Hypercore core, long first, long last, boolean standard)
                throws IOException {
            Console console = choice.global.console();
            if (standard) {
                copy(session, core, first, last, System.out, Console.error(choice.global.json));
                System.out.flush();
                return;
            }
            if (Files.exists(file)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            if (separate) {
                Files.createDirectories(file);
                copy(session, core, first, last, null, console);
                return;
            }
            Path part = file.resolveSibling(file.getFileName() + ".part");
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part))) {
                copy(session, core, first, last, out, console);
            } catch (IOException | RuntimeException e) {
                Files.deleteIfExists(part);
                throw e;
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        }

        private void copy(
                StoreSession session,
                Hypercore core,
                long first,
                long last,
                @Nullable OutputStream out,
                Console console)
                throws IOException {
            try (Download _ = core.download(first, last);
                    ProgressBar bar = new ProgressBar(console, label(), n -> n + " blocks")) {
                for (long index = first; index < last; index++) {
                    byte[] block = session.block(core, index);
                    if (out == null) {
                        Files.write(file.resolve(String.format(Locale.ROOT, "%012d", index)), block);
                    } else {
                        out.write(block);
                    }
                    bytes += block.length;
                    bar.at(index + 1 - first, last - first);
                }
            }
        }

        private String label() {
            return String.valueOf(file.getFileName());
        }
    }
}
