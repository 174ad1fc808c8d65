package org.datdot.hosting;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.Signature;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.datdot.ledger.ReplicaStatement;

/**
 * What the maker of a replica says about it: message {@code offer} of the replica channel without its addressing
 * (docs/protocol.md 4.1). Nothing in it is trusted before {@link ReplicaVerifier} has compared it with the bytes.
 *
 * @param statement what the encoder claims
 * @param signature the encoder's signature under the statement
 * @param rangeProofs one encoded range proof for each segment; shared, do not modify
 * @param blockCount the contract's blocks
 */
public record ReplicaOffer(ReplicaStatement statement, Signature signature, List<byte[]> rangeProofs, int blockCount) {
    private static final int MAX_PROOFS = 1 << 16;

    /** Copies the list. */
    public ReplicaOffer {
        rangeProofs = List.copyOf(rangeProofs);
    }

    void encodeTo(CompactEncoder out) {
        out.buffer(ReplicaStatement.CODEC.encode(statement))
                .fixed(signature.bytes())
                .uint(rangeProofs.size());
        for (byte[] proof : rangeProofs) out.buffer(proof);
        out.uint(blockCount);
    }

    static ReplicaOffer decode(CompactDecoder in) {
        ReplicaStatement statement = ReplicaStatement.CODEC.decode(in.buffer());
        Signature signature = new Signature(in.fixed(64));
        long count = in.uint();
        if (count > Math.min(MAX_PROOFS, in.remaining())) throw new DecodingException(count + " range proofs");
        List<byte[]> proofs = new ArrayList<>((int) count);
        for (int i = 0; i < count; i++) proofs.add(in.buffer());
        return new ReplicaOffer(statement, signature, proofs, in.uintAsInt());
    }
}
