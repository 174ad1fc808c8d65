package org.datdot.hosting;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.Signature;
import org.datdot.crypto.TreeNode;
import org.datdot.hypercore.RangeProof;
import org.datdot.ledger.ReplicaStatement;
import org.jspecify.annotations.Nullable;

/**
 * Makes a replica: takes a contract's blocks in order, compresses, frames and seals them to disk, and signs what it made
 * (docs/protocol.md 3). The blocks must be verified already. For one thread.
 */
public final class ReplicaEncoder implements Closeable {
    private final ReplicaSpec spec;
    private final Sealing sealing;
    private final ReplicaWriter writer;
    private final ReplicaCodec codec;
    private final List<TreeNode> leaves = new ArrayList<>();
    private int segment;
    private int segmentFirstBlock;

    /** Begins a replica which is staged below {@code parent}; the keys of its sealing come from {@code entropy} and are never stored. */
    public ReplicaEncoder(Path parent, ReplicaSpec spec, Entropy entropy) throws IOException {
        this.spec = spec;
        this.sealing = spec.freshSealing(entropy);
        this.codec = new ReplicaCodec(sealing);
        this.writer = new ReplicaWriter(parent, spec, false);
    }

    /** The contract's next block. */
    public void add(byte[] block) throws IOException {
        add(block, MerkleHash.leafNode(nextIndex(), block));
    }

    /** The number in its feed of the block that comes next. */
    private long nextIndex() {
        return spec.segments().get(segment).start() + (leaves.size() - segmentFirstBlock);
    }

    /** The contract's next block, with the leaf node it was verified by, which saves hashing it again. */
    void add(byte[] block, TreeNode leaf) throws IOException {
        int blockNumber = leaves.size();
        long index = nextIndex();
        if (leaf.index() != 2 * index || leaf.size() != block.length) {
            throw new IllegalArgumentException("leaf " + leaf.index() + " does not belong to block " + index);
        }
        leaves.add(leaf);
        byte[] frame = codec.encode(blockNumber, block);
        writer.frame(frame, 0, frame.length);
        writer.write(frame, 0, frame.length);
        if (index + 1 == spec.segments().get(segment).end()) {
            segment++;
            segmentFirstBlock = leaves.size();
        }
    }

    /**
     * Signs and stores the replica.
     *
     * @param rangeProofs one for each segment
     * @param encoder the encoder's user id
     * @param signing the encoder's signing key pair
     */
    public Replica finish(List<RangeProof> rangeProofs, long encoder, KeyPair signing) throws IOException {
        checkProofs(rangeProofs);
        ReplicaTree tree = writer.tree();
        ReplicaStatement statement = new ReplicaStatement(
                spec.contract(),
                spec.id().amendment(),
                spec.id().position(),
                encoder,
                tree.root(),
                tree.leafCount(),
                tree.byteLength(),
                sealing.id(),
                sealing.key());
        Signature signature = Ed25519.sign(statement.signable(spec.genesis()), signing.secretKey());
        List<byte[]> encoded = rangeProofs.stream().map(RangeProof::encode).toList();
        return writer.finish(tree, new ReplicaOffer(statement, signature, encoded, spec.blockCount()), leaves);
    }

    /** An encoder that offers what cannot verify would be paused for it: better notice it here. */
    private void checkProofs(List<RangeProof> rangeProofs) {
        int first = 0;
        for (int i = 0; i < spec.segments().size(); i++) {
            ReplicaSegment current = spec.segments().get(i);
            int end = first + current.lengthBlocks();
            @Nullable RangeProof proof = i < rangeProofs.size() ? rangeProofs.get(i) : null;
            if (proof == null) throw new IllegalArgumentException("no range proof for segment " + i);
            proof.verify(leaves.subList(first, end), current.head());
            first = end;
        }
    }

    /** Removes what was staged, unless it was finished. */
    @Override
    public void close() throws IOException {
        codec.close();
        writer.close();
    }
}
