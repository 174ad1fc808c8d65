package org.datdot.hypercore;

import java.security.MessageDigest;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Namespaces;

/**
 * Proof, sent when a replication channel opens, that a side knows the core's key and not merely its discovery key. It is
 * bound to the connection by the Noise handshake hash and to the side by its role (npm hypercore lib/caps.js).
 */
final class Capability {
    private static final byte[] INITIATOR = Namespaces.derive("hypercore", 1)[0];
    private static final byte[] RESPONDER = Namespaces.derive("hypercore", 2)[0];
    private static final int LENGTH_BYTES = 32;

    private Capability() {}

    /** The 32 bytes that the side with the given role sends. */
    static byte[] of(boolean initiator, CoreKey key, byte[] handshakeHash) {
        return Blake2b.hash(LENGTH_BYTES, handshakeHash, initiator ? INITIATOR : RESPONDER, key.bytes());
    }

    /** Whether the remote of a connection on which we have the given role sent the right bytes. */
    static boolean verify(byte[] received, boolean initiator, CoreKey key, byte[] handshakeHash) {
        return MessageDigest.isEqual(received, of(!initiator, key, handshakeHash));
    }
}
