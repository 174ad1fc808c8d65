package org.datdot.dht;

import java.nio.charset.StandardCharsets;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.CryptoException;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.SecretBox;
import org.datdot.encoding.DecodingException;

/**
 * Encrypts what two peers tell each other while they punch, and makes the tokens by which one finds out whether the other is
 * where it says (npm {@code hyperdht}, {@code lib/secure-payload.js}).
 */
final class HolepunchSecret {
    private static final int TOKEN_BYTES = 32;

    private final byte[] shared;
    private final byte[] own;
    private final Entropy entropy;

    /**
     * @param shared 32 bytes both peers know from their handshake
     * @param entropy for nonces, and for this side's tokens
     */
    HolepunchSecret(byte[] shared, Entropy entropy) {
        this.shared = shared.clone();
        this.own = entropy.bytes(TOKEN_BYTES);
        this.entropy = entropy;
    }

    byte[] encrypt(HolepunchPayload payload) {
        return SecretBox.seal(shared, payload.encode(), entropy);
    }

    /**
     * Reads what the other side encrypted.
     *
     * @throws CryptoException when somebody else made it
     * @throws DecodingException when what is in it is malformed
     */
    HolepunchPayload decrypt(byte[] box) {
        return HolepunchPayload.decode(SecretBox.open(shared, box));
    }

    /** This side's token for a peer at an address; its port does not count. */
    byte[] token(PeerAddress address) {
        return Blake2b.hash(TOKEN_BYTES, own, address.hostText().getBytes(StandardCharsets.US_ASCII));
    }
}
