package org.datdot.wire;

import org.datdot.crypto.PublicKey;

/**
 * What two sides have after a {@link NoiseHandshake}. {@link SecretStream}s begin with one when the handshake took another
 * way than the stream itself, as it does through the DHT.
 *
 * @param initiator whether this side began
 * @param remotePublicKey the key the other side proved to hold
 * @param handshakeHash {@value NoiseHandshake#HASH_BYTES} bytes, the same on both sides
 * @param tx the 32-byte key for what this side sends
 * @param rx the 32-byte key for what this side receives
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, to the stream
public record NoiseSession(boolean initiator, PublicKey remotePublicKey, byte[] handshakeHash, byte[] tx, byte[] rx) {}
