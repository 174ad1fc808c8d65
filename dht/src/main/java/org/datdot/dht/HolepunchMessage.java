package org.datdot.dht;

import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * An encrypted {@link HolepunchPayload} on its way between two peers that did a handshake: the value of a {@code
 * PEER_HOLEPUNCH} request or reply (npm {@code hyperdht}, {@code lib/messages.js} {@code holepunch}).
 *
 * @param mode who sends it to whom; never {@link RelayMode#FROM_SECOND_RELAY}
 * @param id which of the server's handshakes it belongs to
 * @param payload a {@link org.datdot.crypto.SecretBox}
 * @param peerAddress towards the server the client's address, back the server's
 */
@SuppressWarnings("ArrayRecordComponent") // read only, inside this package
record HolepunchMessage(
        RelayMode mode, long id, byte[] payload, @Nullable PeerAddress peerAddress) {

    byte[] encode() {
        CompactEncoder encoder = new CompactEncoder(24 + payload.length);
        encoder.uint(peerAddress == null ? 0 : 1);
        encoder.uint(mode.code());
        encoder.uint(id);
        encoder.buffer(payload);
        if (peerAddress != null) peerAddress.encode(encoder);
        return encoder.toBytes();
    }

    /**
     * Reads one.
     *
     * @throws DecodingException when it is malformed
     */
    static HolepunchMessage decode(byte[] value) {
        CompactDecoder decoder = new CompactDecoder(value);
        long flags = decoder.uint();
        RelayMode mode = RelayMode.of(decoder.uint());
        long id = decoder.uint();
        byte[] payload = decoder.buffer();
        return new HolepunchMessage(mode, id, payload, (flags & 1) == 0 ? null : PeerAddress.decode(decoder));
    }
}
