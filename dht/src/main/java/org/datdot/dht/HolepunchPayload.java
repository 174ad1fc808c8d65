package org.datdot.dht;

import java.util.List;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * What two peers tell each other while they punch a hole (npm {@code hyperdht}, {@code lib/messages.js} {@code
 * holepunchPayload}).
 *
 * @param error see {@link ConnectError}
 * @param firewall what the sender knows of its own
 * @param round which exchange this is, from 0
 * @param connected whether the sender has heard from the other directly
 * @param punching whether the sender sends probes, or is about to
 * @param addresses where the sender is seen; null while it does not know
 * @param remoteAddress where the sender has opened a path for the other
 * @param token proves, when it comes back through another relay, that the other is at the address it claims
 * @param remoteToken the other's token, sent back
 */
@SuppressWarnings("ArrayRecordComponent") // read only, inside this package
record HolepunchPayload(
        long error,
        Firewall firewall,
        long round,
        boolean connected,
        boolean punching,
        @Nullable List<PeerAddress> addresses,
        @Nullable PeerAddress remoteAddress,
        byte @Nullable [] token,
        byte @Nullable [] remoteToken) {
    private static final int TOKEN_BYTES = 32;

    byte[] encode() {
        CompactEncoder encoder = new CompactEncoder(96);
        encoder.uint((connected ? 1 : 0)
                | (punching ? 2 : 0)
                | (addresses == null ? 0 : 4)
                | (remoteAddress == null ? 0 : 8)
                | (token == null ? 0 : 16)
                | (remoteToken == null ? 0 : 32));
        encoder.uint(error).uint(firewall.code()).uint(round);
        if (addresses != null) PeerAddress.encodeAll(addresses, encoder);
        if (remoteAddress != null) remoteAddress.encode(encoder);
        if (token != null) encoder.fixed(token);
        if (remoteToken != null) encoder.fixed(remoteToken);
        return encoder.toBytes();
    }

    /**
     * Reads one.
     *
     * @throws DecodingException when it is malformed
     */
    static HolepunchPayload decode(byte[] plain) {
        CompactDecoder decoder = new CompactDecoder(plain);
        long flags = decoder.uint();
        return new HolepunchPayload(
                decoder.uint(),
                Firewall.of(decoder.uint()),
                decoder.uint(),
                (flags & 1) != 0,
                (flags & 2) != 0,
                (flags & 4) == 0 ? null : PeerAddress.decodeAll(decoder),
                (flags & 8) == 0 ? null : PeerAddress.decode(decoder),
                (flags & 16) == 0 ? null : decoder.fixed(TOKEN_BYTES),
                (flags & 32) == 0 ? null : decoder.fixed(TOKEN_BYTES));
    }
}
