package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.datdot.crypto.CoreKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillSafetyTest {
    @TempDir
    private Path directory;

    /** Appends for ever, telling each length after the append returned. */
    static final class Appender {
        private Appender() {}

        public static void main(String[] args) {
            Hypercore core =
                    Corestore.open(Path.of(args[0]), StoreOptions.defaults()).get("log");
            while (true) {
                int at = (int) core.length();
                List<byte[]> blocks = new ArrayList<>();
                for (int i = 0; i <= at % 3; i++) blocks.add(block(at + i));
                System.out.println(core.append(blocks));
            }
        }
    }

    /** Takes large blocks from another core, each of which becomes a file, telling each index after it was stored. */
    static final class Receiver {
        private Receiver() {}

        public static void main(String[] args) {
            Hypercore written =
                    TestStores.open(Path.of(args[0]).resolveSibling("source")).get("log");
            while (written.length() < LARGE_BLOCKS) written.append(largeBlock((int) written.length()));
            Hypercore core =
                    Corestore.open(Path.of(args[0]), StoreOptions.defaults()).get(written.key());
            if (core.length() == 0) take(core, written, ProofRequest.ofUpgrade(0, LARGE_BLOCKS, true));
            for (int i = 0; i < LARGE_BLOCKS; i++) {
                if (core.has(i)) continue;
                take(core, written, ProofRequest.ofBlock(i, core.state().missingNodes(i)));
                TestStores.settle(core);
                System.out.println(i);
            }
        }

        private static void take(Hypercore core, Hypercore written, ProofRequest request) {
            Proof proof = Objects.requireNonNull(written.proof(request));
            core.state().intake().apply(PreparedProof.of(proof));
        }
    }

    /** Appends rows that become files, telling each length after the append returned. */
    static final class RowAppender {
        private RowAppender() {}

        public static void main(String[] args) {
            Hypercore core =
                    Corestore.open(Path.of(args[0]), StoreOptions.defaults()).get("log");
            while (true) {
                int at = (int) core.length();
                List<byte[]> row = new ArrayList<>();
                for (int i = 0; i < ROW_BLOCKS; i++) row.add(rowBlock(at + i));
                System.out.println(core.append(row));
            }
        }
    }

    private static final int ROW_BLOCKS = 16;

    private static byte[] rowBlock(int index) {
        byte[] block = new byte[(int) BlockFiles.MIN_BYTES / ROW_BLOCKS];
        new Random(index).nextBytes(block);
        return block;
    }

    @Test
    void shouldHoldEveryAcknowledgedRowWhenTheProcessIsKilled() throws Exception {
        for (int round = 1; round <= 3; round++) {
            Path folder = directory.resolve("rows");
            long acknowledged = runAndKill(RowAppender.class, folder, 2 * round);
            try (Corestore store = TestStores.open(folder)) {
                CoreKey key;
                try (Hypercore core = store.get("log")) {
                    assertThat(core.length()).isGreaterThanOrEqualTo(acknowledged);
                    assertThat(core.length() % ROW_BLOCKS).isZero();
                    assertThat(core.contiguousLength()).isEqualTo(core.length());
                    for (int i = 0; i < core.length(); i++)
                        assertThat(core.local(i)).isEqualTo(rowBlock(i));
                    key = core.key();
                }
                AuditReport report = Objects.requireNonNull(store.audit(key));
                assertThat(report.sound()).as("%s", report).isTrue();
            }
        }
    }

    private static final int LARGE_BLOCKS = 16;

    private static byte[] largeBlock(int index) {
        byte[] block = new byte[(int) BlockFiles.MIN_BYTES];
        new Random(index).nextBytes(block);
        return block;
    }

    @Test
    void shouldHoldEveryAcknowledgedReceivedBlockWhenTheProcessIsKilled() throws Exception {
        for (int round = 1; round <= 3; round++) {
            Path folder = directory.resolve("store" + round);
            long acknowledged = runAndKill(Receiver.class, folder, 3 + round);
            try (Corestore source = TestStores.open(directory.resolve("source"));
                    Corestore store = TestStores.open(folder);
                    Stream<Path> files = Files.list(folder.resolve("db"))) {
                Hypercore core = store.get(source.get("log").key());
                assertThat(files).noneMatch(file -> file.toString().endsWith(".blocks"));
                assertThat(core.contiguousLength()).isGreaterThan(acknowledged);
                assertThat(core.heldBlocks()).isEqualTo(core.contiguousLength());
                for (int i = 0; i < core.contiguousLength(); i++)
                    assertThat(core.local(i)).isEqualTo(largeBlock(i));
            }
        }
    }

    private static byte[] block(int index) {
        return index % 4 == 0 ? new byte[6000 + index] : Vectors.block(index);
    }

    @Test
    void shouldHoldEveryAcknowledgedBlockWhenTheProcessIsKilled() throws Exception {
        for (int round = 1; round <= 3; round++) {
            long acknowledged = runAndKill(Appender.class, directory.resolve("store"), 20 * round);
            try (Corestore store = TestStores.open(directory.resolve("store"))) {
                Hypercore core = store.get("log");
                assertThat(core.length()).isGreaterThanOrEqualTo(acknowledged);
                assertThat(core.contiguousLength()).isEqualTo(core.length());
                assertThat(Manifest.single(store.keyPair("log").publicKey()).verify(core.head()))
                        .isTrue();
                for (int i = 0; i < core.length(); i++)
                    assertThat(core.local(i)).isEqualTo(block(i));
            }
        }
    }

    private long runAndKill(Class<?> program, Path folder, int lines)
            throws IOException, InterruptedException, URISyntaxException {
        Path temporary = Files.createDirectories(directory.resolve("temporary"));
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + temporary,
                        "-Duser.home=" + directory,
                        "-cp",
                        classPath(),
                        program.getName(),
                        folder.toString())
                .redirectError(directory.resolve("errors").toFile());
        builder.environment().put("XDG_CACHE_HOME", directory.resolve("cache").toString());
        Process process = builder.start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            long acknowledged = 0;
            for (int i = 0; i < lines; i++) {
                String line = out.readLine();
                assertThat(line).as("see %s", directory.resolve("errors")).isNotNull();
                acknowledged = Long.parseLong(line);
            }
            return acknowledged;
        } finally {
            process.destroyForcibly().waitFor();
            assertThat(temporary).as("native libraries that are left").isEmptyDirectory();
        }
    }

    /** The class path of this test, whichever way it was started. */
    private static String classPath() throws URISyntaxException {
        if (!(KillSafetyTest.class.getClassLoader() instanceof URLClassLoader loader)) {
            return System.getProperty("java.class.path");
        }
        List<String> parts = new ArrayList<>();
        for (URL url : loader.getURLs()) parts.add(Path.of(url.toURI()).toString());
        return String.join(File.pathSeparator, parts);
    }
}
