package org.datdot.crypto;

import org.datdot.encoding.DecodingException;
import org.datdot.encoding.HypercoreId;

/**
 * The key of a Hypercore: the hash of its manifest, which whoever knows it can read and verify the core with. Written as the
 * 52 characters people pass around (npm {@code hypercore-id-encoding}).
 */
public final class CoreKey extends Bytes32 {
    /** Copies the 32 bytes of {@code bytes}. */
    public CoreKey(byte[] bytes) {
        super(bytes);
    }

    /** Copies 32 bytes of {@code source} from {@code offset} on. */
    public CoreKey(byte[] source, int offset) {
        super(source, offset);
    }

    /**
     * The key a person or a program wrote as z-base-32, hex or a link.
     *
     * @throws DecodingException saying what is wrong with the text
     */
    public static CoreKey parse(String text) {
        return new CoreKey(HypercoreId.decode(text));
    }

    /** The discovery key of this core. */
    public DiscoveryKey discoveryKey() {
        return DiscoveryKey.of(this);
    }

    /** The 52 characters of z-base-32. */
    @Override
    public String toString() {
        return HypercoreId.encode(shared());
    }
}
