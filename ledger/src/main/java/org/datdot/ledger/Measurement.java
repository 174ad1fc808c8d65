package org.datdot.ledger;

import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.encoding.ScaleEncoder;

/**
 * What an attestor measured of a hoster as an ordinary reader.
 *
 * @param reached whether blocks came and were right; where not, the numbers are 0
 * @param latencyMs time to the first byte
 * @param bytesPerSecond throughput
 */
public record Measurement(boolean reached, long latencyMs, long bytesPerSecond) {
    /** SCALE: the fields in declaration order. */
    public static final Codec<Measurement> CODEC = Codec.of(Measurement.class);

    /** Nothing came. */
    public static final Measurement UNREACHABLE = new Measurement(false, 0, 0);

    /** What is committed to before anybody reveals: bound to network, challenge and attestor, so that nobody can copy it. */
    public Hash commitment(Hash genesis, long challenge, long attestor, Hash salt) {
        byte[] content = new ScaleEncoder()
                .compact(challenge)
                .compact(attestor)
                .fixed(CODEC.encode(this))
                .fixed(salt.bytes())
                .toBytes();
        return new Hash(Blake2b.hash(Signables.of("measurement", genesis, content)));
    }
}
