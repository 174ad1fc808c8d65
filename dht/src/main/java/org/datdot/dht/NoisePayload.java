package org.datdot.dht;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * What two peers tell each other inside the Noise handshake through the DHT (npm {@code hyperdht}, {@code lib/messages.js}
 * {@code noisePayload}). Of another version than {@value #VERSION} nothing else is known.
 *
 * @param version of this format
 * @param error see {@link ConnectError}
 * @param firewall what the sender knows of its own
 * @param holepunch how to go on when the sender cannot be reached directly
 * @param addresses4 where the sender may be reached
 * @param udx the sender's stream
 * @param secretStream whether the sender speaks secret-stream on it
 * @param relayThrough a peer that will join two streams
 * @param relayAddresses nodes that will find the sender the next time
 */
record NoisePayload(
        long version,
        long error,
        Firewall firewall,
        @Nullable Holepunch holepunch,
        List<PeerAddress> addresses4,
        @Nullable Udx udx,
        boolean secretStream,
        @Nullable RelayThrough relayThrough,
        List<PeerAddress> relayAddresses) {
    static final int VERSION = 1;
    private static final int IPV6_BYTES = 18;

    NoisePayload {
        addresses4 = List.copyOf(addresses4);
        relayAddresses = List.copyOf(relayAddresses);
    }

    /**
     * How to punch.
     *
     * @param id names the handshake in {@link HolepunchMessage}s
     * @param relays nodes through which the sender can be reached
     */
    record Holepunch(long id, List<Relay> relays) {
        Holepunch {
            relays = List.copyOf(relays);
        }
    }

    /** A node, and how it sees the peer it relays for. */
    record Relay(PeerAddress relayAddress, PeerAddress peerAddress) {
        static final int BYTES = 2 * PeerAddress.BYTES;
    }

    /**
     * A UDX stream.
     *
     * @param reusableSocket whether its socket may be used for another connection to the same peer
     * @param id the stream's id on the side of the sender
     * @param seq its first sequence number
     */
    record Udx(boolean reusableSocket, long id, long seq) {}

    /**
     * A relay for the whole connection.
     *
     * @param publicKey the relaying peer
     * @param token 32 bytes, the same for both sides
     */
    @SuppressWarnings("ArrayRecordComponent") // read only, inside this package
    record RelayThrough(PublicKey publicKey, byte[] token) {
        static final int TOKEN_BYTES = 32;

        static RelayThrough withFreshToken(PublicKey relay, Entropy entropy) {
            return new RelayThrough(relay, entropy.bytes(TOKEN_BYTES));
        }
    }

    byte[] encode() {
        CompactEncoder encoder = new CompactEncoder(192);
        encoder.uint(VERSION);
        encoder.uint((holepunch == null ? 0 : 1)
                | (addresses4.isEmpty() ? 0 : 2)
                | (udx == null ? 0 : 8)
                | (secretStream ? 16 : 0)
                | (relayThrough == null ? 0 : 32)
                | (relayAddresses.isEmpty() ? 0 : 64));
        encoder.uint(error).uint(firewall.code());
        if (holepunch != null) {
            encoder.uint(holepunch.id()).uint(holepunch.relays().size());
            for (Relay relay : holepunch.relays()) {
                relay.relayAddress().encode(encoder);
                relay.peerAddress().encode(encoder);
            }
        }
        if (!addresses4.isEmpty()) PeerAddress.encodeAll(addresses4, encoder);
        if (udx != null)
            encoder.uint(1).uint(udx.reusableSocket() ? 1 : 0).uint(udx.id()).uint(udx.seq());
        if (secretStream) encoder.uint(1);
        if (relayThrough != null) {
            encoder.uint(1).uint(0);
            encoder.fixed(relayThrough.publicKey().bytes()).fixed(relayThrough.token());
        }
        if (!relayAddresses.isEmpty()) PeerAddress.encodeAll(relayAddresses, encoder);
        return encoder.toBytes();
    }

    /**
     * Reads one.
     *
     * @throws DecodingException when it is malformed
     */
    static NoisePayload decode(byte[] plain) {
        CompactDecoder decoder = new CompactDecoder(plain);
        long version = decoder.uint();
        if (version != VERSION) {
            return new NoisePayload(version, 0, Firewall.UNKNOWN, null, List.of(), null, false, null, List.of());
        }
        long flags = decoder.uint();
        long error = decoder.uint();
        Firewall firewall = Firewall.of(decoder.uint());
        Holepunch holepunch = (flags & 1) == 0 ? null : decodeHolepunch(decoder);
        List<PeerAddress> addresses4 = (flags & 2) == 0 ? List.of() : PeerAddress.decodeAll(decoder);
        if ((flags & 4) != 0) decoder.skip(decoder.count(IPV6_BYTES) * IPV6_BYTES); // the DHT has no use for them
        Udx udx = (flags & 8) == 0 ? null : decodeUdx(decoder);
        boolean secretStream = (flags & 16) != 0;
        if (secretStream) decoder.uint(); // its version; there is one
        RelayThrough relayThrough = (flags & 32) == 0 ? null : decodeRelayThrough(decoder);
        List<PeerAddress> relayAddresses = (flags & 64) == 0 ? List.of() : PeerAddress.decodeAll(decoder);
        return new NoisePayload(
                version, error, firewall, holepunch, addresses4, udx, secretStream, relayThrough, relayAddresses);
    }

    private static Holepunch decodeHolepunch(CompactDecoder decoder) {
        long id = decoder.uint();
        int count = decoder.count(Relay.BYTES);
        List<Relay> relays = new ArrayList<>(count);
        while (relays.size() < count) {
            PeerAddress relay = PeerAddress.decode(decoder);
            relays.add(new Relay(relay, PeerAddress.decode(decoder)));
        }
        return new Holepunch(id, relays);
    }

    private static Udx decodeUdx(CompactDecoder decoder) {
        decoder.uint(); // its version; there is one
        boolean reusableSocket = (decoder.uint() & 1) != 0;
        long id = decoder.uint();
        return new Udx(reusableSocket, id, decoder.uint());
    }

    private static RelayThrough decodeRelayThrough(CompactDecoder decoder) {
        decoder.uint(); // its version; there is one
        decoder.uint(); // flags, none so far
        PublicKey key = new PublicKey(decoder.fixed(PublicKey.BYTES));
        return new RelayThrough(key, decoder.fixed(RelayThrough.TOKEN_BYTES));
    }
}
