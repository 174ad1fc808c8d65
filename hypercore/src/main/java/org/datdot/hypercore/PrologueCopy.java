package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * Fills the fixed beginning of a core from another core which begins with the same blocks: those of them that are stored
 * there. Source of the rules: npm hypercore lib/copy-prologue.js.
 */
final class PrologueCopy {
    private static final long CHUNK_BYTES = 4L << 20;

    private final CoreState source;
    private final CoreState target;
    private final TreeHead head;

    private PrologueCopy(CoreState source, CoreState target, TreeHead head) {
        this.source = source;
        this.target = target;
        this.head = head;
    }

    /**
     * Copies; durable when it returns.
     *
     * @throws IllegalStateException when the target has no fixed beginning
     * @throws IllegalArgumentException when the source begins otherwise
     */
    static void run(CoreState source, CoreState target) {
        Verifier rules = target.keys().verifier();
        Manifest.Prologue fixed = rules == null ? null : rules.prologue();
        if (fixed == null) throw new IllegalStateException("core " + target.key() + " has no fixed beginning");
        if (source.length() < fixed.length()) {
            throw new IllegalArgumentException("core " + source.key() + " has " + source.length() + " of the "
                    + fixed.length() + " blocks that core " + target.key() + " begins with");
        }
        TreeHead head = source.head().beginning(fixed.length(), target.fork(), source.nodes());
        if (!head.treeHash().equals(fixed.hash())) {
            throw new IllegalArgumentException(
                    "core " + source.key() + " begins otherwise than core " + target.key() + " must");
        }
        new PrologueCopy(source, target, head).run();
    }

    private void run() {
        target.tip().alone(false, () -> {
            if (target.tip().head().length() >= head.length()) return null;
            return CoreChange.store(target, head.roots(), 0, List.of(), head, false, true);
        });
        List<CoreChange> chunk = new ArrayList<>();
        long bytes = 0;
        for (long index = 0; index < head.length(); index++) {
            CoreChange change = target.hasBlock(index) ? null : change(index);
            if (change == null) continue;
            chunk.add(change);
            bytes += change.byteLength();
            if (bytes < CHUNK_BYTES) continue;
            target.tip().commit(chunk);
            chunk = new ArrayList<>();
            bytes = 0;
        }
        if (!chunk.isEmpty()) target.tip().commit(chunk);
    }

    /** What stores a block with the nodes that prove it, null when the source does not hold it. */
    private @Nullable CoreChange change(long index) {
        byte[] value = source.hasBlock(index) ? source.readBlock(index) : null;
        if (value == null) return null;
        Map<Long, TreeNode> nodes = new LinkedHashMap<>();
        FlatIterator at = new FlatIterator(2 * index);
        while (!isRoot(at.index())) {
            nodes.put(at.index(), source.nodes().require(at.index()));
            long sibling = at.sibling();
            nodes.put(sibling, source.nodes().require(sibling));
            at.parent();
        }
        return CoreChange.store(target, List.copyOf(nodes.values()), index, List.of(value), null, false, true);
    }

    private boolean isRoot(long index) {
        for (TreeNode root : head.roots()) if (root.index() == index) return true;
        return false;
    }
}
