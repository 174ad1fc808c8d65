package org.datdot.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

class DriveMirrorTest {

    @TempDir
    Path directory;

    private Corestore store;
    private Hyperdrive source;
    private Hyperdrive target;
    private final List<String> steps = new ArrayList<>();

    @BeforeEach
    void open() {
        store = Corestore.open(directory, StoreOptions.defaults().sync(false));
        source = Hyperdrive.open(store, "source");
        target = Hyperdrive.open(store, "target");
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private DriveMirror.Count mirror(DriveMirror.Options options) throws IOException {
        steps.clear();
        return DriveMirror.run(
                source,
                target,
                options,
                change -> steps.add(change.operation() + " " + change.path() + " +" + change.bytesAdded() + " -"
                        + change.bytesRemoved()));
    }

    @Test
    void shouldWriteOnlyWhatDiffersWhenMirrored() throws IOException {
        source.put("/same", utf8("same"));
        source.put("/longer", utf8("longer"));
        source.put("/other", utf8("abc"));
        source.put("/mode", utf8("mode"), PutOptions.EXECUTABLE);
        source.put("/meta", utf8("meta"), new PutOptions(false, JsonNodeFactory.instance.stringNode("x")));
        source.symlink("/link", "/same");
        source.symlink("/link same", "/same");
        target.put("/same", utf8("same"));
        target.put("/longer", utf8("long"));
        target.put("/other", utf8("xyz"));
        target.put("/mode", utf8("mode"));
        target.put("/meta", utf8("meta"));
        target.put("/link", utf8("no link"));
        target.symlink("/link same", "/same");
        target.put("/gone", utf8("gone"));
        long contents = target.blobsCore().length();
        List<String> expected = List.of(
                "REMOVE /gone +0 -4",
                "CHANGE /link +0 -7",
                "CHANGE /longer +6 -4",
                "CHANGE /meta +0 -0",
                "CHANGE /mode +0 -0",
                "CHANGE /other +3 -3");
        DriveMirror.Count dry = mirror(DriveMirror.Options.DEFAULT.asDryRun());
        assertThat(steps).isEqualTo(expected);
        assertThat(target.blobsCore().length()).isEqualTo(contents);
        assertThat(mirror(DriveMirror.Options.DEFAULT))
                .isEqualTo(dry)
                .isEqualTo(new DriveMirror.Count(7, 0, 5, 1, 9, 18));
        assertThat(steps).isEqualTo(expected);
        assertThat(target.blobsCore().length()).isEqualTo(contents + 2);
        long version = target.version();
        assertThat(mirror(DriveMirror.Options.DEFAULT)).isEqualTo(new DriveMirror.Count(7, 0, 0, 0, 0, 0));
        assertThat(target.version()).isEqualTo(version);
    }

    @Test
    void shouldLeaveAloneWhatIsNotAskedForWhenMirrored() throws IOException {
        for (String name : List.of("/a/1", "/a/2", "/ab", "/b/1", "/c")) {
            source.put(name, utf8(name));
        }
        target.put("/a/old", utf8("old"));
        target.put("/z", utf8("z"));
        mirror(DriveMirror.Options.DEFAULT.withPrefixes(List.of("/a", "/c")).withFilter(p -> !p.endsWith("2")));
        assertThat(steps).containsExactly("REMOVE /a/old +0 -3", "ADD /a/1 +4 -0", "ADD /c +2 -0");
        mirror(DriveMirror.Options.DEFAULT.withoutPruning().ignoring(Hyperdrive.ignoring("b", "z")));
        assertThat(steps).containsExactly("ADD /a/2 +4 -0", "ADD /ab +3 -0");
        mirror(DriveMirror.Options.DEFAULT);
        assertThat(steps).containsExactly("REMOVE /z +0 -1", "ADD /b/1 +4 -0");
        assertThatThrownBy(() -> DriveMirror.run(source, target.checkout(2), DriveMirror.Options.DEFAULT, step -> {}))
                .isInstanceOf(DriveException.class);
    }

    @Test
    void shouldStoreLittleWhenABigFileChangesLittleAndIsDeduplicated() throws IOException {
        byte[] content = new byte[3_000_000];
        new Random(4).nextBytes(content);
        source.put("/big", content);
        mirror(DriveMirror.Options.DEFAULT.deduplicating());
        long before = target.blobsCore().byteLength();
        content[1_500_000]++;
        source.put("/big", content);
        mirror(DriveMirror.Options.DEFAULT.deduplicating());
        assertThat(target.get("/big")).isEqualTo(content);
        assertThat(target.blobsCore().byteLength() - before).isLessThan(600_000);
    }
}
