package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    Path folder;

    @Test
    void shouldRefuseASecondHolderAndSayWhatToDo() {
        Path path = folder.resolve("deep/er");
        try (DataDirectory first = DataDirectory.open(path)) {
            assertThat(first.path()).isDirectory();
            assertThatExceptionOfType(NodeException.class)
                    .isThrownBy(() -> DataDirectory.open(path))
                    .withMessageContaining("in use by another DatDot process")
                    .satisfies(e -> assertThat(e.exit()).isEqualTo(Exit.DATA_DIRECTORY));
        }
        DataDirectory.open(path).close();
    }

    @Test
    void shouldRefuseAnotherProcess() throws IOException, InterruptedException {
        Path path = folder.resolve("held");
        Process holder = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        locationOf(DataDirectory.class) + File.pathSeparator + locationOf(Holder.class),
                        Holder.class.getName(),
                        path.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(holder.getInputStream().read()).isEqualTo('+');
            assertThatExceptionOfType(NodeException.class)
                    .isThrownBy(() -> DataDirectory.open(path))
                    .withMessageContaining(path.toString());
        } finally {
            holder.destroyForcibly();
            assertThat(holder.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
        DataDirectory.open(path).close();
    }

    @Test
    void shouldSayWhenThePathIsNoFolder() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatExceptionOfType(NodeException.class)
                .isThrownBy(() -> DataDirectory.open(file))
                .withMessageContaining(file.toString());
    }

    private static String locationOf(Class<?> type) {
        return Path.of(URI.create(
                        type.getProtectionDomain().getCodeSource().getLocation().toString()))
                .toString();
    }

    /** Another process that holds the lock until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            DataDirectory held = DataDirectory.open(Path.of(arguments[0]));
            System.out.print('+');
            System.out.flush();
            int ended = System.in.read(); // until the parent goes away
            held.close();
            System.exit(ended);
        }
    }
}
