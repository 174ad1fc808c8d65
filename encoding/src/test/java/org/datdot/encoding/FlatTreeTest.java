package org.datdot.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FlatTreeTest {
    @Test
    void shouldAgreeWithStockWhenNodesAreNumbered() {
        for (String[] v : Vectors.of("flat")) {
            long node = Long.parseLong(v[0]);
            String[] own = {
                v[0],
                "" + FlatTree.depth(node),
                "" + FlatTree.offset(node),
                "" + FlatTree.parent(node),
                "" + FlatTree.sibling(node),
                "" + FlatTree.leftChild(node),
                "" + FlatTree.rightChild(node),
                "" + FlatTree.leftSpan(node),
                "" + FlatTree.rightSpan(node),
                joined(FlatTree.spans(node)),
                "" + FlatTree.count(node),
                "" + FlatTree.countLeaves(node),
                "" + FlatTree.index(FlatTree.depth(node), FlatTree.offset(node))
            };
            assertThat(own).as("node " + node).isEqualTo(v);
        }
    }

    @Test
    void shouldAgreeWithStockWhenRootsAreListed() {
        for (String[] v : Vectors.of("fullRoots")) {
            assertThat(joined(FlatTree.fullRoots(Long.parseLong(v[0])))).isEqualTo(v[1]);
        }
    }

    @Test
    void shouldHoldTogetherWhenTreesAreLarge() {
        for (long seed = 0; seed < 2000; seed++) {
            long node = new Random(seed).nextLong() >>> 8;
            long parent = FlatTree.parent(node);
            long sibling = FlatTree.sibling(node);
            assertThat(FlatTree.parent(sibling)).as("seed " + seed).isEqualTo(parent);
            assertThat(new long[] {FlatTree.leftChild(parent), FlatTree.rightChild(parent)})
                    .as("seed " + seed)
                    .containsExactly(Math.min(node, sibling), Math.max(node, sibling));
            assertThat(FlatTree.contains(parent, node)).as("seed " + seed).isTrue();
            assertThat(FlatTree.contains(sibling, node)).as("seed " + seed).isFalse();
            assertThat(Arrays.stream(FlatTree.fullRoots(node * 2))
                            .map(FlatTree::countLeaves)
                            .sum())
                    .as("seed " + seed)
                    .isEqualTo(node);
        }
    }

    @Test
    void shouldRefuseNumbersWhenTheyAreNoNodes() {
        assertThatThrownBy(() -> FlatTree.depth(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FlatTree.fullRoots(3)).isInstanceOf(IllegalArgumentException.class);
        assertThat(FlatTree.fullRoots(0)).isEmpty();
    }

    private static String joined(long[] numbers) {
        return Arrays.stream(numbers).mapToObj(Long::toString).collect(Collectors.joining(","));
    }
}
