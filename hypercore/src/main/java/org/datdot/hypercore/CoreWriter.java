package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * What changes a core from here: appends, cuts, drops and imports. Everything is durable when it returns, and thread-safe;
 * hashing and waiting happen outside of the core's lock. Source of the rules: npm hypercore lib/session-state.js.
 */
final class CoreWriter {
    private static final int IMPORT_CHUNK = 16_384;

    private final CoreState core;
    private final ReentrantLock lock;
    private final CoreTip tip;
    private final CoreKeys keys;
    private final CommitQueue commits;

    CoreWriter(CoreState core, CoreTip tip, CommitQueue commits) {
        this.core = core;
        this.lock = core.lock();
        this.tip = tip;
        this.keys = core.keys();
        this.commits = commits;
    }

    /**
     * Appends blocks as a codec has them stored; {@code blocks} are not copied and must not change meanwhile.
     *
     * @param signature made elsewhere, null when the core's key pair signs
     */
    long append(List<byte[]> blocks, CoreCodec codec, byte @Nullable [] signature) {
        PendingAppend pending = submit(blocks, codec, signature);
        pending.await();
        return pending.length();
    }

    /** Begins an {@link #append}; whoever commits next writes it. */
    PendingAppend submit(List<byte[]> blocks, CoreCodec codec, byte @Nullable [] signature) {
        return submit(blocks, codec, signature, Long.MAX_VALUE);
    }

    /** As {@link #submit(List, CoreCodec, byte[])}, but nothing is appended when the core would become longer than that. */
    PendingAppend submit(List<byte[]> blocks, CoreCodec codec, byte @Nullable [] signature, long maxLength) {
        requireSizes(blocks, codec);
        HeadSigner signer = HeadSigner.of(keys, signature);
        if (blocks.isEmpty()) {
            return nothing(core.length());
        }
        while (true) {
            TreeHead at = tipHead();
            List<byte[]> values = codec.encode(at.length(), at.fork(), blocks);
            List<TreeHash> leaves = leaves(values);
            CoreChange change;
            lock.lock();
            try {
                tip.requireWritable();
                tip.awaitStill();
                if (codec.encrypts() && !at.samePlace(tip.head())) continue;
                if (tip.head().length() + blocks.size() > maxLength)
                    return nothing(tip.head().length());
                change = appendChange(values, leaves, signer);
                tip.submit(change);
            } finally {
                lock.unlock();
            }
            return new PendingAppend(
                    commits, change, Objects.requireNonNull(change.head).length());
        }
    }

    private PendingAppend nothing(long length) {
        CoreChange nothing = CoreChange.barrier(core);
        nothing.finish(null);
        return new PendingAppend(commits, nothing, length);
    }

    static void requireSizes(List<byte[]> blocks, CoreCodec codec) {
        for (byte[] block : blocks) {
            if (block.length + codec.paddingBytes() <= Hypercore.MAX_BLOCK_BYTES) continue;
            throw new IllegalArgumentException("a block of " + block.length + " bytes: peers take at most "
                    + Hypercore.MAX_BLOCK_BYTES + ", so divide it");
        }
    }

    private TreeHead tipHead() {
        lock.lock();
        try {
            return tip.head();
        } finally {
            lock.unlock();
        }
    }

    static List<TreeHash> leaves(List<byte[]> values) {
        List<TreeHash> leaves = new ArrayList<>(values.size());
        for (byte[] value : values) leaves.add(MerkleHash.leaf(value));
        return leaves;
    }

    /** What appends stored blocks to the tip; the caller holds the core's lock. */
    CoreChange appendChange(List<byte[]> values, List<TreeHash> leaves, HeadSigner signer) {
        boolean unknown = keys.manifest() == null;
        MerkleTreeBatch batch = new MerkleTreeBatch(tip.head());
        for (int i = 0; i < values.size(); i++) batch.append(leaves.get(i), values.get(i).length);
        TreeHead head = signer.sign(batch);
        return CoreChange.store(core, batch.nodes(), tip.head().length(), values, head, unknown, true);
    }

    /** Drops blocks {@code [start, end)}; their hashes stay. Returns how many were here. */
    long clear(long start, long end) {
        long held;
        lock.lock();
        try {
            held = core.bitfield().countSet(start, end);
        } finally {
            lock.unlock();
        }
        tip.commit(CoreChange.clear(core, start, end));
        return held;
    }

    /**
     * Cuts the core and signs that under another fork number.
     *
     * @param fork the number, or -1 for the next one
     * @param signature made elsewhere, null when the core's key pair signs
     * @throws IllegalArgumentException when it is not that long or the fork number is not a new one
     */
    void truncate(long newLength, long fork, byte @Nullable [] signature) {
        HeadSigner signer = HeadSigner.of(keys, signature);
        tip.alone(true, () -> {
            boolean unknown = keys.manifest() == null;
            TreeHead from = tip.head();
            TreeHead cut = from.cutTo(newLength, fork < 0 ? from.fork() + 1 : fork, core.nodes());
            TreeHead signed = signer.sign(new MerkleTreeBatch(cut));
            return CoreChange.truncate(core, List.of(), newLength, from.length(), signed, unknown, true);
        });
    }

    /** Stores a value with the core, or removes it when it is null. */
    void userData(String name, byte @Nullable [] value) {
        long data = core.pointers().dataPointer();
        tip.commit(CoreChange.barrier(core).with(out -> out.userData(data, name, value)));
    }

    /** Makes a core that was opened by its key writable, once its key pair is known. */
    void adopt(KeyPair pair) {
        lock.lock();
        try {
            if (!keys.adopt(pair)) return;
        } finally {
            lock.unlock();
        }
        tip.commit(CoreChange.keys(core));
    }

    /** Takes the manifest of a core that was opened by its key. */
    void learn(Manifest manifest) {
        lock.lock();
        try {
            if (keys.manifest() != null) return;
            keys.learn(manifest);
        } finally {
            lock.unlock();
        }
        tip.commit(CoreChange.keys(core));
    }

    /** Whether all blocks and the head of an import are known already. */
    boolean holds(CoreImport parts) {
        lock.lock();
        try {
            if (parts.head().length() > core.length()) return false;
            for (BlockRange range : parts.held()) {
                if (core.bitfield().countSet(range.start(), range.end()) < range.lengthBlocks()) return false;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes over tree nodes, a head and blocks which a source supplies; all verified by the caller. */
    void importParts(CoreImport parts) {
        List<TreeNode> chunk = new ArrayList<>(parts.head().roots());
        for (TreeNode node : parts.nodes()) {
            chunk.add(node);
            if (chunk.size() == IMPORT_CHUNK) {
                tip.commit(CoreChange.held(core, chunk, new BlockRange(0, 0), null));
                chunk = new ArrayList<>();
            }
        }
        CoreChange last = null;
        lock.lock();
        try {
            tip.requireWritable();
            if (keys.manifest() == null) keys.learn(parts.manifest());
            TreeHead longer = parts.head().length() > tip.head().length() ? parts.head() : null;
            last = CoreChange.held(core, chunk, new BlockRange(0, 0), longer);
            tip.submit(last);
            for (BlockRange range : parts.held()) {
                last = CoreChange.held(core, List.of(), range, null);
                tip.submit(last);
            }
        } finally {
            lock.unlock();
        }
        commits.await(last);
    }
}
