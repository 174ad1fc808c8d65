package org.datdot.wire;

import java.util.Arrays;
import java.util.Objects;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.CryptoException;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Namespaces;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.SecretStreamCipher;
import org.datdot.wire.WireException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Encrypted, authenticated messages over a stream of bytes: npm {@code @hyperswarm/secret-stream} ({@code index.js}) as it
 * speaks over TCP. Each frame is {@code uint24 LE length || bytes}: first three of a Noise XX handshake, then from each side
 * a header ({@code streamId 32 || secretstream header 24}), then messages, 17 bytes longer than their content. An empty
 * message is a keep-alive.
 *
 * <p>A state machine without I/O. The receiving half ({@link #start}, {@link #receive}) is for one thread; once {@link
 * #open()}, the sending half ({@link #seal}, {@link #send}) may be used by one other. After a {@link WireException} the stream
 * cannot be used any more.
 */
public final class SecretStream {
    /** What a stream tells its owner, on the receiving thread. */
    public interface Listener {
        /** Frames of the handshake which have to go out now, before anything else. */
        void onOutput(byte[] frames);

        /** The handshake is over and the peer's header is verified: messages flow. */
        void onOpen();

        /** A message of the peer; the array belongs to the listener. Keep-alives are reported by {@link #onKeepAlive()}. */
        void onMessage(byte[] message);

        /** The peer showed that it is there. */
        default void onKeepAlive() {}
    }

    /** Bytes which a frame has before its content: the length. */
    public static final int LENGTH_BYTES = 3;

    /** How much longer a message's frame is than the message. */
    public static final int OVERHEAD_BYTES = LENGTH_BYTES + SecretStreamCipher.OVERHEAD_BYTES;

    /** The longest content of a frame. */
    public static final int MAX_FRAME_BYTES = 0xff_ffff;

    /** The longest message. */
    public static final int MAX_MESSAGE_BYTES = MAX_FRAME_BYTES - SecretStreamCipher.OVERHEAD_BYTES;

    /** The longest frame during the handshake; the stock package's have 96 bytes and less. */
    static final int MAX_HANDSHAKE_BYTES = 1024;

    private static final int ID_BYTES = 32;
    private static final int HEADER_BYTES = ID_BYTES + SecretStreamCipher.HEADER_BYTES;
    private static final byte[][] NAMESPACES = Namespaces.derive("hyperswarm/secret-stream", 0, 1);

    private final boolean initiator;
    private final @Nullable PublicKey expected;
    private final @Nullable NoiseHandshake handshake;
    private final Listener listener;
    private @Nullable NoiseSession session;
    private SecretStreamCipher.@Nullable Push push;
    private SecretStreamCipher.@Nullable Pull pull;

    /**
     * A stream before its handshake.
     *
     * @param initiator whether this side dialled
     * @param keys who this side is
     * @param expected the only key the peer may prove to hold; null takes everybody
     * @param entropy where the ephemeral key comes from
     */
    public SecretStream(
            boolean initiator, KeyPair keys, @Nullable PublicKey expected, Entropy entropy, Listener listener) {
        this.initiator = initiator;
        this.expected = expected;
        this.handshake = new NoiseHandshake(initiator, keys, entropy);
        this.listener = listener;
    }

    /** A stream whose handshake is over already: it begins with the headers. */
    public SecretStream(NoiseSession session, Listener listener) {
        this.initiator = session.initiator();
        this.expected = null;
        this.handshake = null;
        this.session = session;
        this.listener = listener;
    }

    /** Begins: the initiator's first frame goes out; with a session, the header of either side. */
    public void start() {
        NoiseSession known = session;
        if (known != null) {
            listener.onOutput(header(known));
        } else if (initiator) {
            listener.onOutput(frame(Objects.requireNonNull(handshake).send(new byte[0])));
        }
    }

    /** Whether this side dialled. */
    public boolean initiator() {
        return initiator;
    }

    /** Whether the handshake is over and the peer's header was verified. */
    public boolean open() {
        return pull != null;
    }

    /** The 64-byte hash of the handshake. */
    public byte[] handshakeHash() {
        return requireSession().handshakeHash().clone();
    }

    /** The key the peer proved to hold. */
    public PublicKey remotePublicKey() {
        return requireSession().remotePublicKey();
    }

    private NoiseSession requireSession() {
        return Objects.requireNonNull(session, "the handshake is not complete");
    }

    /**
     * How many bytes, from its first on, a frame takes, of which {@code lengthBytes} bytes are here; with fewer than three
     * here, three.
     */
    public static int frameBytes(byte[] source, int offset, int lengthBytes) {
        if (lengthBytes < LENGTH_BYTES) {
            return LENGTH_BYTES;
        }
        return LENGTH_BYTES
                + ((source[offset] & 0xff) | (source[offset + 1] & 0xff) << 8 | (source[offset + 2] & 0xff) << 16);
    }

    /**
     * Takes the frames which are complete within the given part of an array, and tells the listener. Stops behind the frame
     * that {@link #open()}s the stream, even if more are there, so that the owner can prepare before the first message.
     *
     * @return how many bytes were taken; the caller keeps the rest and hands it in again, in front of what comes next
     * @throws WireException when the peer broke the protocol
     */
    public int receive(byte[] source, int offset, int lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, source.length);
        int taken = 0;
        while (lengthBytes - taken >= LENGTH_BYTES) {
            int frameBytes = frameBytes(source, offset + taken, lengthBytes - taken);
            checkLength(frameBytes - LENGTH_BYTES); // before waiting for the rest of it
            if (frameBytes > lengthBytes - taken) {
                break;
            }
            int at = offset + taken + LENGTH_BYTES;
            taken += frameBytes;
            boolean wasOpen = open();
            receiveFrame(source, at, frameBytes - LENGTH_BYTES);
            if (!wasOpen && open()) {
                break; // the owner prepares for messages first
            }
        }
        return taken;
    }

    /**
     * Encrypts a message into its frame.
     *
     * @param target takes {@code message.byteLength() + OVERHEAD_BYTES} bytes from {@code offset} on
     * @return how many bytes were written
     */
    public int seal(OutgoingMessage message, byte[] target, int offset) {
        SecretStreamCipher.Push cipher = Objects.requireNonNull(push, "the handshake is not complete");
        int byteLength = message.byteLength();
        putLength(target, offset, byteLength + SecretStreamCipher.OVERHEAD_BYTES);
        // The plain text is laid one byte behind the place of its ciphertext, which encrypts it in place.
        message.copyTo(target, offset + LENGTH_BYTES + 1);
        int cipherBytes = cipher.push(target, offset + LENGTH_BYTES + 1, byteLength, target, offset + LENGTH_BYTES);
        return LENGTH_BYTES + cipherBytes;
    }

    /** Encrypts a message, the concatenation of {@code parts}, into a new array; without parts, a keep-alive. */
    public byte[] send(byte[]... parts) {
        OutgoingMessage message = OutgoingMessage.of(parts);
        byte[] frame = new byte[message.byteLength() + OVERHEAD_BYTES];
        seal(message, frame, 0);
        return frame;
    }

    private void checkLength(int lengthBytes) {
        if (pull != null) {
            if (lengthBytes < SecretStreamCipher.OVERHEAD_BYTES) {
                throw new WireException(
                        Reason.BAD_FRAME,
                        "the peer sent a frame of " + lengthBytes + " bytes, shorter than any message");
            }
        } else if (session != null) {
            if (lengthBytes != HEADER_BYTES) {
                throw new WireException(
                        Reason.BAD_HEADER, "the peer's stream header has " + lengthBytes + " bytes instead of 56");
            }
        } else if (lengthBytes > MAX_HANDSHAKE_BYTES) {
            throw new WireException(
                    Reason.HANDSHAKE_FAILED,
                    "the peer began with a frame of " + lengthBytes
                            + " bytes; it does not speak Hyperswarm's secret stream");
        }
    }

    private void receiveFrame(byte[] source, int offset, int lengthBytes) {
        SecretStreamCipher.Pull cipher = pull;
        if (cipher != null) {
            byte[] message = new byte[lengthBytes - SecretStreamCipher.OVERHEAD_BYTES];
            try {
                cipher.pull(source, offset, lengthBytes, message, 0);
            } catch (CryptoException e) {
                throw new WireException(Reason.BAD_MESSAGE, "the peer's message did not decrypt: " + e.getMessage(), e);
            }
            if (message.length == 0) {
                listener.onKeepAlive();
            } else {
                listener.onMessage(message);
            }
        } else if (session != null) {
            receiveHeader(session, source, offset);
        } else {
            receiveHandshake(
                    Objects.requireNonNull(handshake), Arrays.copyOfRange(source, offset, offset + lengthBytes));
        }
    }

    private void receiveHandshake(NoiseHandshake noise, byte[] message) {
        noise.receive(message);
        PublicKey remote = noise.remotePublicKey();
        // Checked before the own static key is sent, so that a stranger does not learn who dialled.
        if (remote != null && expected != null && !remote.equals(expected)) {
            throw new WireException(
                    Reason.WRONG_KEY,
                    "the peer holds the key " + remote.hex() + " instead of " + expected.hex()
                            + "; somebody else listens at this address");
        }
        byte[] reply = noise.complete() ? new byte[0] : frame(noise.send(new byte[0]));
        if (!noise.complete()) {
            listener.onOutput(reply);
            return;
        }
        NoiseSession made = noise.session();
        session = made;
        byte[] header = header(made);
        byte[] output = Arrays.copyOf(reply, reply.length + header.length);
        System.arraycopy(header, 0, output, reply.length, header.length);
        listener.onOutput(output);
    }

    /** This side's header frame; from then on it can send. */
    private byte[] header(NoiseSession made) {
        SecretStreamCipher.Push cipher = new SecretStreamCipher.Push(made.tx());
        push = cipher;
        byte[] content = Arrays.copyOf(streamId(made.handshakeHash(), initiator), HEADER_BYTES);
        System.arraycopy(cipher.header(), 0, content, ID_BYTES, SecretStreamCipher.HEADER_BYTES);
        return frame(content);
    }

    private void receiveHeader(NoiseSession made, byte[] source, int offset) {
        byte[] id = Arrays.copyOfRange(source, offset, offset + ID_BYTES);
        if (!Arrays.equals(id, streamId(made.handshakeHash(), !initiator))) {
            throw new WireException(Reason.BAD_HEADER, "the peer's stream header belongs to another handshake");
        }
        byte[] header = Arrays.copyOfRange(source, offset + ID_BYTES, offset + HEADER_BYTES);
        pull = new SecretStreamCipher.Pull(made.rx(), header);
        listener.onOpen();
    }

    private static byte[] streamId(byte[] handshakeHash, boolean initiator) {
        return Blake2b.hash(ID_BYTES, handshakeHash, NAMESPACES[initiator ? 0 : 1]);
    }

    private static byte[] frame(byte[] content) {
        byte[] frame = new byte[LENGTH_BYTES + content.length];
        putLength(frame, 0, content.length);
        System.arraycopy(content, 0, frame, LENGTH_BYTES, content.length);
        return frame;
    }

    private static void putLength(byte[] target, int offset, int lengthBytes) {
        target[offset] = (byte) lengthBytes;
        target[offset + 1] = (byte) (lengthBytes >>> 8);
        target[offset + 2] = (byte) (lengthBytes >>> 16);
    }
}
