package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleEncoder;
import org.junit.jupiter.api.Test;

class CodecTest {
    /** A type's codec and random values of it. */
    private record Kind<T>(Codec<T> codec, Function<Samples, T> sample) {
        void roundTrip(long seed) {
            T value = sample.apply(new Samples(seed));
            byte[] bytes = codec.encode(value);
            T again = codec.decode(bytes);
            assertThat(again).as("seed %d", seed).isEqualTo(value);
            assertThat(codec.encode(again)).as("seed %d", seed).isEqualTo(bytes);
        }

        /** Whatever the bytes: a value with exactly these bytes, or a DecodingException. */
        void decodeGarbage(byte[] bytes, long seed) {
            try {
                T value = codec.decode(bytes);
                assertThat(codec.encode(value)).as("seed %d", seed).isEqualTo(bytes);
            } catch (DecodingException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    private static final Map<String, Kind<?>> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put("call", new Kind<>(Call.CODEC, Samples::call));
        KINDS.put("event", new Kind<>(Event.CODEC, Samples::event));
        KINDS.put("item", new Kind<>(Item.CODEC, Samples::item));
        KINDS.put("outcome", new Kind<>(Outcome.CODEC, Samples::outcome));
        KINDS.put("statement", new Kind<>(ReplicaStatement.CODEC, Samples::statement));
        KINDS.put("receipt", new Kind<>(HosterReceipt.CODEC, Samples::receipt));
        KINDS.put("proof", new Kind<>(StorageProof.CODEC, Samples::proof));
        KINDS.put("head", new Kind<>(FeedHead.CODEC, Samples::head));
        KINDS.put("form", new Kind<>(Form.CODEC, Samples::form));
        KINDS.put("jobs", new Kind<>(Jobs.CODEC, Samples::jobs));
        KINDS.put("task", new Kind<>(Task.CODEC, Samples::task));
        KINDS.put("account", new Kind<>(AccountData.CODEC, Samples::accountData));
        KINDS.put("genesis", new Kind<>(Genesis.CODEC, Samples::genesis));
        KINDS.put("parameters", new Kind<>(Parameters.CODEC, samples -> Parameters.devnet()));
    }

    @Test
    void shouldReadWhatItWrote() {
        KINDS.values().forEach(kind -> {
            for (long seed = 0; seed < 1_000; seed++) {
                kind.roundTrip(seed);
            }
        });
    }

    @Test
    void shouldRefuseEveryShortenedValueWithADecodingException() {
        KINDS.forEach((name, kind) -> {
            for (long seed = 0; seed < 60; seed++) {
                byte[] bytes = encoded(kind, seed);
                for (int length = 0; length < bytes.length; length++) {
                    byte[] part = Arrays.copyOf(bytes, length);
                    assertThatThrownBy(() -> kind.codec.decode(part))
                            .as("%s, seed %d, %d bytes", name, seed, length)
                            .isInstanceOf(DecodingException.class);
                }
                byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
                assertThatThrownBy(() -> kind.codec.decode(longer)).as(name).isInstanceOf(DecodingException.class);
            }
        });
    }

    private static <T> byte[] encoded(Kind<T> kind, long seed) {
        return kind.codec.encode(kind.sample.apply(new Samples(seed)));
    }

    @Test
    void shouldAnswerGarbageWithNothingButADecodingException() {
        KINDS.values().forEach(kind -> {
            for (long seed = 0; seed < 3_000; seed++) {
                Random random = new Random(seed);
                byte[] bytes = encoded(kind, seed);
                int changes = 1 + random.nextInt(3);
                for (int i = 0; i < changes && bytes.length > 0; i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
                kind.decodeGarbage(bytes, seed);
                byte[] noise = new byte[random.nextInt(60)];
                random.nextBytes(noise);
                kind.decodeGarbage(noise, seed);
            }
        });
    }

    @Test
    void shouldWriteCallsWithPalletAndCallIndex() {
        AccountId to = World.TREASURY;
        assertThat(new Call.Transfer(to, 1_000).encode())
                .isEqualTo(new ScaleEncoder()
                        .u8(2)
                        .u8(0)
                        .fixed(to.bytes())
                        .compact(1_000)
                        .toBytes());
        Samples samples = new Samples(1);
        assertThat(new Call.NewUser(samples.key(), samples.key()).encode()).startsWith(1, 0);
        assertThat(new Call.RegisterForWork(samples.form()).encode()).startsWith(1, 1);
        assertThat(new Call.PublishFeed(samples.coreKey(), samples.blob(), samples.head()).encode())
                .startsWith(1, 2);
        assertThat(new Call.AmendmentReport(1, java.util.List.of()).encode()).startsWith(1, 4);
        assertThat(new Call.SubmitStorageChallenge(1, java.util.List.of()).encode())
                .startsWith(1, 5);
    }

    @Test
    void shouldRefuseAnAmountAboveAllUnitsThereCanBe() {
        byte[] bytes = new ScaleEncoder()
                .u8(2)
                .u8(0)
                .fixed(World.TREASURY.bytes())
                .compact(BigInteger.ONE.shiftLeft(63))
                .toBytes();
        assertThatThrownBy(() -> Call.CODEC.decode(bytes)).isInstanceOf(DecodingException.class);
    }
}
