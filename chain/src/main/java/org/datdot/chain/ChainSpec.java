package org.datdot.chain;

import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;
import org.datdot.ledger.Genesis;
import org.datdot.ledger.Parameters;

/**
 * What makes a chain this chain and no other (Substrate's chain specification): all of it is bound by the genesis hash, through the
 * genesis header's entropy.
 *
 * @param name what people call the chain
 * @param timestampMs milliseconds since 1970 of block 0
 * @param authority whose signature makes a block
 * @param parameters the pallet's
 * @param genesis who owns what in block 0
 */
public record ChainSpec(String name, long timestampMs, PublicKey authority, Parameters parameters, Genesis genesis) {
    /** Refuses what cannot be encoded. */
    public ChainSpec {
        if (timestampMs < 0) {
            throw new IllegalArgumentException("a timestamp is at least 0, not " + timestampMs);
        }
    }

    /** The specification's bytes: its fields in SCALE. */
    public byte[] encode() {
        return new ScaleEncoder()
                .string(name)
                .u64(timestampMs)
                .fixed(authority.bytes())
                .fixed(parameters.encode())
                .fixed(genesis.encode())
                .toBytes();
    }

    /**
     * Reads a specification.
     *
     * @throws DecodingException when the bytes are none
     */
    public static ChainSpec decode(byte[] bytes) {
        ScaleDecoder in = new ScaleDecoder(bytes);
        ChainSpec spec = new ChainSpec(
                in.string(),
                in.u64(),
                new PublicKey(in.fixed(PublicKey.BYTES)),
                Parameters.decode(in),
                Genesis.decode(in));
        in.requireEnd();
        return spec;
    }

    /** The genesis header's entropy. */
    Hash entropy() {
        return new Hash(
                Blake2b.hash(new ScaleEncoder().string("datdot/v1/genesis").toBytes(), encode()));
    }
}
