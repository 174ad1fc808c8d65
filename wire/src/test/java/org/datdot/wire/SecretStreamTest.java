package org.datdot.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.wire.WireException.Reason;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SecretStreamTest {
    private static final Entropy ENTROPY = Entropy.system();

    @Test
    void shouldDeliverAllMessagesInOrderWhenBytesComeInRandomPieces() {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            End a = new End(true, null);
            End b = new End(false, null);
            a.stream.start();
            List<byte[]> fromA = new ArrayList<>();
            List<byte[]> fromB = new ArrayList<>();
            while (fromA.size() < 30 || fromB.size() < 30 || a.out.size() > 0 || b.out.size() > 0) {
                a.maybeSend(random, fromA);
                b.maybeSend(random, fromB);
                a.moveTo(b, random.nextInt(1, 5000));
                b.moveTo(a, random.nextInt(1, 5000));
            }
            assertThat(a.stream.handshakeHash()).as("seed %d", seed).isEqualTo(b.stream.handshakeHash());
            assertThat(b.messages)
                    .as("seed %d", seed)
                    .usingElementComparator(Arrays::compare)
                    .isEqualTo(fromA);
            assertThat(a.messages)
                    .as("seed %d", seed)
                    .usingElementComparator(Arrays::compare)
                    .isEqualTo(fromB);
            assertThat(a.stream.remotePublicKey()).isEqualTo(b.keys.publicKey());
            assertThat(b.stream.remotePublicKey()).isEqualTo(a.keys.publicKey());
        }
    }

    @Test
    void shouldBeginWithTheHeadersWhenTheHandshakeIsOverAlready() {
        KeyPair first = KeyPair.generate(ENTROPY);
        KeyPair second = KeyPair.generate(ENTROPY);
        NoiseHandshake one =
                new NoiseHandshake(NoiseHandshake.Pattern.IK, true, first, new byte[0], second.publicKey(), ENTROPY);
        NoiseHandshake two = new NoiseHandshake(NoiseHandshake.Pattern.IK, false, second, new byte[0], null, ENTROPY);
        two.receive(one.send(new byte[0]));
        one.receive(two.send(new byte[0]));
        End a = new End(one.session());
        End b = new End(two.session());
        a.stream.start();
        b.stream.start();
        a.moveTo(b, Integer.MAX_VALUE);
        b.moveTo(a, Integer.MAX_VALUE);
        assertThat(a.stream.open()).isTrue();
        assertThat(b.stream.open()).isTrue();
        assertThat(b.stream.remotePublicKey()).isEqualTo(first.publicKey());
        b.take(a.stream.send(new byte[] {7}));
        a.take(b.stream.send(new byte[] {8}));
        assertThat(b.messages).containsExactly(new byte[] {7});
        assertThat(a.messages).containsExactly(new byte[] {8});

        NoiseSession other = new NoiseSession(true, first.publicKey(), new byte[64], new byte[32], new byte[32]);
        End stranger = new End(other);
        stranger.stream.start();
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> new End(two.session()).take(stranger.drain()))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.BAD_HEADER));
    }

    @Test
    void shouldReportKeepAlivesApartWhenMessagesAreEmpty() {
        End[] ends = connected();
        ends[1].take(ends[0].stream.send());
        assertThat(ends[1].messages).isEmpty();
        assertThat(ends[1].keepAlives).isEqualTo(1);
    }

    @Test
    void shouldCarryTheLongestMessageWhenItFitsOneFrame() {
        End[] ends = connected();
        byte[] longest = new byte[SecretStream.MAX_MESSAGE_BYTES];
        longest[longest.length - 1] = 5;
        ends[1].take(ends[0].stream.send(longest));
        assertThat(ends[1].messages).hasSize(1);
        assertThat(ends[1].messages.getFirst()).isEqualTo(longest);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> ends[0].stream.send(longest, new byte[1]))
                .withMessageContaining("several messages");
    }

    @Test
    void shouldFailNamedWhenAMessageWasChangedRepeatedOrDropped() {
        for (int at : new int[] {3, 4, 10, 22}) {
            End[] ends = connected();
            byte[] frame = ends[0].stream.send(new byte[] {1, 2, 3});
            frame[at] ^= 0x40;
            assertFails(Reason.BAD_MESSAGE, ends[1], frame);
        }
        End[] repeated = connected();
        byte[] frame = repeated[0].stream.send(new byte[] {1});
        repeated[1].take(frame);
        assertFails(Reason.BAD_MESSAGE, repeated[1], frame);
        End[] dropped = connected();
        dropped[0].stream.send(new byte[] {1});
        assertFails(Reason.BAD_MESSAGE, dropped[1], dropped[0].stream.send(new byte[] {2}));
    }

    @Test
    void shouldFailNamedWhenAFrameIsShorterThanAnyMessage() {
        assertFails(Reason.BAD_FRAME, connected()[1], new byte[] {16, 0, 0});
    }

    @Test
    void shouldRefuseLongHandshakeFramesBeforeWaitingForThemWhenAStrangerConnects() {
        End b = new End(false, null);
        assertFails(Reason.HANDSHAKE_FAILED, b, "GET / HTTP/1.1\r\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Test
    void shouldFailNamedWhenTheHeaderIsWrong() {
        End a = new End(true, null);
        End b = new End(false, null);
        a.stream.start();
        b.take(a.drain());
        a.take(b.drain());
        byte[] last = a.drain(); // the third handshake message and the header
        last[3 + 64 + 3] ^= 1;
        assertFails(Reason.BAD_HEADER, b, last);
        assertFails(Reason.BAD_HEADER, a, new byte[] {55, 0, 0});
    }

    @Test
    void shouldRefuseBeforeShowingItsOwnKeyWhenThePeerHoldsAnotherKey() {
        End a = new End(true, KeyPair.generate(ENTROPY).publicKey());
        End b = new End(false, null);
        a.stream.start();
        b.take(a.drain());
        assertFails(Reason.WRONG_KEY, a, b.drain());
        assertThat(a.drain()).isEmpty();
    }

    @Test
    void shouldConnectWhenThePeerHoldsTheExpectedKey() {
        End b = new End(false, null);
        End a = new End(true, b.keys.publicKey());
        a.stream.start();
        shake(a, b);
        assertThat(a.stream.open() && b.stream.open()).isTrue();
    }

    @Test
    void shouldOnlyFailNamedWhenBytesAreRandom() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            End end = random.nextBoolean() ? new End(false, null) : connected()[1];
            byte[] garbage = new byte[random.nextInt(1, 400)];
            random.nextBytes(garbage);
            if (random.nextBoolean()) {
                garbage[0] = (byte) random.nextInt(garbage.length);
                Arrays.fill(garbage, 1, Math.min(3, garbage.length), (byte) 0);
            }
            try {
                end.take(garbage);
            } catch (WireException e) {
                assertThat(e.reason())
                        .as("seed %d", seed)
                        .isIn(Reason.HANDSHAKE_FAILED, Reason.BAD_FRAME, Reason.BAD_MESSAGE);
            }
            assertThat(end.messages).as("seed %d", seed).isEmpty();
        }
    }

    private static void assertFails(Reason reason, End end, byte[] bytes) {
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> end.take(bytes))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private static End[] connected() {
        End a = new End(true, null);
        End b = new End(false, null);
        a.stream.start();
        shake(a, b);
        return new End[] {a, b};
    }

    private static void shake(End a, End b) {
        for (int i = 0; i < 3; i++) {
            b.take(a.drain());
            a.take(b.drain());
        }
    }

    private static final class End implements SecretStream.Listener {
        final KeyPair keys = KeyPair.generate(ENTROPY);
        final SecretStream stream;
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final List<byte[]> messages = new ArrayList<>();
        byte[] rest = new byte[0];
        int keepAlives;

        End(NoiseSession session) {
            stream = new SecretStream(session, this);
        }

        End(boolean initiator, @Nullable PublicKey expected) {
            stream = new SecretStream(initiator, keys, expected, ENTROPY, this);
        }

        void maybeSend(Random random, List<byte[]> sent) {
            if (stream.open() && sent.size() < 30 && random.nextInt(3) == 0) {
                byte[] message = new byte[1 + random.nextInt(random.nextInt(10) == 0 ? 20_000 : 300)];
                random.nextBytes(message);
                sent.add(message);
                int cut = random.nextInt(message.length);
                out.writeBytes(
                        stream.send(Arrays.copyOf(message, cut), Arrays.copyOfRange(message, cut, message.length)));
            }
        }

        void moveTo(End other, int byteLength) {
            byte[] all = drain();
            int n = Math.min(all.length, byteLength);
            out.write(all, n, all.length - n);
            other.take(Arrays.copyOf(all, n));
        }

        void take(byte[] bytes) {
            byte[] all = Arrays.copyOf(rest, rest.length + bytes.length);
            System.arraycopy(bytes, 0, all, rest.length, bytes.length);
            int at = 0;
            for (int taken = -1; taken != 0; at += taken) {
                taken = stream.receive(all, at, all.length - at);
            }
            rest = Arrays.copyOfRange(all, at, all.length);
        }

        byte[] drain() {
            byte[] bytes = out.toByteArray();
            out.reset();
            return bytes;
        }

        @Override
        public void onOutput(byte[] frames) {
            out.writeBytes(frames);
        }

        @Override
        public void onOpen() {}

        @Override
        public void onMessage(byte[] message) {
            messages.add(message);
        }

        @Override
        public void onKeepAlive() {
            keepAlives++;
        }
    }
}
