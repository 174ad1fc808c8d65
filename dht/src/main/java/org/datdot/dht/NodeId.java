package org.datdot.dht;

/**
 * Where a node stands in the DHT. A node others may rely on has the hash of its public address for an id, so that it cannot
 * choose its place ({@link PeerAddress#id()}); until then it has a random one which it tells nobody.
 */
public final class NodeId extends Position {
    /** Copies the 32 bytes of {@code bytes}. */
    public NodeId(byte[] bytes) {
        super(requireLength(bytes), 0);
    }

    private static byte[] requireLength(byte[] bytes) {
        if (bytes.length != BYTES) throw new IllegalArgumentException("a NodeId has 32 bytes, not " + bytes.length);
        return bytes;
    }
}
