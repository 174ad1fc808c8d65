package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.datdot.crypto.Hash;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class StateTrieTest {
    private static byte[] hex(JsonNode json) {
        return HexFormat.of().parseHex(json.asString().substring(2));
    }

    private static StateChanges put(byte[] key, byte[] value) {
        return new StateChanges(List.of(new StateChanges.Change(key, value)));
    }

    private static StateTrie of(NavigableMap<byte[], byte[]> entries) {
        StateTrie.Builder builder = new StateTrie.Builder();
        entries.forEach(builder::put);
        return builder.build();
    }

    private static NavigableMap<byte[], byte[]> map() {
        return new TreeMap<>(Arrays::compareUnsigned);
    }

    /** Made by interop/node/trie-vectors.js. */
    @Test
    void shouldHaveTheRootsOfSubstratesTrie() throws IOException {
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("trie-vectors.json"))) {
            JsonNode cases = JsonRpc.MAPPER.readTree(in).get("cases");
            assertThat(cases).hasSizeGreaterThan(100);
            for (JsonNode each : cases) {
                StateTrie.Builder builder = new StateTrie.Builder();
                each.get("entries").forEach(entry -> builder.put(hex(entry.get(0)), hex(entry.get(1))));
                assertThat(builder.build().root())
                        .as(each.get("name").asString())
                        .isEqualTo(new Hash(hex(each.get("root"))));
            }
        }
    }

    /** Keys which share beginnings and are the beginnings of others, values around the length that is hashed. */
    private static byte[] key(Random random) {
        byte[] key = new byte[random.nextInt(5)];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (random.nextInt(3) << 4 | random.nextInt(3) * 7);
        }
        return key;
    }

    private static byte[] value(Random random) {
        byte[] value = new byte[new int[] {0, 1, 20, 32, 33, 200}[random.nextInt(6)]];
        random.nextBytes(value);
        return value;
    }

    @Test
    void shouldBeTheSameMapAndRootHoweverItCameAbout() {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            NavigableMap<byte[], byte[]> model = map();
            StateTrie trie = StateTrie.EMPTY;
            for (int block = 0; block < 25; block++) {
                StateTrie before = trie;
                Hash rootBefore = of(model).root();
                NavigableMap<byte[], StateChanges.Change> changes = changes(random, model);
                trie = trie.with(new StateChanges(List.copyOf(changes.values())));
                changes.forEach((key, change) -> {
                    byte[] value = change.value();
                    if (value == null) {
                        model.remove(key);
                    } else {
                        model.put(key, value);
                    }
                });
                String where = "seed " + seed + ", block " + block;
                assertThat(trie.root()).as(where).isEqualTo(of(model).root());
                assertThat(before.root()).as(where + ", the state before").isEqualTo(rootBefore);
                requireSame(trie, model, random, where);
            }
            for (byte[] key : List.copyOf(model.keySet())) {
                trie = trie.with(new StateChanges(List.of(new StateChanges.Change(key, null))));
            }
            assertThat(trie.root()).as("seed %d, all removed", seed).isEqualTo(StateTrie.EMPTY.root());
        }
    }

    private static NavigableMap<byte[], StateChanges.Change> changes(
            Random random, NavigableMap<byte[], byte[]> model) {
        TreeMap<byte[], StateChanges.Change> changes = new TreeMap<>(Arrays::compareUnsigned);
        List<byte[]> known = new ArrayList<>(model.keySet());
        for (int i = random.nextInt(12); i > 0; i--) {
            byte[] key =
                    known.isEmpty() || random.nextBoolean() ? key(random) : known.get(random.nextInt(known.size()));
            changes.put(key, new StateChanges.Change(key, random.nextInt(3) == 0 ? null : value(random)));
        }
        return changes;
    }

    private static void requireSame(StateTrie trie, NavigableMap<byte[], byte[]> model, Random random, String where) {
        byte[] prefix = key(random);
        byte[] after = key(random);
        int count = 1 + random.nextInt(6);
        List<String> all = new ArrayList<>();
        trie.forEach(prefix, (key, value) -> {
            all.add(HexFormat.of().formatHex(key) + "=" + HexFormat.of().formatHex(value));
            return true;
        });
        assertThat(all)
                .as(where)
                .containsExactlyElementsOf(model.entrySet().stream()
                        .filter(each -> StateTrie.startsWith(each.getKey(), prefix))
                        .map(each -> HexFormat.of().formatHex(each.getKey()) + "="
                                + HexFormat.of().formatHex(each.getValue()))
                        .toList());
        assertThat(trie.keys(prefix, after, count).stream().map(HexFormat.of()::formatHex))
                .as("%s: %d keys of %s after %s", where, count, Arrays.toString(prefix), Arrays.toString(after))
                .containsExactlyElementsOf(model.keySet().stream()
                        .filter(key -> StateTrie.startsWith(key, prefix))
                        .filter(key -> after.length == 0
                                ? prefix.length == 0 ? key.length > 0 : true
                                : Arrays.compareUnsigned(key, after) > 0)
                        .limit(count)
                        .map(HexFormat.of()::formatHex)
                        .toList());
        for (int i = 0; i < 10; i++) {
            byte[] key = key(random);
            assertThat(trie.get(key)).as(where).isEqualTo(model.get(key));
        }
    }

    @Test
    void shouldProveWhatIsThereAndWhatIsNot() {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            NavigableMap<byte[], byte[]> model = map();
            for (int i = random.nextInt(60); i >= 0; i--) {
                model.put(key(random), value(random));
            }
            StateTrie trie = of(model);
            List<byte[]> asked = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                asked.add(key(random));
            }
            StateProof proof = new StateProof(trie.root(), trie.proof(asked));
            for (byte[] key : asked) {
                byte[] value = model.get(key);
                assertThat(proof.get(key).isPresent()).as("seed %d", seed).isEqualTo(value != null);
                assertThat(proof.get(key).orElse(null)).as("seed %d", seed).isEqualTo(value);
            }
        }
    }

    @Test
    void shouldNotBelieveProofsThatWereChangedOrCut() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            NavigableMap<byte[], byte[]> model = map();
            for (int i = 0; i < 40; i++) {
                model.put(key(random), value(random));
            }
            StateTrie trie = of(model);
            byte[] key = key(random);
            List<byte[]> nodes = new ArrayList<>(trie.proof(List.of(key)));
            int at = random.nextInt(nodes.size());
            if (random.nextBoolean()) {
                nodes.remove(at);
            } else {
                byte[] node = nodes.get(at).clone();
                node[random.nextInt(node.length)] ^= (byte) (1 + random.nextInt(255));
                nodes.set(at, node);
            }
            StateProof proof = new StateProof(trie.root(), nodes);
            assertThatThrownBy(() -> proof.get(key)).as("seed %d", seed).isInstanceOf(StateProofException.class);
        }
    }

    @Test
    void shouldReadAnyBytesAsAProofOrRefuseThem() {
        for (long seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            byte[] node = new byte[random.nextInt(80)];
            random.nextBytes(node);
            Hash root = new Hash(org.datdot.crypto.Blake2b.hash(node));
            StateProof proof = new StateProof(root, List.of(node));
            try {
                proof.get(key(random));
            } catch (StateProofException e) {
                assertThat(e).as("seed %d", seed).hasMessageContaining("proof");
            }
        }
    }

    @Test
    void shouldShareWhatDidNotChange() {
        Random random = new Random(7);
        StateTrie.Builder builder = new StateTrie.Builder();
        for (int i = 0; i < 20_000; i++) {
            byte[] key = new byte[48];
            random.nextBytes(key);
            builder.put(key, new byte[40]);
        }
        StateTrie trie = builder.build();
        byte[] key = new byte[48];
        StateTrie same = trie.with(put(key, new byte[1])).with(put(key, new byte[1]));
        assertThat(same.with(put(key, new byte[1]))).as("the same value again").isSameAs(same);
        assertThat(same.with(new StateChanges(List.of(new StateChanges.Change(key, null)))))
                .isEqualTo(trie);
        assertThat(trie.with(new StateChanges(List.of(new StateChanges.Change(new byte[3], null)))))
                .as("nothing to remove")
                .isSameAs(trie);
        assertThat(trie.proof(List.of(key)).stream()
                        .mapToInt(node -> node.length)
                        .sum())
                .as("bytes of a proof among 20,000 entries")
                .isLessThan(5 * 16 * 34);
        assertThat(Map.of(trie, 1)).containsKey(trie);
    }
}
