package org.datdot.dht;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.DecodingException;
import org.datdot.wire.NoiseSession;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * The Noise message with which a client looks for a server, the same for all nodes that pass it on, and the way to read what
 * comes back. Making one and reading takes long, and any thread may.
 */
final class ConnectRequest {
    /** Where this side is. */
    record Place(@Nullable PeerAddress open, LocalAddresses local) {}

    /** What a server answered. */
    record Agreement(NoisePayload payload, NoiseSession session, HolepunchSecret secret) {}

    private final KeyPair keys;
    private final PublicKey server;
    private final Entropy entropy;
    private final Entropy repeated;
    private final Place place;
    private final byte[] payload;
    private final byte[] noise;

    /**
     * @param streamId how the server is to address the stream
     * @param relayThrough a peer that will join the two streams when there is no direct way
     */
    ConnectRequest(
            KeyPair keys,
            PublicKey server,
            Entropy entropy,
            Place place,
            long streamId,
            NoisePayload.@Nullable RelayThrough relayThrough) {
        this.keys = keys;
        this.server = server;
        this.entropy = entropy;
        this.place = place;
        List<PeerAddress> addresses = new ArrayList<>();
        if (place.open() != null) addresses.add(place.open());
        addresses.addAll(place.local().addresses());
        payload = new NoisePayload(
                        NoisePayload.VERSION,
                        ConnectError.NONE,
                        place.open() == null ? Firewall.UNKNOWN : Firewall.OPEN,
                        null,
                        addresses,
                        new NoisePayload.Udx(false, streamId, 0),
                        true,
                        relayThrough,
                        List.of())
                .encode();
        // One message for all nodes, and a fresh handshake to try each answer with: they differ in nothing.
        byte[] seed = entropy.bytes(64);
        repeated = bytes -> System.arraycopy(seed, 0, bytes, 0, bytes.length);
        noise = begin().send(payload);
    }

    private ConnectHandshake begin() {
        return ConnectHandshake.client(keys, server, repeated);
    }

    PublicKey server() {
        return server;
    }

    Place place() {
        return place;
    }

    byte[] noise() {
        return noise;
    }

    /** Reads an answer; null when the server did not write it. */
    @Nullable
    Agreement read(byte[] answer) {
        ConnectHandshake handshake = begin();
        if (!Arrays.equals(handshake.send(payload), noise)) {
            throw new IllegalStateException("the same handshake twice differs");
        }
        try {
            NoisePayload theirs = handshake.receive(answer);
            return new Agreement(theirs, handshake.session(), handshake.holepunchSecret(entropy));
        } catch (WireException | DecodingException e) {
            // Anybody on the way can make up an answer.
            return null;
        }
    }
}
