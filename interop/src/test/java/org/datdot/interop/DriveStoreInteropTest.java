package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import org.datdot.drive.DriveBatch;
import org.datdot.drive.DriveEntry;
import org.datdot.drive.DriveMirror;
import org.datdot.drive.DriveOutputStream;
import org.datdot.drive.Hyperdrive;
import org.datdot.drive.PutOptions;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Drives in one store directory, written here and there in turn, and how stock mirror-drive counts. */
@Timeout(300)
class DriveStoreInteropTest {
    @TempDir
    private Path directory;

    /** What a reader sees of an entry. */
    private record Seen(
            String path,
            long seq,
            boolean executable,
            @Nullable String linkname,
            String metadata,
            String sha256) {}

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static List<Seen> seen(Hyperdrive drive) {
        List<Seen> seen = new ArrayList<>();
        for (DriveEntry entry : drive.list("/")) {
            byte[] content = drive.get(entry.path());
            String digest = content == null
                    ? ""
                    : HexFormat.of().formatHex(JavaPeer.sha256().digest(content));
            String metadata =
                    entry.metadata() == null ? "null" : entry.metadata().toString();
            seen.add(new Seen(entry.path(), entry.seq(), entry.executable(), entry.linkname(), metadata, digest));
        }
        return seen;
    }

    private static List<Seen> seen(JsonNode described) {
        List<Seen> seen = new ArrayList<>();
        for (JsonNode entry : described.path("entries")) {
            JsonNode link = entry.path("linkname");
            JsonNode digest = entry.path("sha256");
            seen.add(new Seen(
                    entry.path("path").stringValue(),
                    entry.path("seq").longValue(),
                    entry.path("executable").booleanValue(),
                    link.isNull() ? null : link.stringValue(),
                    entry.path("metadata").toString(),
                    digest.isNull() ? "" : digest.stringValue()));
        }
        return seen;
    }

    private JsonNode stock(String script, String... more) {
        List<String> arguments = new ArrayList<>(List.of(directory.toString()));
        arguments.addAll(List.of(more));
        try (NodeProcess stock = NodeProcess.start(script, arguments.toArray(String[]::new))) {
            JsonNode described = stock.next();
            assertThat(stock.finish()).as(stock.errorText()).isZero();
            return described;
        }
    }

    private static void writeEverything(Hyperdrive drive) throws IOException {
        var metadata = JsonNodeFactory.instance.objectNode().put("größe", 1.5).put("\u0001", "\ud83d\ude00");
        drive.put("/java/empty", new byte[0]);
        drive.put("/java/run", random(1, 70_000), new PutOptions(true, metadata));
        drive.symlink("/java/link", "run", metadata);
        try (DriveOutputStream out = drive.outputStream("/java/uneven", PutOptions.PLAIN)) {
            out.writeBlock(random(2, 3));
            out.write(random(3, 100_000));
            out.writeBlock(random(4, 200_000));
            out.finish();
        }
        for (int i = 0; i < 2; i++) {
            try (DriveOutputStream out = drive.deduplicating("/java/dedup", PutOptions.PLAIN)) {
                out.write(random(5 + i, 10));
                out.write(random(7, 600_000));
                out.finish();
            }
        }
        try (DriveBatch batch = drive.batch()) {
            for (int i = 0; i < 200; i++) {
                batch.put("/java/small/" + i, new ByteArrayInputStream(random(i, i)), PutOptions.PLAIN);
            }
            for (int i = 0; i < 200; i += 3) {
                batch.del("/java/small/" + i);
            }
            batch.flush();
        }
    }

    @Test
    void shouldSeeTheSameDriveWhenStockAndWeWriteInTurn() throws IOException {
        List<Seen> afterStock = seen(stock("drive-write.js", "100"));
        try (Corestore store = Corestore.open(directory, StoreOptions.defaults())) {
            Hyperdrive drive = Hyperdrive.open(store);
            assertThat(seen(drive)).isEqualTo(afterStock);
            writeEverything(drive);
        }
        List<Seen> afterJava = seen(stock("drive-read.js"));
        assertThat(afterJava).hasSizeGreaterThan(afterStock.size() + 130);
        stock("drive-write.js", "50");
        List<Seen> last = seen(stock("drive-read.js"));
        try (Corestore store = Corestore.open(directory, StoreOptions.defaults())) {
            Hyperdrive drive = Hyperdrive.open(store);
            assertThat(seen(drive)).isEqualTo(last);
            long version = drive.version();
            drive.put("/java/late", random(9, 100));
            drive.truncate(version);
            drive.put("/java/later", random(10, 100));
        }
        List<Seen> truncated = seen(stock("drive-read.js"));
        assertThat(truncated).hasSize(last.size() + 1).extracting(Seen::path).contains("/java/later");
    }

    @Test
    void shouldCountAsStockWhenADriveIsMirrored() throws IOException {
        DriveMirror.Count dry;
        List<String> steps = new ArrayList<>();
        try (Corestore store = Corestore.open(directory, StoreOptions.defaults())) {
            Hyperdrive source = Hyperdrive.open(store, "from");
            Hyperdrive target = Hyperdrive.open(store, "to");
            Random random = new Random(1);
            for (Hyperdrive drive : List.of(source, target)) {
                try (DriveBatch batch = drive.batch()) {
                    for (int i = 0; i < 150; i++) {
                        String path = "/" + random.nextInt(4) + "/" + random.nextInt(40);
                        var metadata = random.nextInt(5) == 0 ? JsonNodeFactory.instance.stringNode("m") : null;
                        if (random.nextInt(5) == 0) {
                            batch.symlink(path, "/" + random.nextInt(2));
                        } else {
                            byte[] content = random(random.nextInt(2), random.nextInt(2) * 5);
                            PutOptions options = new PutOptions(random.nextInt(4) == 0, metadata);
                            batch.put(path, new ByteArrayInputStream(content), options);
                        }
                    }
                    batch.flush();
                }
            }
            dry = DriveMirror.run(
                    source,
                    target,
                    DriveMirror.Options.DEFAULT.asDryRun(),
                    change -> steps.add(change.operation().name().toLowerCase(Locale.ROOT) + " " + change.path()));
        }
        JsonNode stock = stock("drive-mirror.js", "from", "to");
        List<String> stockSteps = new ArrayList<>();
        stock.path("steps").forEach(step -> stockSteps.add(Objects.requireNonNull(step.stringValue())));
        assertThat(steps).isEqualTo(stockSteps).hasSizeGreaterThan(50);
        assertThat(dry.files()).isEqualTo(stock.path("files").longValue());
        assertThat(dry.add()).isEqualTo(stock.path("add").longValue());
        assertThat(dry.change()).isEqualTo(stock.path("change").longValue());
        assertThat(dry.remove()).isEqualTo(stock.path("remove").longValue());
    }
}
