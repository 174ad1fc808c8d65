package org.datdot.dht;

import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * A Noise message on its way between two peers through up to two nodes that know the way: the value of a {@code
 * PEER_HANDSHAKE} request or reply (npm {@code hyperdht}, {@code lib/messages.js} {@code handshake}).
 *
 * @param mode who sends it to whom
 * @param noise the Noise message, nothing the nodes between can read
 * @param peerAddress on the way to the server the client's address, on the way back the server's
 * @param relayAddress the node the answer has to go back through
 */
@SuppressWarnings("ArrayRecordComponent") // read only, inside this package
record HandshakeMessage(
        RelayMode mode,
        byte[] noise,
        @Nullable PeerAddress peerAddress,
        @Nullable PeerAddress relayAddress) {

    byte[] encode() {
        CompactEncoder encoder = new CompactEncoder(24 + noise.length);
        encoder.uint((peerAddress == null ? 0 : 1) | (relayAddress == null ? 0 : 2));
        encoder.uint(mode.code());
        encoder.buffer(noise);
        if (peerAddress != null) peerAddress.encode(encoder);
        if (relayAddress != null) relayAddress.encode(encoder);
        return encoder.toBytes();
    }

    /**
     * Reads one.
     *
     * @throws DecodingException when it is malformed
     */
    static HandshakeMessage decode(byte[] value) {
        CompactDecoder decoder = new CompactDecoder(value);
        long flags = decoder.uint();
        RelayMode mode = RelayMode.of(decoder.uint());
        byte[] noise = decoder.buffer();
        PeerAddress peer = (flags & 1) == 0 ? null : PeerAddress.decode(decoder);
        PeerAddress relay = (flags & 2) == 0 ? null : PeerAddress.decode(decoder);
        return new HandshakeMessage(mode, noise, peer, relay);
    }
}
