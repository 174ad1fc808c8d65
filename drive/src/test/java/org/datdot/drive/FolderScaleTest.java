package org.datdot.drive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Folders as large as people have them, there and back: a hundred thousand files, and one file larger than memory. The
 * system properties drive.files and drive.bytes choose other sizes. Time and memory are printed.
 */
@Tag("slow")
class FolderScaleTest {
    private static final int FILES = Integer.getInteger("drive.files", 100_000);
    private static final long BYTES = Long.getLong("drive.bytes", 2L << 30);

    /** What is left on the heap after a collection, at most: nothing here grows with the folder's bytes. */
    private static final long HEAP_BYTES = 300L << 20;

    @TempDir
    Path directory;

    private long heapBytes;
    private long startedAt;

    private final FolderProgress watching = (files, totalFiles, bytes, totalBytes) -> watchHeap();

    private void watchHeap() {
        long used = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage afterCollection = pool.getCollectionUsage();
            if (afterCollection != null) used += afterCollection.getUsed();
        }
        heapBytes = Math.max(heapBytes, used);
    }

    private void start() {
        heapBytes = 0;
        startedAt = System.nanoTime();
    }

    private void report(String what) throws IOException {
        String peak = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .findFirst()
                .orElse("VmHWM unknown");
        System.out.printf(
                "%s: %.1f s, heap after collections at most %d MiB, process %s%n",
                what,
                Duration.ofNanos(System.nanoTime() - startedAt).toMillis() / 1000.0,
                heapBytes >> 20,
                peak.replaceAll("\\s+", " "));
        assertThat(heapBytes).as("heap after collections: %s", what).isLessThan(HEAP_BYTES);
    }

    private Corestore open() {
        return Corestore.open(directory.resolve("store"), StoreOptions.defaults());
    }

    private static byte[] content(int file, int edition) {
        byte[] content = new byte[file % 17 == 0 ? 0 : file % 2000];
        new Random(file * 31L + edition).nextBytes(content);
        return content;
    }

    private static Path name(Path root, int file) {
        return root.resolve("folder " + file % 100)
                .resolve("deeper " + file % 1000 / 100)
                .resolve("file " + file);
    }

    private void makeFolder(Path root) throws IOException {
        for (int i = 0; i < FILES; i++) {
            Path file = name(root, i);
            Files.createDirectories(file.getParent());
            if (i % 50 == 3) {
                Files.createSymbolicLink(file, Path.of("file " + (i - 1)));
                continue;
            }
            Files.write(file, content(i, 0));
            if (i % 20 == 0) Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void shouldCarryAHundredThousandFilesThereAndBackAndThenOnlyWhatChanged() throws IOException {
        Path source = Files.createDirectory(directory.resolve("source"));
        Path target = directory.resolve("target");
        makeFolder(source);
        int changed = Math.min(100, FILES / 10);
        try (Corestore store = open();
                Hyperdrive drive = Hyperdrive.open(store)) {
            start();
            FolderImport.Result first = FolderImport.run(source, drive, FolderImport.Options.MIRROR, watching);
            report("import of " + FILES + " files");
            assertThat(first.added()).isEqualTo(FILES);

            start();
            FolderExport.run(drive, target, FolderExport.Options.DEFAULT, watching);
            report("export of " + FILES + " files");
            for (int i = 0; i < FILES; i++) requireSame(name(source, i), name(target, i));

            for (int i = 0; i < changed; i++) Files.write(name(source, i * 10 + 1), content(i * 10 + 1, 1));
            Files.delete(name(source, 5));
            start();
            FolderImport.Result second = FolderImport.run(source, drive, FolderImport.Options.MIRROR, watching);
            report("import of what changed of " + FILES + " files");
            assertThat(second)
                    .extracting(
                            FolderImport.Result::added,
                            FolderImport.Result::updated,
                            FolderImport.Result::unchanged,
                            FolderImport.Result::removed)
                    .containsExactly(0L, (long) changed, (long) FILES - 1 - changed, 1L);
        }
    }

    private static void requireSame(Path expected, Path actual) throws IOException {
        if (Files.isSymbolicLink(expected)) {
            assertThat(Files.readSymbolicLink(actual)).isEqualTo(Files.readSymbolicLink(expected));
            return;
        }
        if (Files.mismatch(expected, actual) >= 0) throw new AssertionError(actual + " has another content");
        assertThat(Files.isExecutable(actual)).as("mode of %s", actual).isEqualTo(Files.isExecutable(expected));
    }

    /** Content of any length that differs in every place: each 64 KiB repeat where they begin, so that a file system may compress them. */
    private static void writeBig(Path file) throws IOException {
        byte[] piece = new byte[1 << 16];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long at = 0; at < BYTES; at += piece.length) {
                byte[] place = (at + " ").getBytes(StandardCharsets.UTF_8);
                for (int i = 0; i < piece.length; i++) piece[i] = place[i % place.length];
                out.write(piece, 0, (int) Math.min(piece.length, BYTES - at));
            }
        }
    }

    @Test
    void shouldStreamAFileLargerThanMemoryThereAndBack() throws IOException {
        Path source = Files.createDirectory(directory.resolve("source"));
        Path target = directory.resolve("target");
        writeBig(source.resolve("big"));
        try (Corestore store = open();
                Hyperdrive drive = Hyperdrive.open(store)) {
            start();
            FolderImport.run(source, drive, FolderImport.Options.MIRROR, watching);
            report("import of one file of " + (BYTES >> 20) + " MiB");
            start();
            FolderExport.run(drive, target, FolderExport.Options.DEFAULT, watching);
            report("export of one file of " + (BYTES >> 20) + " MiB");
            assertThat(Files.mismatch(source.resolve("big"), target.resolve("big")))
                    .isEqualTo(-1);
            start();
            byte[] tail = new byte[16];
            try (InputStream in = drive.open(Objects.requireNonNull(drive.entry("/big")), BYTES - 16, 16)) {
                assertThat(in.readNBytes(tail, 0, 16)).isEqualTo(16);
            }
            report("reading its last bytes");
            try (InputStream in = Files.newInputStream(source.resolve("big"))) {
                in.skipNBytes(BYTES - 16);
                assertThat(HexFormat.of().formatHex(tail))
                        .isEqualTo(HexFormat.of().formatHex(in.readAllBytes()));
            }
            assertThat(Arrays.equals(tail, new byte[16])).isFalse();
        }
    }
}
