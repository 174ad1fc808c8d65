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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    private static byte[] block(int index) {
        return index % 4 == 0 ? new byte[6000 + index] : Vectors.block(index);
    }

    @Test
    void shouldHoldEveryAcknowledgedBlockWhenTheProcessIsKilled() throws Exception {
        for (int round = 1; round <= 3; round++) {
            long acknowledged = runAndKill(20 * round);
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

    private long runAndKill(int lines) throws IOException, InterruptedException, URISyntaxException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath(),
                        Appender.class.getName(),
                        directory.resolve("store").toString())
                .redirectError(directory.resolve("errors").toFile())
                .start();
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
