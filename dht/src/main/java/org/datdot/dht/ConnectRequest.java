package org.datdot.dht;

import java.util.ArrayList;
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

    private final PublicKey server;
    private final Entropy entropy;
    private final Place place;
    /** After its message: each answer is tried with a copy, since anybody on the way can make one up. */
    private final ConnectHandshake begun;

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
        this.server = server;
        this.entropy = entropy;
        this.place = place;
        List<PeerAddress> addresses = new ArrayList<>();
        if (place.open() != null) addresses.add(place.open());
        addresses.addAll(place.local().addresses());
        NoisePayload payload = new NoisePayload(
                NoisePayload.VERSION,
                ConnectError.NONE,
                place.open() == null ? Firewall.UNKNOWN : Firewall.OPEN,
                null,
                addresses,
                new NoisePayload.Udx(false, streamId, 0),
                true,
                relayThrough,
                List.of());
        begun = ConnectHandshake.client(keys, server, entropy);
        noise = begun.send(payload);
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
        ConnectHandshake handshake = begun.copy();
        try {
            NoisePayload theirs = handshake.receive(answer);
            return new Agreement(theirs, handshake.session(), handshake.holepunchSecret(entropy));
        } catch (WireException | DecodingException e) {
            // Anybody on the way can make up an answer.
            return null;
        }
    }
}
