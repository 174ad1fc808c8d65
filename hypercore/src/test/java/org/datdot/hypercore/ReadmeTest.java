package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of the module's README.md is the code below, and works. */
class ReadmeTest {
    @TempDir
    private Path directory;

    @Test
    void shouldPublishAndReadAsTheReadmeSays() throws IOException {
        // example
        try (Corestore store = Corestore.open(directory, StoreOptions.defaults())) {
            Hypercore core = store.get("journal");
            core.append("hello ".getBytes(StandardCharsets.UTF_8), "world".getBytes(StandardCharsets.UTF_8));
            try (CoreSnapshot snapshot = core.snapshot();
                    InputStream text = snapshot.bytes()) {
                core.truncate(1);
                assertThat(new String(text.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("hello world");
            }
            assertThat(core.length()).isEqualTo(1);
        }
        // end
    }

    @Test
    void shouldShowTheCodeOfThisTestInTheReadme() throws IOException {
        assertThat(between("README.md", "```java", "```"))
                .isEqualTo(between("src/test/java/org/datdot/hypercore/ReadmeTest.java", "// example", "// end"));
    }

    private static List<String> between(String file, String begin, String end) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .map(String::strip)
                .dropWhile(line -> !line.equals(begin))
                .skip(1)
                .takeWhile(line -> !line.equals(end))
                .toList();
    }
}
