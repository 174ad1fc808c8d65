package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Signature;
import org.datdot.crypto.Ss58;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Call;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Against extrinsic-vectors.json, made by extrinsic-vectors.mjs with npm @polkadot/types 16.5.6. */
class ExtrinsicTest {
    private static final Hash GENESIS = new Hash(filled(0x5a));

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static JsonNode vectors() throws IOException {
        try (InputStream in = ExtrinsicTest.class.getResourceAsStream("extrinsic-vectors.json")) {
            return JsonRpc.MAPPER.readTree(in);
        }
    }

    private static Hash birth(JsonNode vector) {
        return new Hash(bytes(vector.path("birth")));
    }

    private static byte[] bytes(JsonNode json) {
        return RpcParams.bytes(json.asString());
    }

    @Test
    void shouldSignAsPolkadotJsWhenKeyAndNonceAreTheSame() throws IOException {
        JsonNode all = vectors();
        KeyPair key = KeyPair.fromSeed(bytes(all.path("seed")));
        assertThat(Ss58.encode(key.publicKey().bytes()))
                .isEqualTo(all.path("address").asString());
        assertThat(all.path("vectors").size()).isGreaterThanOrEqualTo(100);
        for (JsonNode vector : all.path("vectors")) {
            Call call = Call.decode(new ScaleDecoder(bytes(vector.path("call"))));
            Extrinsic.Terms terms = new Extrinsic.Terms(
                    Era.decode(new ScaleDecoder(bytes(vector.path("era")))),
                    vector.path("nonce").asLong(),
                    Long.parseLong(vector.path("tip").asString()));
            Extrinsic extrinsic = Extrinsic.sign(key, terms, call, GENESIS, birth(vector));
            assertThat(RpcParams.hex(extrinsic.encode()))
                    .isEqualTo(vector.path("extrinsic").asString());
            assertThat(RpcParams.hex(extrinsic.hash().bytes()))
                    .isEqualTo(vector.path("hash").asString());
            assertThat(RpcParams.hex(extrinsic.signature().bytes()))
                    .isEqualTo("0x" + vector.path("signature").asString().substring(4));
        }
    }

    @Test
    void shouldReadAndVerifyWhatPolkadotJsSigned() throws IOException {
        for (JsonNode vector : vectors().path("vectors")) {
            byte[] encoded = bytes(vector.path("extrinsic"));
            Extrinsic extrinsic = Extrinsic.decode(encoded);
            assertThat(extrinsic.nonce()).isEqualTo(vector.path("nonce").asLong());
            assertThat(RpcParams.hex(extrinsic.call().encode()))
                    .isEqualTo(vector.path("call").asString());
            assertThat(extrinsic.verify(GENESIS, birth(vector))).isTrue();
            assertThat(extrinsic.verify(new Hash(filled(0x5b)), birth(vector))).isFalse();
            assertThat(extrinsic.verify(GENESIS, new Hash(filled(0x5b)))).isFalse();
            assertThat(extrinsic.encode()).isEqualTo(encoded);
        }
    }

    @Test
    void shouldNotVerifyWhenAnyBitChanged() throws IOException {
        byte[] encoded = bytes(vectors().path("vectors").path(0).path("extrinsic"));
        int read = 0;
        for (int bit = 0; bit < encoded.length * 8; bit++) {
            byte[] changed = encoded.clone();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));
            try {
                assertThat(Extrinsic.decode(changed).verify(GENESIS, GENESIS))
                        .as("bit %d", bit)
                        .isFalse();
                read++;
            } catch (DecodingException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(read).isGreaterThan(64 * 8);
    }

    /** Whoever saw a signature could make these of it, or of nothing; the extrinsic's hash would be another one. */
    @Test
    void shouldNotVerifyWhenTheSignatureIsAnotherFormOfTheSignersOrOfAKeyThatFitsAll() throws IOException {
        BigInteger order = BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
        Extrinsic good =
                Extrinsic.decode(bytes(vectors().path("vectors").path(0).path("extrinsic")));
        assertThat(good.verify(GENESIS, GENESIS)).isTrue();
        byte[] signature = good.signature().bytes();
        BigInteger scalar = new BigInteger(1, reversed(Arrays.copyOfRange(signature, 32, 64)));
        for (int times = 1; times <= 8; times++) {
            byte[] other = reversed(
                    scalar.add(order.multiply(BigInteger.valueOf(times))).toByteArray());
            byte[] forged = Arrays.copyOf(signature, 64);
            System.arraycopy(Arrays.copyOf(other, 32), 0, forged, 32, 32);
            assertThat(with(good, good.signer(), forged).verify(GENESIS, GENESIS))
                    .as("%d times the order more", times)
                    .isFalse();
        }
        // Points of order 1, 2 and 4: with them the equation of a signature can hold for any message.
        for (String point : List.of("01" + "00".repeat(31), "ec" + "ff".repeat(30) + "7f", "00".repeat(32))) {
            byte[] key = HexFormat.of().parseHex(point);
            byte[] forged = Arrays.copyOf(key, 64);
            assertThat(with(good, new AccountId(key), forged).verify(GENESIS, GENESIS))
                    .as(point)
                    .isFalse();
        }
    }

    private static Extrinsic with(Extrinsic one, AccountId signer, byte[] signature) {
        return Extrinsic.of(signer, new Signature(signature), one.terms(), one.call());
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] out = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            out[i] = bytes[bytes.length - 1 - i];
        }
        return out;
    }

    @Test
    void shouldThrowOnlyDecodingExceptionsWhenBytesAreRandom() throws IOException {
        JsonNode all = vectors().path("vectors");
        long seed = 20261121;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = bytes(all.path(random.nextInt(all.size())).path("extrinsic"));
            for (int n = random.nextInt(4); n >= 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(bytes, random.nextInt(4) == 0 ? random.nextInt(bytes.length + 1) : bytes.length);
            try {
                assertThat(Extrinsic.decode(cut).encode()).isEqualTo(cut);
            } catch (DecodingException e) {
                assertThat(e.getMessage()).isNotBlank();
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + " round " + i + ": " + RpcParams.hex(cut), e);
            }
        }
    }

    @Test
    void shouldRefuseOtherFormatsKeysErasAndNoncesWhenDecoding() throws IOException {
        byte[] encoded = bytes(vectors().path("vectors").path(0).path("extrinsic"));
        // length 2, version 1, address 33, signature 65, era 1, nonce 1, tip 1
        assertThatThrownBy(() -> Extrinsic.decode(with(encoded, 2, 0x04))).hasMessageContaining("signed");
        assertThatThrownBy(() -> Extrinsic.decode(with(encoded, 3, 1))).hasMessageContaining("account id");
        assertThatThrownBy(() -> Extrinsic.decode(with(encoded, 36, 1))).hasMessageContaining("Ed25519");
        assertThatThrownBy(() -> Extrinsic.decode(with(encoded, 101, 12))).hasMessageContaining("era");
        assertThatThrownBy(() -> Extrinsic.decode(with(encoded, 102, 7))).hasMessageContaining("expected");
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        byte[] out = bytes.clone();
        out[at] = (byte) value;
        return out;
    }
}
