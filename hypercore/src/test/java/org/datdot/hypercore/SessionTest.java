package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots, sessions, batches and user data. */
class SessionTest {
    @TempDir
    private Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte @Nullable [] bytes) {
        return new String(Objects.requireNonNull(bytes), StandardCharsets.UTF_8);
    }

    @Test
    void shouldReadTheOldBlocksFromASnapshotWhenTheCoreMovesOn() throws Exception {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            core.append(bytes("a"), bytes("bb"), bytes("ccc"), bytes("dddd"));
            core.clear(1, 2);
            try (CoreSnapshot snapshot = core.snapshot()) {
                core.append(bytes("e"));
                core.truncate(2);
                core.append(bytes("new"), bytes("newer"));
                core.clear(0, 1);
                assertThat(snapshot.length()).isEqualTo(4);
                assertThat(snapshot.byteLength()).isEqualTo(10);
                assertThat(snapshot.fork()).isZero();
                assertThat(snapshot.sharedLength()).isEqualTo(2);
                assertThat(text(snapshot.get(0))).isEqualTo("a");
                assertThat(text(snapshot.get(3))).isEqualTo("dddd");
                assertThat(snapshot.local(1)).isNull();
                assertThat(snapshot.seek(4).get()).isEqualTo(new BytePosition(2, 1));
                assertThat(text(core.get(2))).isEqualTo("new");
                assertThatThrownBy(() -> snapshot.get(4)).isInstanceOf(IndexOutOfBoundsException.class);
                assertThat(snapshot.bytes(3, 10).readAllBytes()).isEqualTo(bytes("cccdddd"));
            }
            core.append(bytes("x"));
            core.clear(4, 5);
            CoreSnapshot cleared = core.snapshot();
            core.truncate(2);
            assertThatThrownBy(() -> cleared.get(4))
                    .isInstanceOf(BlockNotAvailableException.class)
                    .hasMessageContaining("cut off");
            cleared.close();
            cleared.close();
            assertThatThrownBy(() -> cleared.get(2)).isInstanceOf(StorageException.class);
        }
    }

    @Test
    void shouldListAndDeleteSessions() {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            core.append(bytes("a"));
            CoreSession draft = core.session("draft");
            draft.append(bytes("b"));
            draft.userData("note", bytes("n"));
            core.session("other").append(bytes("c"), bytes("d"));
            assertThat(core.sessions()).containsExactly("draft", "other");
            assertThat(core.deleteSession("draft")).isTrue();
            assertThat(core.deleteSession("draft")).isFalse();
            assertThat(core.sessions()).containsExactly("other");
            for (Runnable use : List.<Runnable>of(
                    () -> draft.append(bytes("x")),
                    () -> draft.truncate(0),
                    () -> draft.get(0),
                    draft::commit,
                    draft::reset,
                    () -> draft.userData("note", null))) {
                assertThatThrownBy(use::run)
                        .isInstanceOfSatisfying(
                                StorageException.class,
                                e -> assertThat(e.kind()).isEqualTo(StorageException.Kind.CLOSED));
            }
        }
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            assertThat(core.sessions()).containsExactly("other");
            assertThat(core.session("other").length()).isEqualTo(3);
            CoreSession again = core.session("draft");
            assertThat(again.length()).isEqualTo(1);
            assertThat(again.userData("note")).isNull();
            assertThat(text(again.get(0))).isEqualTo("a");
        }
    }

    @Test
    void shouldKeepASessionApartUntilItIsCommitted() {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            core.append(bytes("a"), bytes("b"), bytes("c"));
            CoreSession draft = core.session("draft");
            assertThat(draft.length()).isEqualTo(3);
            draft.append(bytes("d"), bytes("e"));
            draft.truncate(4);
            draft.append(bytes("f"));
            draft.userData("who", bytes("me"));
            assertThat(core.length()).isEqualTo(3);
            assertThat(core.userData("who")).isNull();
        }
        TreeHead head;
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            CoreSession draft = core.session("draft");
            assertThat(read(draft)).containsExactly("a", "b", "c", "d", "f");
            assertThat(text(draft.userData("who"))).isEqualTo("me");
            CoreSession rival = core.session("rival");
            rival.append(bytes("r"));
            assertThat(draft.commit()).isTrue();
            assertThat(draft.commit()).as("again changes nothing").isTrue();
            assertThat(read(core)).containsExactly("a", "b", "c", "d", "f");
            assertThat(read(draft)).containsExactly("a", "b", "c", "d", "f");
            assertThat(rival.commit()).isFalse();
            assertThat(read(rival)).containsExactly("a", "b", "c", "r");
            rival.reset();
            rival.append(bytes("s"));
            assertThat(rival.commit()).isTrue();
            assertThat(rival.sharedLength()).isEqualTo(6);
            head = core.head();
            assertThat(Objects.requireNonNull(core.manifest()).verify(core.key(), head))
                    .isTrue();
        }
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            assertThat(core.head()).isEqualTo(head);
            assertThat(read(core)).containsExactly("a", "b", "c", "d", "f", "s");
            assertThat(read(core.session("draft"))).containsExactly("a", "b", "c", "d", "f");
            assertThat(store.purge(core.key())).isTrue();
        }
    }

    @Test
    void shouldBehaveAsAListWhenASessionIsChangedAtRandom() {
        try (Corestore store = TestStores.open(directory)) {
            for (long seed = 0; seed < 8; seed++) {
                Random random = new Random(seed);
                Hypercore core = store.get("log" + seed);
                List<byte[]> ours = new ArrayList<>(TestStores.blocks(random, random.nextInt(20)));
                core.append(ours);
                CoreSession draft = core.session("draft");
                List<byte[]> expected = new ArrayList<>(ours);
                for (int step = 0; step < 12; step++) {
                    if (random.nextInt(3) == 0) {
                        int length = random.nextInt(expected.size() + 1);
                        draft.truncate(length);
                        expected = new ArrayList<>(expected.subList(0, length));
                    } else {
                        List<byte[]> more = TestStores.blocks(random, 1 + random.nextInt(15));
                        draft.append(more);
                        expected.addAll(more);
                    }
                    assertThat(draft.length()).as("seed %s", seed).isEqualTo(expected.size());
                    for (int i = 0; i < expected.size(); i++) {
                        assertThat(draft.local(i))
                                .as("seed %s, block %s", seed, i)
                                .isEqualTo(expected.get(i));
                    }
                    assertThat(core.length()).isEqualTo(ours.size());
                }
                boolean extends_ = draft.sharedLength() >= ours.size();
                assertThat(draft.commit()).as("seed %s", seed).isEqualTo(extends_);
                List<byte[]> now = extends_ ? expected : ours;
                assertThat(core.length()).as("seed %s", seed).isEqualTo(now.size());
                for (int i = 0; i < now.size(); i++) {
                    assertThat(core.local(i)).as("seed %s", seed).isEqualTo(now.get(i));
                }
            }
        }
    }

    private static List<String> read(BlockLog log) {
        List<String> all = new ArrayList<>();
        try (BlockStream blocks = log.blocks()) {
            while (blocks.hasNext()) all.add(text(blocks.next()));
        }
        return all;
    }

    @Test
    void shouldWriteSeveralCoresTogetherWhenABatchIsCommitted() {
        try (Corestore store = TestStores.open(directory);
                Corestore other = TestStores.open(directory.resolve("other"))) {
            Hypercore one = store.get("one");
            Hypercore two = store.get("two");
            Hypercore foreign = store.get(other.get("x").key());
            StoreBatch batch = store.batch()
                    .append(one, bytes("1"))
                    .append(two, bytes("2"), bytes("3"))
                    .append(one, bytes("4"))
                    .userData(foreign, "seen", bytes("yes"));
            assertThat(one.length()).isZero();
            batch.commit();
            assertThat(read(one)).containsExactly("1", "4");
            assertThat(read(two)).containsExactly("2", "3");
            assertThat(text(foreign.userData("seen"))).isEqualTo("yes");
            assertThatThrownBy(batch::commit).isInstanceOf(IllegalStateException.class);
            StoreBatch refused = store.batch().append(one, bytes("5")).append(foreign, bytes("6"));
            assertThatThrownBy(refused::commit).isInstanceOf(IllegalStateException.class);
            assertThat(one.length()).isEqualTo(2);
            one.append(bytes("7"));
            assertThat(read(one)).containsExactly("1", "4", "7");
            assertThatThrownBy(() -> store.batch().append(other.get("x"), bytes("8")))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldKeepUserDataWhenTheStoreIsOpenedAgain() {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            core.userData("a", bytes("1"));
            core.userData("b", bytes("2"));
            core.userData("b", null);
        }
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            assertThat(text(core.userData("a"))).isEqualTo("1");
            assertThat(core.userData("b")).isNull();
        }
    }
}
