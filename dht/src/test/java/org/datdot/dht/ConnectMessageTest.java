package org.datdot.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.datdot.crypto.CryptoException;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.encoding.DecodingException;
import org.datdot.wire.NoiseSession;
import org.datdot.wire.WireException;
import org.junit.jupiter.api.Test;

/** What peers that connect tell each other, as stock hyperdht writes it: interop/node/dht-vectors.js. */
class ConnectMessageTest {
    private static final KeyPair CLIENT = KeyPair.fromSeed(MessageTest.filled(32, 3));
    private static final KeyPair SERVER = KeyPair.fromSeed(MessageTest.filled(32, 4));
    private static final PeerAddress OWN = MessageTest.OWN;
    private static final PeerAddress OTHER = MessageTest.OTHER;
    private static final NoisePayload BARE =
            new NoisePayload(1, 0, Firewall.UNKNOWN, null, List.of(), null, false, null, List.of());
    private static final NoisePayload FULL = new NoisePayload(
            1,
            ConnectError.TRY_LATER,
            Firewall.CONSISTENT,
            new NoisePayload.Holepunch(
                    257, List.of(new NoisePayload.Relay(OWN, OTHER), new NoisePayload.Relay(OTHER, OWN))),
            List.of(OWN, OTHER),
            new NoisePayload.Udx(true, 4_000_000_000L, 7),
            true,
            new NoisePayload.RelayThrough(CLIENT.publicKey(), MessageTest.filled(32, 6)),
            List.of(OTHER));
    private static final HolepunchPayload LOUD = new HolepunchPayload(
            ConnectError.ABORTED,
            Firewall.RANDOM,
            2,
            true,
            true,
            List.of(OWN, OTHER),
            OTHER,
            MessageTest.filled(32, 1),
            MessageTest.filled(32, 2));

    @Test
    void shouldWriteTheRoutedMessagesOfTheStockPackage() {
        for (RelayMode mode : RelayMode.values()) {
            int code = mode.code();
            PeerAddress peer = (code & 1) == 0 ? null : OWN;
            PeerAddress relay = (code & 2) == 0 ? null : OTHER;
            HandshakeMessage handshake = new HandshakeMessage(mode, MessageTest.filled(116, code), peer, relay);
            byte[] expected = Vectors.of("handshake." + code);
            assertThat(handshake.encode()).as("%s", mode).isEqualTo(expected);
            assertThat(HandshakeMessage.decode(expected))
                    .usingRecursiveComparison()
                    .isEqualTo(handshake);
            HolepunchMessage holepunch = new HolepunchMessage(mode, code * 300L, MessageTest.filled(90, code), peer);
            expected = Vectors.of("holepunch." + code);
            assertThat(holepunch.encode()).as("%s", mode).isEqualTo(expected);
            assertThat(HolepunchMessage.decode(expected))
                    .usingRecursiveComparison()
                    .isEqualTo(holepunch);
        }
    }

    @Test
    void shouldWriteTheNoisePayloadsOfTheStockPackage() {
        assertThat(BARE.encode()).isEqualTo(Vectors.of("noisePayload.bare"));
        assertThat(FULL.encode()).isEqualTo(Vectors.of("noisePayload.full"));
        assertSame(NoisePayload.decode(Vectors.of("noisePayload.bare")), BARE);
        assertSame(NoisePayload.decode(Vectors.of("noisePayload.full")), FULL);
        assertSame(NoisePayload.decode(Vectors.of("noisePayload.addresses6")), FULL);
    }

    @Test
    void shouldSayNothingButTheVersionWhenAPayloadIsOfAnother() {
        NoisePayload later = NoisePayload.decode(new byte[] {2, 99, 98, 97});
        assertThat(later.version()).isEqualTo(2);
        assertThat(later.udx()).isNull();
    }

    @Test
    void shouldWriteTheHolepunchPayloadsOfTheStockPackage() {
        HolepunchPayload quiet = new HolepunchPayload(0, Firewall.UNKNOWN, 0, false, false, null, null, null, null);
        assertThat(quiet.encode()).isEqualTo(Vectors.of("holepunchPayload.quiet"));
        assertThat(LOUD.encode()).isEqualTo(Vectors.of("holepunchPayload.loud"));
        assertSame(HolepunchPayload.decode(Vectors.of("holepunchPayload.quiet")), quiet);
        assertSame(HolepunchPayload.decode(Vectors.of("holepunchPayload.loud")), LOUD);
    }

    @Test
    void shouldOpenWhatTheStockPackageEncryptedAndMakeItsTokens() {
        HolepunchSecret secret = new HolepunchSecret(MessageTest.filled(32, 5), bytes -> Arrays.fill(bytes, (byte) 4));
        assertThat(secret.token(OWN)).isEqualTo(Vectors.of("secure.token"));
        assertThat(secret.token(new PeerAddress(OWN.host(), 1))).isEqualTo(Vectors.of("secure.token"));
        assertSame(secret.decrypt(Vectors.of("secure.box")), LOUD);
        assertSame(secret.decrypt(secret.encrypt(LOUD)), LOUD);
        byte[] changed = Vectors.of("secure.box");
        changed[30] ^= 1;
        assertThatThrownBy(() -> secret.decrypt(changed)).isInstanceOf(CryptoException.class);
    }

    @Test
    void shouldDoTheHandshakeOfTheStockPackage() {
        ConnectHandshake client = ConnectHandshake.client(CLIENT, SERVER.publicKey(), seeds(11));
        ConnectHandshake server = ConnectHandshake.server(SERVER, seeds(12));
        byte[] first = client.send(BARE);
        assertThat(first).isEqualTo(Vectors.of("noise.first"));
        assertSame(server.receive(first.clone()), BARE);
        assertThat(server.remotePublicKey()).isEqualTo(CLIENT.publicKey());
        byte[] second = server.send(FULL);
        assertThat(second).isEqualTo(Vectors.of("noise.second"));
        assertSame(client.receive(second.clone()), FULL);
        NoiseSession session = client.session();
        assertThat(session.initiator()).isTrue();
        assertThat(session.remotePublicKey()).isEqualTo(SERVER.publicKey());
        assertThat(session.handshakeHash()).isEqualTo(Vectors.of("noise.hash"));
        assertThat(session.tx()).isEqualTo(Vectors.of("noise.clientTx"));
        assertThat(session.rx()).isEqualTo(Vectors.of("noise.clientRx"));
        assertThat(server.session().tx()).isEqualTo(session.rx());
        HolepunchSecret stock = new HolepunchSecret(Vectors.of("noise.holepunchSecret"), Entropy.system());
        assertSame(stock.decrypt(client.holepunchSecret(Entropy.system()).encrypt(LOUD)), LOUD);
        assertSame(server.holepunchSecret(Entropy.system()).decrypt(stock.encrypt(LOUD)), LOUD);
    }

    @Test
    void shouldRefuseAHandshakeMeantForAnotherKeyOrChanged() {
        byte[] first =
                ConnectHandshake.client(CLIENT, SERVER.publicKey(), seeds(11)).send(BARE);
        ConnectHandshake other = ConnectHandshake.server(KeyPair.fromSeed(MessageTest.filled(32, 5)), seeds(12));
        assertThatThrownBy(() -> other.receive(first.clone())).isInstanceOf(WireException.class);
        for (int i = 0; i < first.length; i++) {
            byte[] changed = first.clone();
            changed[i] ^= 1;
            ConnectHandshake server = ConnectHandshake.server(SERVER, seeds(12));
            assertThatThrownBy(() -> server.receive(changed)).as("byte %d", i).isInstanceOf(WireException.class);
        }
    }

    @Test
    void shouldThrowNothingButDecodingExceptionWhenMessagesAreNoise() {
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] noise = new byte[random.nextInt(80)];
            random.nextBytes(noise);
            if (noise.length > 0) noise[0] &= 0x7f;
            onlyDecodingException(seed, () -> HandshakeMessage.decode(noise));
            onlyDecodingException(seed, () -> HolepunchMessage.decode(noise));
            onlyDecodingException(seed, () -> HolepunchPayload.decode(noise));
            if (noise.length > 0) noise[0] = 1;
            onlyDecodingException(seed, () -> NoisePayload.decode(noise));
        }
    }

    private static void onlyDecodingException(long seed, Runnable decoding) {
        try {
            decoding.run();
        } catch (DecodingException e) {
            assertThat(e).hasMessageNotContaining("null");
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static void assertSame(Object actual, Object expected) {
        assertThat(actual).usingRecursiveComparison().isEqualTo(expected);
    }

    private static Entropy seeds(int value) {
        return bytes -> Arrays.fill(bytes, (byte) value);
    }
}
