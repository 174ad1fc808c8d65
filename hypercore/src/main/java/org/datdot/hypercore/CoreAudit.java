package org.datdot.hypercore;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * Compares what is stored of a core with its signed head, from the roots down to the blocks, and plans what makes it sound
 * again: nodes that follow from blocks are put back, what nothing vouches for is dropped. The core is not open meanwhile.
 * Finds what npm hypercore lib/audit.js finds, and wrong heads and nodes that can be restored besides.
 */
final class CoreAudit {
    private static final int PROGRESS_NODES = 1_024;

    private final CoreStorage storage;
    private final CoreStorage.Pointers pointers;
    private final long data;
    private final StoreRecord.CoreAuth auth;
    private final StoreRecord.StoredHead stored;
    private final Bitfield bits = new Bitfield();
    private final boolean hosted;
    private final AuditProgress progress;

    private final List<CoreStorage.WriteAction> repairs = new ArrayList<>();
    private final Map<Long, TreeNode> restored = new HashMap<>();
    private long treeNodes;
    private long blocks;
    private long droppedNodes;
    private long droppedBlocks;
    private long droppedBits;
    private long addedBits;

    CoreAudit(CoreStorage storage, CoreStorage.Pointers pointers, AuditProgress progress) {
        this.storage = storage;
        this.pointers = pointers;
        this.progress = progress;
        this.data = pointers.dataPointer();
        this.auth = StoredCore.auth(storage, pointers.corePointer());
        this.stored = StoredCore.storedHead(storage, data);
        this.hosted = storage.get(StorageKeys.userData(data, StoredCore.HOSTED)) != null;
        storage.scan(
                StorageKeys.bitfieldStart(data),
                StorageKeys.bitfieldEnd(data),
                (key, value) -> bits.loadPage(StorageKeys.pageOf(key), value));
    }

    AuditReport run(boolean repair) {
        TreeHead head = head();
        if (head == null) return lost(repair);
        for (TreeNode root : head.roots()) verify(root);
        progress.checked(2 * stored.length(), 2 * stored.length());
        requireNothingBehind();
        if (!hosted) checkBits();
        AuditReport.Head verdict = verdict(head);
        if (verdict == AuditReport.Head.LOST || verdict == AuditReport.Head.LOST_BY_WRITER) return lost(repair);
        AuditReport report = report(verdict);
        if (repair && !report.sound()) {
            storage.write(out -> {
                for (CoreStorage.WriteAction each : repairs) each.fill(out);
                for (TreeNode node : restored.values()) out.treeNode(data, node);
                putBits(out);
            });
        }
        return report;
    }

    private AuditReport report(AuditReport.Head verdict) {
        return new AuditReport(
                treeNodes, blocks, restored.size(), droppedNodes, droppedBlocks, droppedBits, addedBits, verdict);
    }

    /** The head with roots that hash to what was signed, null when they cannot be found. */
    private @Nullable TreeHead head() {
        List<TreeNode> roots = new ArrayList<>();
        List<TreeNode> rebuilt = new ArrayList<>();
        FlatIterator at = new FlatIterator(0);
        for (; at.fullRoot(stored.length() * 2); at.nextTree()) {
            TreeNode known = node(at.index());
            TreeNode computed = known;
            if (known == null || !matchesTreeHash()) computed = compute(at.index());
            roots.add(known);
            rebuilt.add(computed != null ? computed : known);
        }
        for (List<TreeNode> candidate : List.of(roots, rebuilt)) {
            if (candidate.contains(null)) continue;
            TreeHead head = new TreeHead(stored.fork(), stored.length(), candidate, stored.signature());
            if (stored.length() > 0 && !head.treeHash().equals(stored.treeHash())) continue;
            for (TreeNode root : candidate) {
                if (!root.equals(node(root.index()))) restored.put(root.index(), root);
            }
            return head;
        }
        return null;
    }

    private boolean matchesTreeHash() {
        List<TreeNode> roots = new ArrayList<>();
        FlatIterator at = new FlatIterator(0);
        for (; at.fullRoot(stored.length() * 2); at.nextTree()) {
            TreeNode root = node(at.index());
            if (root == null) return false;
            roots.add(root);
        }
        return MerkleHash.tree(roots).equals(stored.treeHash());
    }

    private AuditReport.Head verdict(TreeHead head) {
        Manifest manifest = auth.manifest();
        if (head.length() == 0 || (manifest != null && manifest.verify(auth.key(), head)))
            return AuditReport.Head.SOUND;
        KeyPair signer = auth.keyPair();
        if (signer == null) return AuditReport.Head.LOST;
        if (manifest == null || manifest.quorum() != 1) return AuditReport.Head.LOST_BY_WRITER;
        byte[] signature = new Verifier(auth.key(), manifest).sign(head.fork(), head.length(), head.treeHash(), signer);
        TreeHead signed = head.signed(signature);
        if (!manifest.verify(auth.key(), signed)) return AuditReport.Head.LOST_BY_WRITER;
        repairs.add(out -> out.put(StorageKeys.head(data), StoreRecord.StoredHead.of(signed, stored.millis())));
        return AuditReport.Head.RESIGNED;
    }

    private AuditReport lost(boolean repair) {
        if (auth.keyPair() != null) return report(AuditReport.Head.LOST_BY_WRITER);
        if (repair) {
            storage.write(out -> {
                out.delete(StorageKeys.head(data));
                out.delete(StorageKeys.hints(data));
                out.deleteRange(StorageKeys.block(data, 0), StorageKeys.bitfieldEnd(data));
            });
        }
        return report(AuditReport.Head.LOST);
    }

    private @Nullable TreeNode node(long index) {
        TreeNode found = restored.get(index);
        return found != null ? found : storage.treeNode(pointers, index);
    }

    private byte @Nullable [] block(long index) {
        return hosted ? null : storage.block(pointers, index);
    }

    /** A node as it follows from the blocks below it, with stored nodes where there are none; null when it does not. */
    private @Nullable TreeNode compute(long index) {
        if ((index & 1) == 0) {
            byte[] block = block(index / 2);
            return block != null ? MerkleHash.leafNode(index / 2, block) : node(index);
        }
        FlatIterator at = new FlatIterator(index);
        long left = at.leftChild();
        TreeNode first = compute(left);
        TreeNode second = compute(at.sibling());
        if (first == null || second == null) return node(index);
        return MerkleHash.parentNode(first, second);
    }

    /** Goes down from a node that is right. */
    private void verify(TreeNode root) {
        Deque<TreeNode> open = new ArrayDeque<>();
        open.push(root);
        while (!open.isEmpty()) {
            TreeNode node = open.pop();
            treeNodes++;
            if (treeNodes % PROGRESS_NODES == 0) tellProgress(node);
            if ((node.index() & 1) == 0) checkBlock(node);
            else descend(node, open);
        }
    }

    /** All that lies before the leftmost leaf below a node, which is looked at now, is done. */
    private void tellProgress(TreeNode node) {
        progress.checked(2 * (new FlatIterator(node.index()).leftSpan() / 2), 2 * stored.length());
    }

    private void descend(TreeNode parent, Deque<TreeNode> open) {
        FlatIterator at = new FlatIterator(parent.index());
        long left = at.leftChild();
        long right = at.sibling();
        TreeNode first = node(left);
        TreeNode second = node(right);
        if (follows(parent, first, second, open)) return;
        boolean none = first == null && second == null;
        if (none && !anythingBelow(parent.index())) return;
        TreeNode firstComputed = compute(left);
        TreeNode secondComputed = compute(right);
        if (follows(parent, firstComputed, secondComputed, open)
                || follows(parent, first, secondComputed, open)
                || follows(parent, firstComputed, second, open)) return;
        dropBelow(parent.index());
    }

    private boolean follows(TreeNode parent, @Nullable TreeNode left, @Nullable TreeNode right, Deque<TreeNode> open) {
        if (left == null || right == null || !MerkleHash.parentNode(left, right).equals(parent)) return false;
        for (TreeNode child : List.of(left, right)) {
            if (!child.equals(node(child.index()))) restored.put(child.index(), child);
            open.push(child);
        }
        return true;
    }

    private boolean anythingBelow(long index) {
        FlatIterator at = new FlatIterator(index);
        long end = at.rightSpan() / 2 + 1;
        long held = bits.firstSet(at.leftSpan() / 2);
        if (held >= 0 && held < end) return true;
        for (long i = at.leftSpan(); i <= at.rightSpan(); i++) if (i != index && node(i) != null) return true;
        return false;
    }

    private void checkBlock(TreeNode leaf) {
        if (hosted) return;
        long index = leaf.index() / 2;
        byte[] block = block(index);
        if (block == null) return;
        if (MerkleHash.leafNode(index, block).equals(leaf)) {
            blocks++;
            if (bits.get(index)) return;
            addedBits++;
            bits.setRange(index, index + 1, true);
        } else {
            dropBlock(index);
        }
    }

    private void dropBlock(long index) {
        droppedBlocks++;
        repairs.add(out -> out.delete(StorageKeys.block(data, index)));
        bits.setRange(index, index + 1, false);
    }

    private void dropBelow(long index) {
        FlatIterator at = new FlatIterator(index);
        for (long i = at.leftSpan(); i <= at.rightSpan(); i++) {
            if (i == index) continue;
            if (node(i) != null) {
                long gone = i;
                droppedNodes++;
                restored.remove(i);
                repairs.add(out -> out.delete(StorageKeys.treeNode(data, gone)));
            }
            if ((i & 1) == 0 && block(i / 2) != null) dropBlock(i / 2);
        }
    }

    /** Drops nodes and blocks behind the end. */
    private void requireNothingBehind() {
        long length = stored.length();
        storage.scan(StorageKeys.block(data, length), StorageKeys.treeNode(data, 0), (key, _) -> {
            droppedBlocks++;
            repairs.add(out -> out.delete(key));
        });
        storage.scan(StorageKeys.treeNode(data, 2 * length), StorageKeys.bitfieldStart(data), (key, _) -> {
            droppedNodes++;
            repairs.add(out -> out.delete(key));
        });
    }

    private void checkBits() {
        long at = bits.firstSet(0);
        while (at >= 0) {
            if (at >= stored.length() || block(at) == null) {
                droppedBits++;
                bits.setRange(at, at + 1, false);
            }
            at = bits.firstSet(at + 1);
        }
    }

    private void putBits(CoreStorage.Writer out) {
        for (long page : bits.pageNumbers()) out.put(StorageKeys.bitfieldPage(data, page), bits.pageBytes(page));
        StoreRecord.CoreHints hints = StoreRecord.CoreHints.decode(storage.get(StorageKeys.hints(data)));
        out.put(StorageKeys.hints(data), hints.withContiguousLength(bits.firstUnset(0)));
    }
}
