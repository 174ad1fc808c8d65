package org.datdot.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.ChaChaPoly;
import org.datdot.crypto.CryptoException;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.Hkdf;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.wire.WireException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * A Noise handshake between two Ed25519 key pairs: npm {@code noise-handshake} ({@code noise.js}) with the curve of npm {@code
 * noise-curve-ed}, that is {@code Noise_XX_Ed25519_ChaChaPoly_BLAKE2b}, where what two keys agree on is an Edwards point.
 *
 * <p>A state machine for one handshake and one thread. The two sides call {@link #send} and {@link #receive} in turns,
 * beginning with the initiator's {@code send}, until {@link #complete()}. A {@link WireException} ends it.
 */
public final class NoiseHandshake {
    /** Who sends what when. */
    public enum Pattern {
        /** Three messages, after which both know the other's static key; nobody needs to know one before. */
        XX(false, List.of(List.of(Token.E), List.of(Token.E, Token.EE, Token.S, Token.ES), List.of(Token.S, Token.SE))),
        /** Two messages; the initiator knows the responder's static key before. */
        IK(true, List.of(List.of(Token.E, Token.ES, Token.S, Token.SS), List.of(Token.E, Token.EE, Token.SE)));

        private final boolean responderKnown;

        @SuppressWarnings("ImmutableEnumChecker") // made by List.of
        private final List<List<Token>> messages;

        Pattern(boolean responderKnown, List<List<Token>> messages) {
            this.responderKnown = responderKnown;
            this.messages = messages;
        }
    }

    private enum Token {
        E,
        S,
        EE,
        ES,
        SE,
        SS
    }

    /** How many bytes the handshake hash has. */
    public static final int HASH_BYTES = 64;

    private static final int KEY_BYTES = 32;

    private final Pattern pattern;
    private final boolean initiator;
    private final KeyPair staticKeys;
    private final Entropy entropy;
    private byte[] hash;
    private byte[] chainingKey;
    private byte @Nullable [] cipherKey;
    private long cipherCounter;
    private @Nullable KeyPair ephemeral;
    private @Nullable PublicKey remoteEphemeral;
    private @Nullable PublicKey remoteStatic;
    private int step;
    private byte @Nullable [] tx;
    private byte @Nullable [] rx;

    /** An XX handshake without prologue, as npm {@code @hyperswarm/secret-stream} does it over TCP. */
    public NoiseHandshake(boolean initiator, KeyPair staticKeys, Entropy entropy) {
        this(Pattern.XX, initiator, staticKeys, new byte[0], null, entropy);
    }

    /**
     * A handshake of any of the patterns.
     *
     * @param staticKeys who this side is
     * @param prologue what both sides must agree on besides
     * @param remoteStatic the responder's key, which the initiator of {@link Pattern#IK} has to know
     * @param entropy where this side's ephemeral key comes from
     */
    public NoiseHandshake(
            Pattern pattern,
            boolean initiator,
            KeyPair staticKeys,
            byte[] prologue,
            @Nullable PublicKey remoteStatic,
            Entropy entropy) {
        this.pattern = pattern;
        this.initiator = initiator;
        this.staticKeys = staticKeys;
        this.entropy = entropy;
        byte[] name = ("Noise_" + pattern + "_Ed25519_ChaChaPoly_BLAKE2b").getBytes(StandardCharsets.US_ASCII);
        hash = Arrays.copyOf(name, HASH_BYTES);
        chainingKey = hash;
        mixHash(prologue);
        if (pattern.responderKnown) {
            if (initiator) {
                this.remoteStatic =
                        Objects.requireNonNull(remoteStatic, "the initiator of IK knows the responder's key");
            }
            mixHash((initiator ? Objects.requireNonNull(remoteStatic) : staticKeys.publicKey()).bytes());
        }
    }

    private NoiseHandshake(NoiseHandshake other) {
        pattern = other.pattern;
        initiator = other.initiator;
        staticKeys = other.staticKeys;
        entropy = other.entropy;
        hash = other.hash;
        chainingKey = other.chainingKey;
        cipherKey = other.cipherKey;
        cipherCounter = other.cipherCounter;
        ephemeral = other.ephemeral;
        remoteEphemeral = other.remoteEphemeral;
        remoteStatic = other.remoteStatic;
        step = other.step;
        tx = other.tx;
        rx = other.rx;
    }

    /**
     * The same handshake from here on, to try a message with that anybody may have made up. Of several copies only one may send:
     * their keys are the same.
     */
    public NoiseHandshake copy() {
        return new NoiseHandshake(this); // arrays are replaced, never changed
    }

    /** Whether both sides have all they need. */
    public boolean complete() {
        return tx != null;
    }

    /** Whether it is this side's turn to send. */
    public boolean sending() {
        return !complete() && (step % 2 == 0) == initiator;
    }

    /**
     * Makes this side's next message, with a payload that is encrypted as soon as there is a key.
     *
     * @throws WireException ({@link Reason#HANDSHAKE_FAILED}) when a key of the other side is none to agree on a secret with
     */
    public byte[] send(byte[] payload) {
        if (!sending()) {
            throw new IllegalStateException("it is not this side's turn to send in the handshake");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(128 + payload.length);
        for (Token token : pattern.messages.get(step)) {
            switch (token) {
                case E -> {
                    KeyPair keys = KeyPair.generate(entropy);
                    ephemeral = keys;
                    byte[] key = keys.publicKey().bytes();
                    mixHash(key);
                    out.writeBytes(key);
                }
                case S -> out.writeBytes(encryptAndHash(staticKeys.publicKey().bytes()));
                default -> mixKey(token);
            }
        }
        out.writeBytes(encryptAndHash(payload));
        advance();
        return out.toByteArray();
    }

    /**
     * Takes the other side's next message.
     *
     * @return its payload
     * @throws WireException ({@link Reason#HANDSHAKE_FAILED}) when it is too short, changed, made for somebody else, or holds
     *     a key of small order
     */
    public byte[] receive(byte[] message) {
        if (complete() || sending()) {
            throw new WireException(Reason.HANDSHAKE_FAILED, "the peer sent a handshake message out of turn");
        }
        try {
            int at = 0;
            for (Token token : pattern.messages.get(step)) {
                switch (token) {
                    case E -> {
                        byte[] key = take(message, at, KEY_BYTES);
                        remoteEphemeral = new PublicKey(key);
                        mixHash(key);
                        at += KEY_BYTES;
                    }
                    case S -> {
                        int lengthBytes = cipherKey == null ? KEY_BYTES : KEY_BYTES + ChaChaPoly.TAG_BYTES;
                        remoteStatic = new PublicKey(decryptAndHash(take(message, at, lengthBytes)));
                        at += lengthBytes;
                    }
                    default -> mixKey(token);
                }
            }
            byte[] payload = decryptAndHash(take(message, at, message.length - at));
            advance();
            return payload;
        } catch (CryptoException e) {
            throw invalid(e);
        }
    }

    /** The hash of all that was exchanged, {@value #HASH_BYTES} bytes: both sides have the same, and nobody else's equals it. */
    public byte[] handshakeHash() {
        requireComplete();
        return hash.clone();
    }

    /** The other side's static key, known from the message on that carried it. */
    public @Nullable PublicKey remotePublicKey() {
        return remoteStatic;
    }

    /** The 32-byte key for what this side sends. */
    public byte[] tx() {
        requireComplete();
        return Objects.requireNonNull(tx).clone();
    }

    /** The 32-byte key for what this side receives. */
    public byte[] rx() {
        requireComplete();
        return Objects.requireNonNull(rx).clone();
    }

    /** All that the handshake gave. */
    public NoiseSession session() {
        return new NoiseSession(initiator, Objects.requireNonNull(remoteStatic), handshakeHash(), tx(), rx());
    }

    private void requireComplete() {
        if (!complete()) {
            throw new IllegalStateException("the handshake is not complete");
        }
    }

    private void advance() {
        step++;
        if (step == pattern.messages.size()) {
            byte[][] keys = Hkdf.derive(chainingKey, new byte[0], 2);
            byte[] first = Arrays.copyOf(keys[0], KEY_BYTES);
            byte[] second = Arrays.copyOf(keys[1], KEY_BYTES);
            tx = initiator ? first : second;
            rx = initiator ? second : first;
            ephemeral = null;
            remoteEphemeral = null;
            cipherKey = null;
            chainingKey = new byte[0];
        }
    }

    private void mixHash(byte[] data) {
        hash = Blake2b.hash(HASH_BYTES, null, hash, data);
    }

    /** Mixes in what one key of each side agree on; a token names the initiator's key first. */
    private void mixKey(Token token) {
        boolean initiatorStatic = token == Token.SE || token == Token.SS;
        boolean responderStatic = token == Token.ES || token == Token.SS;
        boolean ownStatic = initiator ? initiatorStatic : responderStatic;
        boolean otherStatic = initiator ? responderStatic : initiatorStatic;
        KeyPair own = Objects.requireNonNull(ownStatic ? staticKeys : ephemeral);
        PublicKey other = Objects.requireNonNull(otherStatic ? remoteStatic : remoteEphemeral);
        byte[][] keys = Hkdf.derive(chainingKey, agree(own, other), 2);
        chainingKey = keys[0];
        cipherKey = Arrays.copyOf(keys[1], KEY_BYTES);
        cipherCounter = 0;
    }

    private static byte[] agree(KeyPair own, PublicKey other) {
        try {
            return Ed25519.diffieHellman(own.secretKey(), other);
        } catch (CryptoException e) {
            throw invalid(e);
        }
    }

    private static WireException invalid(CryptoException cause) {
        return new WireException(
                Reason.HANDSHAKE_FAILED, "the peer's handshake is invalid: " + cause.getMessage(), cause);
    }

    private byte[] encryptAndHash(byte[] plain) {
        byte[] key = cipherKey;
        byte[] cipher = key == null ? plain : ChaChaPoly.encrypt(key, cipherCounter++, hash, plain);
        mixHash(cipher);
        return cipher;
    }

    private byte[] decryptAndHash(byte[] cipher) {
        byte[] key = cipherKey;
        byte[] plain = key == null ? cipher : ChaChaPoly.decrypt(key, cipherCounter++, hash, cipher);
        mixHash(cipher);
        return plain;
    }

    private static byte[] take(byte[] message, int at, int lengthBytes) {
        if (at + lengthBytes > message.length) {
            throw new WireException(
                    Reason.HANDSHAKE_FAILED,
                    "the peer's handshake message is too short: " + message.length
                            + " bytes; it may speak another protocol");
        }
        return Arrays.copyOfRange(message, at, at + lengthBytes);
    }
}
