package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.datdot.crypto.Hash;
import org.datdot.crypto.Signature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksIterator;

class StateStoreTest {
    private static final int KEPT = 5;
    private static final Hash NONE = new Hash(new byte[32]);
    private static final Signature UNSIGNED = new Signature(new byte[64]);

    @TempDir
    Path temporary;

    private static Block block(long number, Hash root) {
        return new Block(new Header(NONE, number, number, root, NONE, NONE, UNSIGNED, UNSIGNED), List.of());
    }

    /** Keys which share beginnings and are the beginnings of others. */
    private static byte[] key(Random random) {
        byte[] key = new byte[1 + random.nextInt(4)];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (random.nextInt(3) << 4 | random.nextInt(3) * 7);
        }
        return key;
    }

    private static StateChanges changes(Random random, Set<String> known) {
        TreeMap<byte[], StateChanges.Change> changes = new TreeMap<>(Arrays::compareUnsigned);
        List<String> all = known.stream().sorted().toList();
        for (int i = random.nextInt(10); i >= 0; i--) {
            byte[] key = all.isEmpty() || random.nextBoolean()
                    ? key(random)
                    : HexFormat.of().parseHex(all.get(random.nextInt(all.size())));
            byte[] value = new byte[new int[] {0, 3, 32, 33, 120}[random.nextInt(5)]];
            random.nextBytes(value);
            boolean remove = random.nextInt(3) == 0 && !all.isEmpty() && i > 0;
            changes.put(key, new StateChanges.Change(key, remove ? null : value));
        }
        return new StateChanges(List.copyOf(changes.values()));
    }

    private static Map<String, String> entries(StateTrie state) {
        Map<String, String> out = new TreeMap<>();
        state.forEach(new byte[0], (key, value) -> {
            out.put(HexFormat.of().formatHex(key), HexFormat.of().formatHex(value));
            return true;
        });
        return out;
    }

    @Test
    void shouldBeTheStateInMemoryThroughRestartsAndKeepTheLastOnesAndNothingElse() throws Exception {
        for (long seed = 0; seed < 6; seed++) {
            Path directory = temporary.resolve("store " + seed);
            Random random = new Random(seed);
            StateTrie memory = StateTrie.EMPTY.with(
                    new StateChanges(List.of(new StateChanges.Change(new byte[] {1}, new byte[] {9}))));
            List<Map<String, String>> all = new ArrayList<>(List.of(entries(memory)));
            ChainStore store = ChainStore.open(directory, true, KEPT);
            try {
                StateTrie stored =
                        store.commit(block(0, memory.root()), new byte[0], null, memory, TestChain.spec("s"));
                for (int number = 1; number <= 40; number++) {
                    String where = "seed " + seed + ", block " + number;
                    StateChanges changes = changes(random, all.getLast().keySet());
                    memory = memory.with(changes);
                    stored =
                            store.commit(block(number, memory.root()), new byte[0], stored, stored.with(changes), null);
                    all.add(entries(memory));
                    if (random.nextInt(4) == 0) {
                        store.close();
                        store = ChainStore.open(directory, false, KEPT);
                        stored = store.openState();
                    }
                    assertThat(stored.root()).as(where).isEqualTo(memory.root());
                    assertThat(entries(stored)).as(where).isEqualTo(all.getLast());
                    byte[] asked = key(random);
                    assertThat(stored.get(asked)).as(where).isEqualTo(memory.get(asked));
                    assertThat(new StateProof(memory.root(), stored.proof(List.of(asked)))
                                    .get(asked)
                                    .orElse(null))
                            .as(where)
                            .isEqualTo(memory.get(asked));
                    for (int back = Math.max(0, number - KEPT); back <= number; back++) {
                        assertThat(entries(Objects.requireNonNull(store.state(back), where)))
                                .as("%s, the state after %d", where, back)
                                .isEqualTo(all.get(back));
                    }
                    assertThat(number - KEPT - 1 < 0 || store.state(number - KEPT - 1) == null)
                            .as(where)
                            .isTrue();
                }
                Set<Long> reachable = new HashSet<>();
                for (int back = 40 - KEPT; back <= 40; back++) {
                    StateTrie state = Objects.requireNonNull(store.state(back));
                    reachable.add(state.topId());
                    reach(store, Objects.requireNonNull(state.top()), reachable);
                }
                store.close();
                assertThat(nodes(directory)).as("seed %d: nodes stored", seed).isEqualTo(reachable);
            } finally {
                store.close();
            }
        }
    }

    private static void reach(ChainStore store, TrieNode node, Set<Long> found) {
        for (TrieLink link : node.children()) {
            StoredNode child = (StoredNode) link;
            found.add(child.id());
            reach(store, child.node(store.nodes()), found);
        }
    }

    private static Set<Long> nodes(Path directory) throws Exception {
        Set<Long> found = new HashSet<>();
        try (RocksDB db = RocksDB.open(directory.toString());
                RocksIterator at = db.newIterator()) {
            for (at.seek(new byte[] {'n'}); at.isValid() && at.key()[0] == 'n'; at.next()) {
                found.add(java.nio.ByteBuffer.wrap(at.key(), 1, 8).getLong());
            }
        }
        return found;
    }

    @Test
    void shouldFindAnyNodeThatWasChangedOnTheDisk() throws Exception {
        StateTrie memory = StateTrie.EMPTY;
        Random random = new Random(5);
        List<StateChanges.Change> changes = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            byte[] key = new byte[4];
            random.nextBytes(key);
            byte[] value = new byte[40];
            random.nextBytes(value);
            changes.add(new StateChanges.Change(key, value));
        }
        memory = memory.with(new StateChanges(changes));
        try (ChainStore store = ChainStore.open(temporary, true)) {
            store.commit(block(0, memory.root()), new byte[0], null, memory, TestChain.spec("s"));
        }
        Set<Long> ids = nodes(temporary);
        assertThat(ids).hasSizeGreaterThan(60);
        for (long id : ids) {
            byte[] key = StateStore.key('n', id);
            byte[] right;
            try (RocksDB db = RocksDB.open(temporary.toString())) {
                right = db.get(key);
                byte[] wrong = right.clone();
                wrong[random.nextInt(wrong.length)] ^= (byte) (1 + random.nextInt(255));
                db.put(key, wrong);
            }
            assertThatThrownBy(() -> {
                        try (ChainStore store = ChainStore.open(temporary, false)) {
                            entries(store.openState());
                        }
                    })
                    .as("node %d", id)
                    .isInstanceOfSatisfying(
                            ChainException.class, e -> assertThat(e.kind()).isEqualTo(ChainException.Kind.DAMAGED));
            try (RocksDB db = RocksDB.open(temporary.toString())) {
                db.put(key, right);
            }
        }
    }
}
