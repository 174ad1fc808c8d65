package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Publishes on a disk that fills up: a tmpfs of a few MiB in a mount namespace of its own, which is gone when its last process ends. Needs
 * Linux with user and mount namespaces ({@code unshare -rm}), no root.
 */
class FullDiskTest {
    /** Publishes what fits, fills the disk, publishes what does not fit, makes room, publishes the first again. */
    private static final String SCRIPT = """
        disk=$1; small=$2; big=$3; shift 3
        mount -t tmpfs -o size=40m tmpfs "$disk" || exit 99
        "$@" publish --json "$small" --home "$disk/home"; echo "exit $?"
        head -c 12000000 /dev/zero > "$disk/filler"
        "$@" publish --json "$big" --home "$disk/home"; echo "exit $?"
        rm "$disk/filler"
        "$@" publish --json "$small" --home "$disk/home"; echo "exit $?"
        """;

    @TempDir
    Path place;

    @Test
    void shouldLoseNothingWhenTheDiskIsFull() throws IOException, InterruptedException {
        Path disk = Files.createDirectory(place.resolve("disk"));
        Path small = Samples.folder(place.resolve("small"), 100_000, new Random(4));
        Path big = Samples.folder(place.resolve("big"), 40_000_000, new Random(5));
        List<String> line = new ArrayList<>(List.of("unshare", "-rm", "sh", "-c", SCRIPT, "sh"));
        line.addAll(List.of(disk.toString(), small.toString(), big.toString()));
        line.addAll(DatdotProcess.java());
        Path out = place.resolve("out");
        Path err = place.resolve("err");
        Process process = new ProcessBuilder(line)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        boolean ended;
        try {
            ended = process.waitFor(DatdotProcess.LIMIT_SECONDS, TimeUnit.SECONDS);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String said = Files.readString(out) + Files.readString(err);
        assertThat(ended).as(said).isTrue();
        assertThat(process.exitValue())
                .as("this test needs `unshare -rm` and a tmpfs in it: allow user namespaces to this user; " + said)
                .isZero();
        List<String> lines = Files.readAllLines(out);
        assertThat(lines).as(said).hasSize(5);
        assertThat(lines.get(0)).contains("\"added\":" + Samples.FILES);
        assertThat(lines.subList(1, 3)).as(said).containsExactly("exit 0", "exit " + Exit.DATA_DIRECTORY.code());
        assertThat(lines.get(3)).contains("\"added\":0", "\"unchanged\":" + Samples.FILES, key(lines.get(0)));
        assertThat(lines.get(4)).isEqualTo("exit 0");
        assertThat(Files.readString(err)).contains("free some").doesNotContain("Exception", "\tat ");
    }

    private static String key(String json) {
        return json.substring(json.indexOf("\"key\":"), json.indexOf(','));
    }
}
