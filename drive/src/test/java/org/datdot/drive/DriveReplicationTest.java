package org.datdot.drive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.datdot.crypto.PublicKey;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.wire.MemoryDuplex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reading somebody else's drive, every block of which has to come over a connection. */
@Timeout(120)
class DriveReplicationTest {

    @TempDir
    Path directory;

    private Corestore writing;
    private Corestore reading;
    private Hyperdrive writer;
    private Hyperdrive reader;
    private MemoryDuplex duplex;

    @BeforeEach
    void connect() throws Exception {
        writing = Corestore.open(
                directory.resolve("writer"), StoreOptions.defaults().sync(false));
        reading = Corestore.open(
                directory.resolve("reader"), StoreOptions.defaults().sync(false));
        writer = Hyperdrive.open(writing);
        try (DriveBatch batch = writer.batch()) {
            for (int i = 0; i < 3000; i++) {
                batch.put("/small/" + i, InputStream.nullInputStream(), PutOptions.PLAIN);
            }
            batch.put("/text", new ByteArrayInputStream(utf8("hello")), PutOptions.PLAIN);
            batch.flush();
        }
        writer.put("/big", content());
        writer.put("/run", utf8("#!"), PutOptions.EXECUTABLE);
        writer.symlink("/link", "text");
        reader = Hyperdrive.open(reading, writer.key());
        duplex = new MemoryDuplex(new PublicKey(new byte[32]), new PublicKey(new byte[32]), new byte[64]);
        writing.replicate(duplex.initiator());
        reading.replicate(duplex.responder());
        assertThat(moving(() -> reader.update(Duration.ofSeconds(60)))).isTrue();
    }

    @AfterEach
    void close() {
        duplex.close();
        duplex.deliver();
        reading.close();
        writing.close();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] content() {
        byte[] content = new byte[3_000_000];
        new Random(1).nextBytes(content);
        return content;
    }

    /** Runs a task that waits for blocks on a thread of its own, and moves messages until it is done. */
    private <T> T moving(Callable<T> task) throws Exception {
        FutureTask<T> running = new FutureTask<>(task);
        Thread.ofVirtual().start(running);
        while (true) {
            duplex.deliver();
            try {
                return running.get(1, TimeUnit.MILLISECONDS);
            } catch (TimeoutException _) {
                // Blocks are committed by another thread; there may be something to move again.
            }
        }
    }

    private static long held(Hypercore core) {
        long held = 0;
        for (long i = 0; i < core.length(); i++) {
            held += core.has(i) ? 1 : 0;
        }
        return held;
    }

    @Test
    void shouldFetchFewBlocksWhenOneFileIsRead() throws Exception {
        assertThat(reader.version()).isEqualTo(writer.version());
        assertThat(reader.writable()).isFalse();
        byte[] text = moving(() -> Objects.requireNonNull(reader.get("/text")));
        assertThat(text).isEqualTo(utf8("hello"));
        assertThat(reader.blobsCore().key()).isEqualTo(writer.blobsCore().key());
        assertThat(held(reader.dbCore())).isLessThan(200);
        assertThat(held(reader.blobsCore())).isEqualTo(1);
        assertThat(moving(() -> reader.exists("/nothing"))).isFalse();
    }

    @Test
    void shouldFetchOnlyItsBlocksWhenARangeIsRead() throws Exception {
        byte[] part = moving(() -> {
            DriveEntry entry = Objects.requireNonNull(reader.entry("/big"));
            try (InputStream in = reader.blobs().open(Objects.requireNonNull(entry.blob()), 1_000_000, 200_000)) {
                return in.readAllBytes();
            }
        });
        assertThat(part).isEqualTo(Arrays.copyOfRange(content(), 1_000_000, 1_200_000));
        assertThat(held(reader.blobsCore())).isLessThanOrEqualTo(5);
    }

    @Test
    void shouldWriteTheWholeDriveWhenExported() throws Exception {
        Path target = directory.resolve("target");
        FolderExport.Result result =
                moving(() -> FolderExport.run(reader, target, FolderExport.Options.DEFAULT, FolderProgress.NONE));
        assertThat(result.files()).isEqualTo(3004);
        assertThat(Files.readAllBytes(target.resolve("big"))).isEqualTo(content());
        assertThat(Files.isExecutable(target.resolve("run"))).isTrue();
        assertThat(Files.readSymbolicLink(target.resolve("link"))).isEqualTo(Path.of("text"));
        assertThat(held(reader.blobsCore())).isEqualTo(writer.blobsCore().length());
        assertThat(reader.dbCore().contiguousLength()).isEqualTo(writer.version());
    }

    @Test
    void shouldSeeNewFilesWhenUpdated() throws Exception {
        assertThat(moving(() -> reader.exists("/new"))).isFalse();
        writer.put("/new", utf8("later"));
        // An update knows of what the peer has told by then; the news may still be on its way.
        while (reader.version() < writer.version()) {
            moving(() -> reader.update(Duration.ofSeconds(60)));
        }
        assertThat(moving(() -> Objects.requireNonNull(reader.get("/new")))).isEqualTo(utf8("later"));
    }
}
