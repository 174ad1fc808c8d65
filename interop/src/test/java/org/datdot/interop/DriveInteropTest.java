package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.datdot.crypto.CoreKey;
import org.datdot.drive.FolderExport;
import org.datdot.drive.FolderImport;
import org.datdot.drive.FolderProgress;
import org.datdot.drive.Hyperdrive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Folders that travel as hyperdrives between this implementation and npm hyperdrive over TCP, every byte compared. */
@Timeout(300)
class DriveInteropTest {
    private static final int FILES = 58;

    @TempDir
    private Path temporary;

    private Path folder = Path.of("");

    @BeforeEach
    void makeOddFolder() throws IOException {
        folder = Files.createDirectory(temporary.resolve("folder"));
        Random random = new Random(1);
        write("empty", 0, random);
        write("one byte", 1, random);
        write("exactly 64 KiB", 65_536, random);
        write("64 KiB and one", 65_537, random);
        write("big/of 3 MB.bin", 3_000_000, random);
        write("a/b/c/d/e/f/deep.txt", 1234, random);
        write("größe/☃ 🙂/日本語.txt", 777, random);
        write("e\u0301 decomposed", 10, random);
        write(".hidden/.file", 12, random);
        for (int i = 0; i < 45; i++) write("many/" + i + ".txt", i * 11, random);
        write("bin/run.sh", 99, random);
        Files.setPosixFilePermissions(folder.resolve("bin/run.sh"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createSymbolicLink(folder.resolve("link"), Path.of("one byte"));
        Files.createSymbolicLink(folder.resolve("bin/link"), Path.of("../big/of 3 MB.bin"));
        write("zzz last", 5, random);
    }

    @Test
    void shouldBeReadInEveryByteByAStockReaderWhenWeServeTheDrive() throws IOException {
        try (JavaPeer java = new JavaPeer(temporary.resolve("java"))) {
            Hyperdrive drive = Hyperdrive.open(java.store);
            FolderImport.run(folder, drive, FolderImport.Options.DEFAULT, FolderProgress.NONE);
            readWithStock(drive.key(), java.listen());
        }
    }

    @Test
    void shouldBeReadAgainByAStockReaderWhenTheFolderChanged() throws IOException {
        try (JavaPeer java = new JavaPeer(temporary.resolve("java"))) {
            Hyperdrive drive = Hyperdrive.open(java.store);
            FolderImport.run(folder, drive, FolderImport.Options.DEFAULT, FolderProgress.NONE);
            int port = java.listen();
            Files.delete(folder.resolve("one byte"));
            Files.delete(folder.resolve("many/7.txt"));
            Files.writeString(folder.resolve("many/8.txt"), "another content");
            Files.writeString(folder.resolve("many/new"), "new");
            Files.writeString(folder.resolve("one byte"), "x");
            Files.setPosixFilePermissions(folder.resolve("bin/run.sh"), PosixFilePermissions.fromString("rw-r--r--"));
            FolderImport.run(folder, drive, FolderImport.Options.MIRROR, FolderProgress.NONE);
            readWithStock(drive.key(), port);
        }
    }

    @Test
    void shouldExportEveryByteWhenAStockPublisherServesTheDrive() throws IOException {
        try (NodeProcess publisher = NodeProcess.start("serve-drive.js", folder.toString());
                JavaPeer java = new JavaPeer(temporary.resolve("java"))) {
            JsonNode served = publisher.next();
            assertThat(served.path("files").asInt()).isEqualTo(FILES);
            CoreKey key = CoreKey.parse(served.path("key").asString());
            java.connect(served.path("port").asInt());
            Hyperdrive drive = Hyperdrive.open(java.store, key);
            drive.update(Duration.ofSeconds(30));
            Path exported = temporary.resolve("exported");
            FolderExport.Result result =
                    FolderExport.run(drive, exported, FolderExport.Options.DEFAULT, FolderProgress.NONE);
            assertThat(result.refused()).isEmpty();
            assertThat(result.byteLength()).isEqualTo(served.path("bytes").asLong());
            assertThat(contents(exported)).isEqualTo(contents(folder)).hasSize(FILES);
            assertThat(publisher.finish()).as(publisher.errorText()).isZero();
        }
    }

    @Test
    void shouldHandOnAStockDriveWhenItsPublisherHasLeft() throws IOException {
        try (JavaPeer java = new JavaPeer(temporary.resolve("java"))) {
            CoreKey key;
            try (NodeProcess publisher = NodeProcess.start("serve-drive.js", folder.toString())) {
                JsonNode served = publisher.next();
                key = CoreKey.parse(served.path("key").asString());
                java.connect(served.path("port").asInt());
                Hyperdrive drive = Hyperdrive.open(java.store, key);
                drive.update(Duration.ofSeconds(30));
                Path exported = temporary.resolve("exported");
                FolderExport.run(drive, exported, FolderExport.Options.DEFAULT, FolderProgress.NONE);
                publisher.finish();
            }
            readWithStock(key, java.listen());
        }
    }

    private void readWithStock(CoreKey key, int port) throws IOException {
        try (NodeProcess reader =
                NodeProcess.start("read-drive.js", key.toString(), folder.toString(), "127.0.0.1:" + port)) {
            int exit = reader.finish();
            assertThat(exit).as(reader.errorText()).isZero();
            assertThat(reader.next().path("files").asInt())
                    .isEqualTo(contents(folder).size());
        }
    }

    private void write(String name, int byteLength, Random random) throws IOException {
        byte[] content = new byte[byteLength];
        random.nextBytes(content);
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    /** Every file and link of a folder: what it is, and what is in it. */
    private static SortedMap<String, String> contents(Path root) throws IOException {
        SortedMap<String, String> found = new TreeMap<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                String content = attributes.isSymbolicLink()
                        ? "-> " + Files.readSymbolicLink(file)
                        : (Files.isExecutable(file) ? "executable " : "")
                                + HexFormat.of().formatHex(JavaPeer.sha256().digest(Files.readAllBytes(file)));
                found.put(root.relativize(file).toString(), content);
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }
}
