package org.datdot.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.datdot.encoding.DecodingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
    /** BLAKE2b-256 of "abc", as npm sodium-native computes it. */
    private static final String ABC = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319\n";

    @Test
    void shouldNameThePlatformWhenTheJvmDescribesIt() {
        assertThat(NativeLibrary.platform("Linux", "amd64")).isEqualTo("linux-x86_64");
        assertThat(NativeLibrary.platform("Linux", "aarch64")).isEqualTo("linux-aarch64");
        assertThat(NativeLibrary.platform("Mac OS X", "aarch64")).isEqualTo("mac-aarch64");
        assertThat(NativeLibrary.platform("Windows 11", "amd64")).isEqualTo("windows-x86_64");
        assertThat(NativeLibrary.platform("Linux", "riscv64")).isEqualTo("linux-riscv64");
    }

    @Test
    void shouldCarryALibraryForEveryPlatformItNames() {
        for (String platform : new String[] {
            "linux-x86_64",
            "linux-x86",
            "linux-aarch64",
            "linux-arm",
            "mac-x86_64",
            "mac-aarch64",
            "windows-x86_64",
            "windows-x86"
        }) {
            assertThat(NativeLibrary.resource(platform)).as(platform).hasSizeGreaterThan(100_000);
        }
        assertThatThrownBy(() -> NativeLibrary.resource("linux-riscv64"))
                .isInstanceOf(CryptoException.class)
                .hasMessageContaining("linux-riscv64")
                .hasMessageContaining("linux-aarch64, linux-arm")
                .hasMessageContaining("windows-x86_64");
    }

    @Test
    void shouldReplaceTheCachedFileWhenItWasChanged(@TempDir Path folder) throws IOException {
        byte[] library = Vectors.pattern(5000);
        Path target = folder.resolve("a/b/libsodium.so");
        NativeLibrary.install(library, target);
        assertThat(Files.readAllBytes(target)).isEqualTo(library);
        Files.writeString(target, "something else");
        NativeLibrary.install(library, target);
        assertThat(Files.readAllBytes(target)).isEqualTo(library);
        try (Stream<Path> left = Files.list(folder.resolve("a/b"))) {
            assertThat(left).containsExactly(target);
        }
    }

    @Test
    void shouldLeaveTheCachedFileAloneWhenItIsRight(@TempDir Path folder) throws IOException {
        byte[] library = Vectors.pattern(5000);
        Path target = folder.resolve("libsodium.so");
        NativeLibrary.install(library, target);
        Object before = Files.readAttributes(target, "*").get("fileKey");
        NativeLibrary.install(library, target);
        assertThat(Files.readAttributes(target, "*").get("fileKey")).isEqualTo(before);
    }

    @Test
    void shouldStillHashWhenTheCacheCannotBeWritten(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        assertThat(hashInAnotherProcess(file, "-Duser.home=" + file)).isEqualTo(ABC + ABC);
    }

    @Test
    void shouldReplaceADamagedLibraryWhenStartedAgain(@TempDir Path folder) throws IOException {
        assertThat(hashInAnotherProcess(folder, "-Duser.home=" + folder)).isEqualTo(ABC + ABC);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path library : files.filter(Files::isRegularFile).toList()) {
                Files.writeString(library, "damaged");
            }
        }
        assertThat(hashInAnotherProcess(folder, "-Duser.home=" + folder)).isEqualTo(ABC + ABC);
    }

    @Test
    void shouldSayWhichPlatformsAreSupportedEveryTimeWhenThisOneIsNot(@TempDir Path folder) throws IOException {
        String line =
                "refused: There is no libsodium for linux-riscv64. Supported are linux-aarch64, linux-arm, linux-x86,"
                        + " linux-x86_64, mac-aarch64, mac-x86_64, windows-x86, windows-x86_64 (Linux with glibc).\n";
        assertThat(hashInAnotherProcess(folder, "-Dos.name=Linux", "-Dos.arch=riscv64"))
                .isEqualTo(line + line);
    }

    private static String hashInAnotherProcess(Path cache, String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath(), HashOnce.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("XDG_CACHE_HOME", cache.toString());
        Process process = builder.start();
        try (InputStream out = process.getInputStream()) {
            return new String(out.readAllBytes(), StandardCharsets.UTF_8).replace("\r", "");
        }
    }

    /** Where the classes of this test, of this module and of the library's carrier are, however this test was started. */
    private static String classPath() {
        return Stream.of(HashOnce.class, Blake2b.class, DecodingException.class, com.goterl.lazysodium.Sodium.class)
                .map(type -> Path.of(URI.create(type.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toString()))
                        .toString())
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }
}
