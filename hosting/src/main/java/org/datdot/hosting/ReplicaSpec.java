package org.datdot.hosting;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.Hash;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.datdot.ledger.ReplicaStatement;

/**
 * What one replica must hold, as the ledger says: the contract's segments, whose blocks in order are the contract's
 * blocks 0 to n-1, and what its sealing is bound to. Encoder, attestor and hoster each work it out from the ledger.
 *
 * @param genesis hash of the chain's first block
 * @param contract the contract's id
 * @param id amendment and position
 * @param segments the contract's segments in order
 * @param sealing how the plan wants it sealed, {@link Sealing#PLAIN} or {@link Sealing#TRAPDOOR}
 */
public record ReplicaSpec(Hash genesis, long contract, ReplicaId id, List<ReplicaSegment> segments, int sealing) {
    private static final int MAX_SEGMENTS = 1 << 16;

    /** Copies the list and checks that it is not empty. */
    public ReplicaSpec {
        segments = List.copyOf(segments);
        if (segments.isEmpty()) throw new IllegalArgumentException("a contract without segments");
    }

    /** The contract's blocks. */
    public int blockCount() {
        int blocks = 0;
        for (ReplicaSegment segment : segments) blocks = Math.addExact(blocks, segment.lengthBlocks());
        return blocks;
    }

    /**
     * The sealing of the replica that a statement is about.
     *
     * @throws InvalidReplicaException when it is not the one the plan asks for
     */
    public Sealing sealing(ReplicaStatement statement) {
        if (statement.sealing() != sealing) {
            throw new InvalidReplicaException("sealing " + statement.sealing() + " where the plan asks for " + sealing);
        }
        return Sealing.of(sealing, statement.sealingKey(), genesis, id, contract);
    }

    /** A sealing to make the replica with, by keys that nobody else has. */
    public Sealing freshSealing(Entropy entropy) {
        return Sealing.fresh(sealing, entropy, genesis, id, contract);
    }

    void encodeTo(CompactEncoder out) {
        out.fixed(genesis.bytes()).uint(contract).uint(id.amendment()).uint(id.position());
        out.uint(sealing).uint(segments.size());
        for (ReplicaSegment segment : segments) segment.encodeTo(out);
    }

    static ReplicaSpec decode(CompactDecoder in) {
        Hash genesis = new Hash(in.fixed(32));
        long contract = in.uint();
        ReplicaId id = new ReplicaId(in.uint(), in.uintAsInt());
        int sealing = in.uintAsInt();
        long count = in.uint();
        if (count < 1 || count > MAX_SEGMENTS) throw new DecodingException("a contract of " + count + " segments");
        List<ReplicaSegment> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) segments.add(ReplicaSegment.decode(in));
        return new ReplicaSpec(genesis, contract, id, segments, sealing);
    }
}
