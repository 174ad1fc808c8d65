package org.datdot.crypto;

import java.nio.charset.StandardCharsets;

/**
 * What peers call a core by in public: a hash of its key, so that who sees it can neither read nor verify the core. BLAKE2b
 * of {@code "hypercore"} keyed with the core's key (npm {@code hypercore-crypto}, {@code discoveryKey}).
 */
public final class DiscoveryKey extends Bytes32 {
    private static final byte[] HYPERCORE = "hypercore".getBytes(StandardCharsets.US_ASCII);

    /** Copies the 32 bytes of {@code bytes}. */
    public DiscoveryKey(byte[] bytes) {
        super(bytes);
    }

    /** Copies 32 bytes of {@code source} from {@code offset} on. */
    public DiscoveryKey(byte[] source, int offset) {
        super(source, offset);
    }

    /** The discovery key of a core. */
    public static DiscoveryKey of(CoreKey key) {
        return new DiscoveryKey(Blake2b.hash(BYTES, key.shared(), HYPERCORE));
    }
}
