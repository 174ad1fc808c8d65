package org.datdot.dht;

import org.datdot.crypto.Blake2b;
import org.datdot.crypto.DiscoveryKey;
import org.datdot.crypto.PublicKey;

/** Where something is stored or looked for in the DHT: on the nodes whose ids are closest to it. */
public final class Target extends Position {
    /** Copies the 32 bytes of {@code bytes}: a topic as applications choose them. */
    public Target(byte[] bytes) {
        super(requireLength(bytes), 0);
    }

    /** The topic under which the peers of a core announce themselves (npm {@code hyperswarm}). */
    public static Target of(DiscoveryKey key) {
        return new Target(key.bytes());
    }

    /** Where a peer announces itself, and where its mutable value is: the hash of its key. */
    public static Target of(PublicKey key) {
        return hash(key.bytes());
    }

    /** Where an immutable value is: its hash. */
    public static Target hash(byte[] value) {
        return new Target(Blake2b.hash(value));
    }

    static Target of(NodeId id) {
        return new Target(id.bytes());
    }

    private static byte[] requireLength(byte[] bytes) {
        if (bytes.length != BYTES) throw new IllegalArgumentException("a Target has 32 bytes, not " + bytes.length);
        return bytes;
    }
}
