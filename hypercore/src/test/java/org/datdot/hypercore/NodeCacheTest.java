package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeCacheTest {
    @TempDir
    private Path directory;

    private static TreeNode node(long index) {
        return new TreeNode(index, index + 1, new TreeHash(new byte[32]));
    }

    @Test
    void shouldNeverHandOutANodeOfAnotherTreeOrPlace() {
        NodeCache cache = new NodeCache();
        List<NodeCache.Tree> trees = List.of(new NodeCache.Tree(), new NodeCache.Tree(), new NodeCache.Tree());
        Random random = new Random(1);
        int found = 0;
        for (int i = 0; i < 100_000; i++) {
            NodeCache.Tree tree = trees.get(random.nextInt(2));
            long index = random.nextInt(20_000);
            if (random.nextBoolean()) cache.put(tree, node(index));
            TreeNode held = cache.get(tree, index);
            if (held != null) {
                assertThat(held).isEqualTo(node(index));
                found++;
            }
            assertThat(cache.get(trees.get(2), index)).isNull();
        }
        assertThat(found).isGreaterThan(50_000);
    }

    @Test
    void shouldReadTheNodesOfNowWhateverIsCutAndAppended() {
        for (long seed = 1; seed <= 3; seed++) {
            Random random = new Random(seed);
            try (Corestore store = TestStores.open(directory.resolve("" + seed));
                    Hypercore core = store.get("log")) {
                for (int step = 0; step < 100; step++) {
                    if (core.length() > 20 && random.nextInt(3) == 0) {
                        core.truncate(core.length() - 1 - random.nextInt(20));
                    } else {
                        List<byte[]> blocks = new ArrayList<>();
                        for (int i = random.nextInt(20); i >= 0; i--) {
                            byte[] block = new byte[8];
                            random.nextBytes(block);
                            blocks.add(block);
                        }
                        core.append(blocks);
                    }
                    CoreState state = core.state();
                    for (long index = 0; index < 2 * core.length() + 40; index++) {
                        assertThat(core.nodes().node(index))
                                .as("node %s, seed %s, step %s", index, seed, step)
                                .isEqualTo(state.storage().treeNode(state.pointers(), index));
                    }
                }
            }
        }
    }

    @Test
    void shouldNotKeepWhatIsLeftBehindTheEnd() {
        try (Corestore store = TestStores.open(directory);
                Hypercore core = store.get("log")) {
            for (int i = 0; i < 3; i++) core.append(new byte[] {(byte) i});
            CoreState state = core.state();
            // the stock software leaves parents that reach beyond the end of a tree it cuts
            state.storage().write(out -> out.treeNode(state.pointers().dataPointer(), node(3)));
            assertThat(core.nodes().node(3)).isEqualTo(node(3));
            core.append(new byte[] {3});
            assertThat(core.nodes().node(3))
                    .isEqualTo(core.state().head().roots().getFirst());
        }
    }
}
