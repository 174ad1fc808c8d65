package org.datdot.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.datdot.crypto.Blake2b;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderRoundTripTest {

    @TempDir
    Path directory;

    private Path source;
    private Path target;
    private Corestore store;
    private Hyperdrive drive;

    @BeforeEach
    void open() throws IOException {
        source = Files.createDirectory(directory.resolve("source"));
        target = directory.resolve("target");
        store = Corestore.open(
                directory.resolve("store"), StoreOptions.defaults().sync(false));
        drive = Hyperdrive.open(store);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void write(String name, int length) throws IOException {
        Path file = source.resolve(name);
        Files.createDirectories(file.getParent());
        byte[] content = new byte[length];
        new Random(name.hashCode() + length).nextBytes(content);
        Files.write(file, content);
    }

    private FolderImport.Result importFolder() throws IOException {
        return FolderImport.run(source, drive, FolderImport.Options.MIRROR, FolderProgress.NONE);
    }

    private FolderExport.Result exportFolder(FolderExport.Options options) throws IOException {
        return FolderExport.run(drive, target, options, FolderProgress.NONE);
    }

    /** Name to kind, mode and content of everything that is not a folder. */
    private static Map<String, String> describe(Path folder) throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.toList()) {
                String name = folder.relativize(file).toString();
                if (Files.isSymbolicLink(file)) {
                    found.put(name, "-> " + Files.readSymbolicLink(file));
                } else if (Files.isRegularFile(file)) {
                    String content = HexFormat.of().formatHex(Blake2b.hash(Files.readAllBytes(file)));
                    found.put(name, (Files.isExecutable(file) ? "x " : "- ") + Files.size(file) + " " + content);
                }
            }
        }
        return found;
    }

    private void oddFolder() throws IOException {
        write("empty", 0);
        write("block", 65536);
        write("block+1", 65537);
        write("big", 9_000_000);
        write("größe/☃ 🙂/tief/x", 10);
        write("a.txt", 1);
        write("a/b", 2);
        write("a-b", 3);
        write(" leading space", 4);
        write(".hidden/..name", 5);
        for (int i = 0; i < 1500; i++) {
            write("many/" + i, i % 70);
        }
        write("run", 100);
        Files.setPosixFilePermissions(source.resolve("run"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(source.resolve("leer ☂/nichts"));
        Files.createSymbolicLink(source.resolve("link"), Path.of("a.txt"));
        Files.createSymbolicLink(source.resolve("a/up"), Path.of("../größe/☃ 🙂"));
        Files.createSymbolicLink(source.resolve("dangling"), Path.of("nothing"));
    }

    @Test
    void shouldReproduceAFolderWhenItIsImportedAndExported() throws IOException {
        oddFolder();
        FolderImport.Result imported = importFolder();
        Map<String, String> expected = describe(source);
        assertThat(imported.added()).isEqualTo(expected.size());
        assertThat(imported.emptyFolders()).isEqualTo(1);
        FolderExport.Result exported = exportFolder(FolderExport.Options.DEFAULT);
        assertThat(describe(target)).isEqualTo(expected);
        assertThat(exported.files()).isEqualTo(expected.size());
        assertThat(exported.byteLength()).isEqualTo(imported.byteLength());
        try (Stream<Path> top = Files.list(target)) {
            assertThat(top.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith(".export"));
        }
    }

    @Test
    void shouldWriteNothingWhenAnUnchangedFolderIsImportedAgain() throws IOException {
        oddFolder();
        importFolder();
        long version = drive.version();
        long blobs = drive.blobsCore().length();
        FolderImport.Result again = importFolder();
        assertThat(again.unchanged()).isEqualTo(describe(source).size());
        assertThat(again.added() + again.updated() + again.removed()).isZero();
        assertThat(drive.version()).isEqualTo(version);
        assertThat(drive.blobsCore().length()).isEqualTo(blobs);
    }

    @Test
    void shouldFollowTheFolderWhenItChangedBetweenImports() throws IOException {
        oddFolder();
        importFolder();
        Files.delete(source.resolve("a/b"));
        Files.delete(source.resolve("many/7"));
        write("many/new", 12);
        write("a.txt", 9);
        Files.setPosixFilePermissions(source.resolve("block"), PosixFilePermissions.fromString("rwx------"));
        Files.delete(source.resolve("link"));
        Files.createSymbolicLink(source.resolve("link"), Path.of("big"));
        Files.delete(source.resolve("dangling"));
        write("dangling", 5);
        long blobs = drive.blobsCore().byteLength();
        FolderImport.Result result = FolderImport.run(source, drive, FolderImport.Options.DEFAULT, FolderProgress.NONE);
        assertThat(List.of(result.added(), result.updated(), result.removed())).containsExactly(1L, 4L, 0L);
        assertThat(drive.blobsCore().byteLength() - blobs).isEqualTo(12 + 9 + 5);
        assertThat(drive.exists("/a/b")).isTrue();
        assertThat(importFolder().removed()).isEqualTo(2);
        exportFolder(FolderExport.Options.DEFAULT);
        assertThat(describe(target)).isEqualTo(describe(source));
    }

    @Test
    void shouldPutAndTakeAPartWhenADriveFolderIsNamed() throws IOException {
        write("a/b", 10);
        Files.createSymbolicLink(source.resolve("abs"), source.toRealPath().resolve("a/b"));
        drive.put("/other", new byte[3]);
        drive.put("/in/old", new byte[3]);
        FolderImport.run(source, drive, new FolderImport.Options("/in/", true), FolderProgress.NONE);
        assertThat(drive.exists("/other")).isTrue();
        assertThat(drive.exists("/in/old")).isFalse();
        assertThat(drive.follow("/in/abs")).isEqualTo(drive.entry("/in/a/b"));
        exportFolder(new FolderExport.Options("/in", false, false, 1));
        assertThat(describe(target).keySet()).containsExactly("a/b", "abs");
        assertThat(Files.readSymbolicLink(target.resolve("abs"))).isEqualTo(Path.of("a/b"));
    }

    @Test
    void shouldTellHowFarItIsWhenImportingAndExporting() throws IOException {
        write("big", 20_000_000);
        write("small", 10);
        List<List<Long>> steps = new ArrayList<>();
        FolderProgress progress = (files, totalFiles, bytes, totalBytes) -> {
            synchronized (steps) {
                steps.add(List.of(files, totalFiles, bytes, totalBytes));
            }
        };
        FolderImport.run(source, drive, FolderImport.Options.DEFAULT, progress);
        assertThat(steps).hasSizeGreaterThan(4).endsWith(List.of(2L, 2L, 20_000_010L, 20_000_010L));
        steps.clear();
        FolderExport.run(drive, target, FolderExport.Options.DEFAULT, progress);
        assertThat(steps).hasSizeGreaterThan(4).contains(List.of(2L, 2L, 20_000_010L, 20_000_010L));
    }

    @Test
    void shouldNameTheFilesAndWriteNothingWhenSomeAreRefused() throws Exception {
        write("good", 5);
        write("back\\slash", 5);
        Process mkfifo = new ProcessBuilder("mkfifo", source.resolve("pipe").toString()).start();
        assertThat(mkfifo.waitFor()).isZero();
        assertThatThrownBy(this::importFolder)
                .isInstanceOf(FolderException.class)
                .hasMessageContaining("pipe is neither a file")
                .hasMessageContaining("back\\slash has a backslash");
        assertThat(drive.version()).isEqualTo(1);
        assertThatThrownBy(() -> FolderImport.run(
                        source.resolve("good"), drive, FolderImport.Options.DEFAULT, FolderProgress.NONE))
                .hasMessageContaining("not a folder");
    }

    @Test
    void shouldSaySoWhenAFileChangesOrVanishesMeanwhile() throws IOException {
        write("a", 100);
        write("b", 100);
        write("c", 100);
        FolderProgress meddle = (files, totalFiles, bytes, totalBytes) -> {
            try {
                if (files == 1) {
                    Files.write(source.resolve("b"), new byte[50], StandardOpenOption.APPEND);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        // The walk has seen the folder's files by then, so b is longer than it was.
        assertThatThrownBy(() -> FolderImport.run(source, drive, FolderImport.Options.DEFAULT, meddle))
                .isInstanceOf(FolderException.class)
                .hasMessageContaining("b changed while");
        FolderProgress vanish = (files, totalFiles, bytes, totalBytes) -> {
            try {
                if (files == 1) {
                    Files.delete(source.resolve("c"));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        assertThatThrownBy(() -> FolderImport.run(source, drive, FolderImport.Options.DEFAULT, vanish))
                .isInstanceOf(FolderException.class)
                .hasMessageContaining("c vanished while");
        assertThat(importFolder().added()).isEqualTo(2);
    }

    @Test
    void shouldKeepWhatIsThereWhenMerging() throws IOException {
        write("a", 10);
        write("b", 20);
        write("c/d", 30);
        importFolder();
        Files.createDirectories(target);
        Files.write(target.resolve("own"), new byte[1]);
        Files.write(target.resolve("a"), new byte[1]);
        Files.copy(source.resolve("b"), target.resolve("b"));
        assertThatThrownBy(() -> exportFolder(FolderExport.Options.DEFAULT))
                .isInstanceOf(FolderException.class)
                .hasMessageContaining("not empty");
        FolderExport.Result merged = exportFolder(FolderExport.Options.MERGE);
        assertThat(merged.unchanged()).isEqualTo(1);
        assertThat(describe(target).keySet()).containsExactly("a", "b", "c/d", "own");
        Files.delete(target.resolve("own"));
        assertThat(describe(target)).isEqualTo(describe(source));
    }

    @Test
    void shouldRefuseToWriteThroughALinkWhenMerging() throws IOException {
        write("c/d", 30);
        write("e", 5);
        importFolder();
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.createDirectories(target);
        Files.createSymbolicLink(target.resolve("c"), outside);
        assertThatThrownBy(() -> exportFolder(FolderExport.Options.MERGE))
                .isInstanceOf(FolderException.class)
                .hasMessageContaining("should be a folder");
        assertThat(describe(outside)).isEmpty();
        Files.delete(target.resolve("c"));
        Path elsewhere = Files.write(outside.resolve("file"), new byte[1]);
        Files.deleteIfExists(target.resolve("e"));
        Files.createSymbolicLink(target.resolve("e"), elsewhere);
        exportFolder(FolderExport.Options.MERGE);
        assertThat(Files.size(elsewhere)).isEqualTo(1);
        assertThat(Files.isSymbolicLink(target.resolve("e"))).isFalse();
    }

    private void rawEntry(String key, byte[] value) {
        drive.db().put(("files\0" + key).getBytes(StandardCharsets.UTF_8), value);
    }

    @Test
    void shouldLeaveOutEntriesWhenTheyWouldEscape() throws IOException {
        byte[] file = DriveEntry.encode(false, null, drive.blobs().put(new byte[10]), null);
        List<String> evil =
                List.of("/../evil", "/a/../../evil", "/./x", "//evil", "/x/", "/nul\0byte", "/back\\slash", "/..");
        evil.forEach(name -> rawEntry(name, file));
        drive.symlink("/l/out", "../../evil");
        drive.symlink("/l/out2", "..");
        drive.symlink("/l/tricky", "out2/../..");
        drive.symlink("/l/nul", "a\0b");
        drive.symlink("/l/nothing", "");
        drive.symlink("/l/absolute", "/etc/passwd");
        drive.symlink("/etc", "/l/../../..");
        drive.put("/good", new byte[3]);
        assertThatThrownBy(() -> exportFolder(FolderExport.Options.DEFAULT))
                .isInstanceOf(FolderException.class)
                .hasMessageContaining("Nothing was exported");
        assertThat(describe(target)).isEmpty();
        FolderExport.Result result = exportFolder(new FolderExport.Options("/", false, true, 4));
        assertThat(result.refused()).hasSize(evil.size() + 5);
        assertThat(describe(target).keySet()).containsExactlyInAnyOrder("good", "l/absolute", "l/out2");
        assertThat(Files.readSymbolicLink(target.resolve("l/absolute"))).isEqualTo(Path.of("../etc/passwd"));
        assertThat(Files.exists(directory.resolve("evil"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
    }

    @Test
    void shouldSayWhatIsInTheWayWhenANameIsFileAndFolder() throws IOException {
        drive.put("/a", new byte[1]);
        drive.put("/a/b", new byte[1]);
        assertThatThrownBy(() -> exportFolder(FolderExport.Options.DEFAULT))
                .isInstanceOf(FolderException.class)
                .hasMessageContaining("should be a f");
        try (Stream<Path> left = Files.list(target)) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith(".export")))
                    .isEmpty();
        }
    }
}
