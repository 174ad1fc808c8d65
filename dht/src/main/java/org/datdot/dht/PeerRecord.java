package org.datdot.dht;

import java.util.List;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;

/**
 * A peer as it is announced in the DHT (npm {@code hyperdht}, {@code lib/messages.js}).
 *
 * @param publicKey who it is
 * @param relayAddresses nodes that pass on a handshake to it
 */
public record PeerRecord(PublicKey publicKey, List<PeerAddress> relayAddresses) {
    /** How many relays nodes keep of an announcement. */
    public static final int MAX_RELAYS = 3;

    /** Copies the list. */
    public PeerRecord {
        relayAddresses = List.copyOf(relayAddresses);
    }

    byte[] encode() {
        CompactEncoder encoder = new CompactEncoder(33 + relayAddresses.size() * PeerAddress.BYTES);
        encode(encoder);
        return encoder.toBytes();
    }

    void encode(CompactEncoder encoder) {
        encoder.fixed(publicKey.bytes());
        PeerAddress.encodeAll(relayAddresses, encoder);
    }

    /**
     * @throws DecodingException when it is malformed
     */
    static PeerRecord decode(CompactDecoder decoder) {
        PublicKey publicKey = new PublicKey(decoder.fixed(PublicKey.BYTES));
        return new PeerRecord(publicKey, PeerAddress.decodeAll(decoder));
    }

    /** This with no more relays than nodes keep. */
    PeerRecord trimmed() {
        return relayAddresses.size() <= MAX_RELAYS
                ? this
                : new PeerRecord(publicKey, relayAddresses.subList(0, MAX_RELAYS));
    }
}
