package org.datdot.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryCacheTest {
    private static final String NAME = "libthing.so";
    private static final String UNPACKED = "thing.so";

    @TempDir
    private Path folder;

    private final List<Path> loaded = new ArrayList<>();
    private int unpackedElsewhere;
    private URLClassLoader jar;
    private Class<?> beside;

    @BeforeEach
    void open() throws Exception {
        Path file = folder.resolve("thing.jar");
        String type = LibraryCacheTest.class.getName().replace('.', '/') + "$Thing.class";
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file));
                InputStream code = Objects.requireNonNull(getClass().getResourceAsStream("/" + type))) {
            out.putNextEntry(new JarEntry(type));
            out.write(code.readAllBytes());
            out.putNextEntry(new JarEntry(NAME));
            out.write(Vectors.pattern(100_000));
        }
        jar = new URLClassLoader(new URL[] {file.toUri().toURL()}, null);
        beside = jar.loadClass(LibraryCacheTest.class.getName() + "$Thing");
    }

    @AfterEach
    void close() throws IOException {
        jar.close();
    }

    /** What the jar holds beside the library. */
    static final class Thing {}

    private void load(Path cache, Class<?> of, String name) {
        LibraryCache.load(cache, of, name, UNPACKED, loaded::add, () -> unpackedElsewhere++);
    }

    private Path load() {
        load(folder.resolve("cache"), beside, NAME);
        return loaded.getLast().resolve(UNPACKED);
    }

    @Test
    void shouldUnpackALibraryOnce() throws IOException {
        Path file = load();
        assertThat(file).hasBinaryContent(Vectors.pattern(100_000)).startsWith(folder.resolve("cache"));
        Object before = Files.readAttributes(file, "*").get("fileKey");
        assertThat(load()).isEqualTo(file);
        assertThat(Files.readAttributes(file, "*").get("fileKey")).isEqualTo(before);
        try (Stream<Path> all = Files.walk(folder.resolve("cache"))) {
            assertThat(all.filter(Files::isRegularFile)).containsExactly(file);
        }
        assertThat(unpackedElsewhere).isZero();
    }

    @Test
    void shouldReplaceAFileThatWasChanged() throws IOException {
        Path file = load();
        byte[] changed = Vectors.pattern(100_000);
        changed[77_777] ^= 1;
        Files.write(file, changed);
        assertThat(load()).hasBinaryContent(Vectors.pattern(100_000));
        Files.writeString(file, "shorter", StandardCharsets.UTF_8);
        assertThat(load()).hasBinaryContent(Vectors.pattern(100_000));
        assertThat(unpackedElsewhere).isZero();
    }

    @Test
    void shouldLeaveTheLibraryToItsOwnLoaderWhenTheCacheCannotBeUsed() throws IOException {
        Path notAFolder = Files.writeString(folder.resolve("file"), "", StandardCharsets.UTF_8);
        load(notAFolder, beside, NAME);
        assertThat(unpackedElsewhere).as("a cache that is a file").isEqualTo(1);
        load(folder.resolve("cache"), beside, "libother.so");
        assertThat(unpackedElsewhere).as("no such library").isEqualTo(2);
        load(
                folder.resolve("cache"),
                LibraryCacheTest.class,
                LibraryCacheTest.class.getName().replace('.', '/') + ".class");
        assertThat(unpackedElsewhere).as("not in a jar").isEqualTo(3);
        assertThat(loaded).isEmpty();
        LibraryCache.load(
                folder.resolve("cache"),
                beside,
                NAME,
                UNPACKED,
                _ -> {
                    throw new UnsatisfiedLinkError("programs may not be run from here");
                },
                () -> unpackedElsewhere++);
        assertThat(unpackedElsewhere).as("a cache from which nothing runs").isEqualTo(4);
    }
}
