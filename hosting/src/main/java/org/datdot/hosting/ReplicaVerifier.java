package org.datdot.hosting;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.DecodingException;
import org.datdot.hypercore.InvalidProofException;
import org.datdot.hypercore.RangeProof;
import org.datdot.ledger.ReplicaStatement;

/**
 * Checks a replica that somebody else made, frame by frame while it arrives: the statement is the encoder's and about this
 * replica, every block decodes, the blocks' hashes lead to the tree heads on the ledger, the bytes lead to the stated
 * root (docs/protocol.md 4). What attestor and hoster both do. Memory: one block and 100 bytes for each block of the
 * contract. For one thread.
 */
public final class ReplicaVerifier implements AutoCloseable {

    /** Receives what was checked, before the whole is known to be good. */
    interface Sink {
        /** The next block's frame lies at that place of the bytes that follow. */
        void frame(byte[] bytes, int offset, int length);
    }

    private final ReplicaSpec spec;
    private final ReplicaStatement statement;
    private final List<RangeProof> proofs = new ArrayList<>();
    private final ReplicaCodec codec;
    private final List<TreeNode> leaves = new ArrayList<>();
    private int segment;
    private int segmentFirstBlock;
    private long bytes;

    /**
     * Begins with what the offer claims.
     *
     * @param spec what the replica must hold, from the ledger
     * @param encoder the user who was to make it
     * @param encoderKey that user's signing key, from the ledger
     * @throws InvalidReplicaException when statement, signature or range proofs do not fit
     */
    public ReplicaVerifier(ReplicaSpec spec, ReplicaOffer offer, long encoder, PublicKey encoderKey) {
        this.spec = spec;
        this.statement = offer.statement();
        ReplicaId id = spec.id();
        if (statement.contract() != spec.contract()
                || statement.amendment() != id.amendment()
                || statement.position() != id.position()
                || statement.encoder() != encoder) {
            throw new InvalidReplicaException("the statement is about another replica: " + statement);
        }
        if (!Ed25519.verify(statement.signable(spec.genesis()), offer.signature(), encoderKey)) {
            throw new InvalidReplicaException("the statement is not signed by encoder " + encoder);
        }
        if (statement.encodedBytes() < 2L * spec.blockCount()
                || statement.leafCount() != ReplicaTree.leafCount(statement.encodedBytes())) {
            throw new InvalidReplicaException("sizes that contradict each other: " + statement);
        }
        if (offer.blockCount() != spec.blockCount()
                || offer.rangeProofs().size() != spec.segments().size()) {
            throw new InvalidReplicaException("an offer of " + offer.blockCount() + " blocks in "
                    + offer.rangeProofs().size() + " segments for a contract of " + spec.blockCount() + " in "
                    + spec.segments().size());
        }
        readProofs(offer);
        this.codec = new ReplicaCodec(spec.sealing(statement));
    }

    private void readProofs(ReplicaOffer offer) {
        for (int i = 0; i < spec.segments().size(); i++) {
            RangeProof proof;
            try {
                proof = RangeProof.decode(offer.rangeProofs().get(i));
            } catch (DecodingException e) {
                throw new InvalidReplicaException("the range proof of segment " + i + " does not decode", e);
            }
            ReplicaSegment segment = spec.segments().get(i);
            if (!proof.range().equals(segment.range())
                    || proof.lengthBlocks() != segment.head().length()) {
                throw new InvalidReplicaException("the range proof of segment " + i + " is about other blocks");
            }
            proofs.add(proof);
        }
    }

    /** How many blocks are checked. */
    public int blocks() {
        return leaves.size();
    }

    /**
     * Checks the next frames and shows each of them to the sink.
     *
     * @param count how many frames these bytes are said to be
     * @throws InvalidReplicaException when anything differs
     */
    void accept(byte[] buffer, int offset, int length, int count, Sink sink) {
        bytes += length;
        if (bytes > statement.encodedBytes()) {
            throw new InvalidReplicaException("more bytes than the " + statement.encodedBytes() + " stated");
        }
        int at = offset;
        for (int i = 0; i < count; i++) {
            if (leaves.size() == spec.blockCount()) throw new InvalidReplicaException("more frames than blocks");
            Frame frame = Frame.read(buffer, at, offset + length);
            addBlock(buffer, frame);
            sink.frame(buffer, at, frame.end() - at);
            at = frame.end();
        }
        if (at != offset + length) throw new InvalidReplicaException("bytes behind the last frame");
    }

    private void addBlock(byte[] buffer, Frame frame) {
        int blockNumber = leaves.size();
        ReplicaCodec.Block block = codec.open(blockNumber, buffer, frame);
        ReplicaSegment current = spec.segments().get(segment);
        long index = current.start() + (blockNumber - segmentFirstBlock);
        leaves.add(MerkleHash.leafNode(index, block.buffer(), block.offset(), block.length()));
        if (index + 1 == current.end()) closeSegment(current);
    }

    private void closeSegment(ReplicaSegment current) {
        try {
            proofs.get(segment).verify(leaves.subList(segmentFirstBlock, leaves.size()), current.head());
        } catch (InvalidProofException e) {
            throw new InvalidReplicaException(
                    "the blocks of segment " + segment + " are not those of the feed: " + e.getMessage(), e);
        }
        segment++;
        segmentFirstBlock = leaves.size();
    }

    /**
     * The end: all blocks were there and the root is the stated one.
     *
     * @param tree the tree over all bytes that were accepted
     * @return Hypercore's leaf nodes of all blocks
     * @throws InvalidReplicaException when blocks are missing or the root differs
     */
    public List<TreeNode> finish(ReplicaTree tree) {
        if (leaves.size() != spec.blockCount() || bytes != statement.encodedBytes()) {
            throw new InvalidReplicaException(leaves.size() + " of " + spec.blockCount() + " blocks in " + bytes
                    + " of " + statement.encodedBytes() + " bytes");
        }
        if (tree.byteLength() != bytes || !tree.root().equals(statement.root())) {
            throw new InvalidReplicaException(
                    "the root over the bytes is " + tree.root() + ", stated is " + statement.root());
        }
        return List.copyOf(leaves);
    }

    @Override
    public void close() {
        codec.close();
    }
}
