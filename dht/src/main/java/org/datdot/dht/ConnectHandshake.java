package org.datdot.dht;

import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Namespaces;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.DecodingException;
import org.datdot.wire.NoiseHandshake;
import org.datdot.wire.NoiseHandshake.Pattern;
import org.datdot.wire.NoiseSession;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * The Noise IK handshake of two peers through the DHT: one message there, one back, each with a {@link NoisePayload} (npm
 * {@code hyperdht}, {@code lib/noise-wrap.js}). The connection then goes on with the {@link NoiseSession} it gives.
 */
final class ConnectHandshake {
    private static final int PEER_HANDSHAKE = 0;
    private static final int PEER_HOLEPUNCH = 1;
    private static final int SECRET_BYTES = 32;
    private static final byte[][] NAMESPACES = Namespaces.derive("hyperswarm/dht", PEER_HANDSHAKE, PEER_HOLEPUNCH);

    private final NoiseHandshake noise;

    /** The side that knows whom it looks for. */
    static ConnectHandshake client(KeyPair keys, PublicKey server, Entropy entropy) {
        return new ConnectHandshake(true, keys, server, entropy);
    }

    /** The side that is looked for. */
    static ConnectHandshake server(KeyPair keys, Entropy entropy) {
        return new ConnectHandshake(false, keys, null, entropy);
    }

    private ConnectHandshake(boolean initiator, KeyPair keys, @Nullable PublicKey remote, Entropy entropy) {
        this.noise = new NoiseHandshake(Pattern.IK, initiator, keys, NAMESPACES[0], remote, entropy);
    }

    private ConnectHandshake(NoiseHandshake noise) {
        this.noise = noise;
    }

    /** The same handshake from here on, see {@link NoiseHandshake#copy()}. */
    ConnectHandshake copy() {
        return new ConnectHandshake(noise.copy());
    }

    /** This side's message. */
    byte[] send(NoisePayload payload) {
        return send(payload.encode());
    }

    /** This side's message, with an encoded {@link NoisePayload}. */
    byte[] send(byte[] payload) {
        return noise.send(payload);
    }

    /**
     * Takes the other side's message.
     *
     * @throws WireException when it was not made for this handshake
     * @throws DecodingException when what is in it is malformed
     */
    NoisePayload receive(byte[] message) {
        return NoisePayload.decode(noise.receive(message));
    }

    /** The other side's key; known to the server after its {@link #receive}. */
    @Nullable
    PublicKey remotePublicKey() {
        return noise.remotePublicKey();
    }

    /** What the connection goes on with, after both messages. */
    NoiseSession session() {
        return noise.session();
    }

    /** What the two sides encrypt {@link HolepunchPayload}s with, after both messages. */
    HolepunchSecret holepunchSecret(Entropy entropy) {
        return new HolepunchSecret(Blake2b.hash(SECRET_BYTES, noise.handshakeHash(), NAMESPACES[1]), entropy);
    }
}
