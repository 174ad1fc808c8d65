package org.datdot.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.wire.NoiseHandshake.Pattern;
import org.datdot.wire.WireException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Vectors of the stock noise-handshake: interop/node/wire-noise-vectors.mjs. */
class NoiseHandshakeTest {
    private static final KeyPair INITIATOR = KeyPair.fromSeed(filled(1));
    private static final KeyPair RESPONDER = KeyPair.fromSeed(filled(2));

    @ParameterizedTest
    @EnumSource(Pattern.class)
    void shouldSayWhatTheStockHandshakeSaysWhenKeysAreTheSame(Pattern pattern) throws IOException {
        Map<String, byte[]> vectors = vectors(pattern);
        byte[] prologue = vector(vectors, "prologue");
        NoiseHandshake a = new NoiseHandshake(pattern, true, INITIATOR, prologue, RESPONDER.publicKey(), fixed(11));
        NoiseHandshake b = new NoiseHandshake(pattern, false, RESPONDER, prologue, null, fixed(12));
        int messages = 0;
        for (; !a.complete() || !b.complete(); messages++) {
            NoiseHandshake from = a.sending() ? a : b;
            NoiseHandshake to = a.sending() ? b : a;
            byte[] payload = vector(vectors, "payload" + messages);
            byte[] message = from.send(payload);
            assertThat(message).isEqualTo(vector(vectors, "message" + messages));
            assertThat(to.receive(message)).isEqualTo(payload);
        }
        assertThat(messages).isEqualTo(pattern == Pattern.XX ? 3 : 2);
        assertThat(a.handshakeHash()).isEqualTo(vector(vectors, "hash")).isEqualTo(b.handshakeHash());
        assertThat(a.tx()).isEqualTo(vector(vectors, "initiatorTx")).isEqualTo(b.rx());
        assertThat(a.rx()).isEqualTo(vector(vectors, "initiatorRx")).isEqualTo(b.tx());
        assertThat(a.remotePublicKey()).isEqualTo(RESPONDER.publicKey());
        assertThat(b.remotePublicKey()).isEqualTo(INITIATOR.publicKey());
    }

    @Test
    void shouldFailNamedWhenAnyBitOfAMessageIsFlipped() {
        for (int step = 1; step < 3; step++) {
            int length = step == 1 ? 96 : 64;
            for (int at = 0; at < length; at++) {
                int changed = at;
                int changedStep = step;
                assertThatExceptionOfType(WireException.class)
                        .as("byte " + at + " of message " + step)
                        .isThrownBy(() -> handshakeWithFlippedBit(changedStep, changed))
                        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.HANDSHAKE_FAILED));
            }
        }
    }

    @Test
    void shouldStillTakeTheRealAnswerWhenACopyWasTriedWithAForgedOne() {
        byte[] prologue = {1, 2, 3};
        NoiseHandshake a = new NoiseHandshake(Pattern.IK, true, INITIATOR, prologue, RESPONDER.publicKey(), fixed(11));
        NoiseHandshake b = new NoiseHandshake(Pattern.IK, false, RESPONDER, prologue, null, fixed(12));
        b.receive(a.send(new byte[] {4}));
        byte[] answer = b.send(new byte[] {5});
        byte[] forged = answer.clone();
        forged[40] ^= 1;
        assertThatThrownBy(() -> a.copy().receive(forged)).isInstanceOf(WireException.class);
        NoiseHandshake copy = a.copy();
        assertThat(copy.receive(answer)).containsExactly(5);
        assertThat(copy.complete()).isTrue();
        assertThat(copy.tx()).isEqualTo(b.rx());
        assertThat(copy.handshakeHash()).isEqualTo(b.handshakeHash());
        assertThat(a.complete()).as("what it was copied from stays as it was").isFalse();
        assertThat(a.receive(answer)).containsExactly(5);
        assertThat(a.rx()).isEqualTo(copy.rx());
    }

    @Test
    void shouldRefuseWhenTheEphemeralKeyHasSmallOrder() {
        NoiseHandshake b = new NoiseHandshake(false, RESPONDER, fixed(12));
        byte[] identity = new byte[32];
        identity[0] = 1;
        assertThat(b.receive(identity)).isEmpty(); // nothing is agreed on yet
        assertThatThrownBy(() -> b.send(new byte[0])).isInstanceOf(WireException.class);
    }

    @Test
    void shouldRefuseWhenAMessageIsTruncated() {
        for (int length : new int[] {0, 1, 31}) {
            NoiseHandshake b = new NoiseHandshake(false, RESPONDER, fixed(12));
            assertThatThrownBy(() -> b.receive(new byte[length])).isInstanceOf(WireException.class);
        }
        for (int length : new int[] {0, 32, 79, 80, 95}) {
            NoiseHandshake a = new NoiseHandshake(true, INITIATOR, fixed(11));
            NoiseHandshake b = new NoiseHandshake(false, RESPONDER, fixed(12));
            b.receive(a.send(new byte[0]));
            byte[] cut = Arrays.copyOf(b.send(new byte[0]), length);
            assertThatThrownBy(() -> a.receive(cut)).isInstanceOf(WireException.class);
        }
    }

    @Test
    void shouldRefuseWhenUsedOutOfTurn() {
        NoiseHandshake a = new NoiseHandshake(true, INITIATOR, fixed(11));
        assertThatThrownBy(() -> a.receive(new byte[32])).isInstanceOf(WireException.class);
        NoiseHandshake b = new NoiseHandshake(false, RESPONDER, fixed(11));
        assertThatThrownBy(() -> b.send(new byte[0])).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(b::tx).isInstanceOf(IllegalStateException.class);
    }

    private static void handshakeWithFlippedBit(int step, int at) {
        NoiseHandshake a = new NoiseHandshake(true, INITIATOR, fixed(11));
        NoiseHandshake b = new NoiseHandshake(false, RESPONDER, fixed(12));
        for (int i = 0; i < 3; i++) {
            byte[] message = (i % 2 == 0 ? a : b).send(new byte[0]);
            if (i == step) {
                message[at] ^= 1;
            }
            (i % 2 == 0 ? b : a).receive(message);
        }
    }

    private static Map<String, byte[]> vectors(Pattern pattern) throws IOException {
        Map<String, byte[]> vectors = new HashMap<>();
        try (InputStream in = NoiseHandshakeTest.class.getResourceAsStream("/noise-handshakes.txt")) {
            new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split(" "))
                    .filter(words -> words[0].equals(pattern.name()))
                    .forEach(words -> vectors.put(
                            words[1],
                            words[2].equals("-") ? new byte[0] : HexFormat.of().parseHex(words[2])));
        }
        return vectors;
    }

    private static byte[] vector(Map<String, byte[]> vectors, String name) {
        return Objects.requireNonNull(vectors.get(name), name);
    }

    private static Entropy fixed(int value) {
        return target -> Arrays.fill(target, (byte) value);
    }

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
