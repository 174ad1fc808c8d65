package org.datdot.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.datdot.encoding.Vectors.bytes;
import static org.datdot.encoding.Vectors.hex;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ScaleTest {
    /** From the documentation and tests of the Rust crate parity-scale-codec. */
    private static final Map<String, String> COMPACTS = Map.ofEntries(
            Map.entry("0", "00"),
            Map.entry("1", "04"),
            Map.entry("42", "a8"),
            Map.entry("63", "fc"),
            Map.entry("64", "0101"),
            Map.entry("69", "1501"),
            Map.entry("16383", "fdff"),
            Map.entry("16384", "02000100"),
            Map.entry("65535", "feff0300"),
            Map.entry("1073741823", "feffffff"),
            Map.entry("1073741824", "0300000040"),
            Map.entry("4294967295", "03ffffffff"),
            Map.entry("4294967296", "070000000001"),
            Map.entry("1099511627776", "0b000000000001"),
            Map.entry("100000000000000", "0b00407a10f35a"),
            Map.entry("281474976710656", "0f00000000000001"),
            Map.entry("72057594037927935", "0fffffffffffffff"),
            Map.entry("72057594037927936", "130000000000000001"),
            Map.entry("9223372036854775807", "13ffffffffffffff7f"),
            Map.entry("9223372036854775808", "130000000000000080"),
            Map.entry("18446744073709551615", "13ffffffffffffffff"));

    @Test
    void shouldAgreeWithTheRustCrateWhenCompactNumbersAreWritten() {
        COMPACTS.forEach((number, encoded) -> {
            BigInteger value = new BigInteger(number);
            assertThat(hex(new ScaleEncoder().compact(value).toBytes())).isEqualTo(encoded);
            ScaleDecoder decoder = new ScaleDecoder(bytes(encoded));
            assertThat(decoder.compactBig()).isEqualTo(value);
            decoder.requireEnd();
            if (value.bitLength() < 64) {
                assertThat(hex(new ScaleEncoder()
                                .compact(value.longValueExact())
                                .toBytes()))
                        .isEqualTo(encoded);
                assertThat(new ScaleDecoder(bytes(encoded)).compact()).isEqualTo(value.longValueExact());
            }
        });
    }

    @Test
    void shouldAgreeWithTheSpecificationWhenOtherValuesAreWritten() {
        assertThat(hex(new ScaleEncoder().u8(69).u16(42).u32(16777215).toBytes()))
                .isEqualTo("452a00ffffff00");
        assertThat(hex(new ScaleEncoder().string("Hamlet").toBytes())).isEqualTo("1848616d6c6574");
        assertThat(hex(new ScaleEncoder()
                        .list(List.of(4, 8, 15, 16, 23, 42), ScaleEncoder::u16)
                        .toBytes()))
                .isEqualTo("18040008000f00100017002a00");
        assertThat(hex(new ScaleEncoder()
                        .option(1, ScaleEncoder::u8)
                        .option(null, ScaleEncoder::u8)
                        .toBytes()))
                .isEqualTo("010100");
        assertThat(hex(new ScaleEncoder().u128(BigInteger.ONE.shiftLeft(120)).toBytes()))
                .isEqualTo("00".repeat(15) + "01");
        assertThat(hex(new ScaleEncoder()
                        .bool(true)
                        .bool(false)
                        .bytes(bytes("aa"))
                        .fixed(bytes("bb"))
                        .toBytes()))
                .isEqualTo("010004aabb");
    }

    @Test
    void shouldRefuseNumbersWhenTheyAreLongerThanNecessary() {
        for (String encoded : List.of(
                "0100",
                "fd00",
                "02000000",
                "feff0000",
                "0300000000",
                "03ffffff3f",
                "070000000000",
                "0b000000000100",
                "130000000000000000")) {
            assertThatThrownBy(() -> new ScaleDecoder(bytes(encoded)).compactBig())
                    .as(encoded)
                    .isInstanceOf(DecodingException.class)
                    .hasMessageContaining("shortest");
        }
    }

    @Test
    void shouldRefuseValuesWhenTheyHaveASecondForm() {
        assertThatThrownBy(() -> new ScaleDecoder(bytes("02")).bool()).isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> new ScaleDecoder(bytes("0201")).option(ScaleDecoder::u8))
                .isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> new ScaleDecoder(bytes("08c3ff")).string()).isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> new ScaleDecoder(bytes("0401")).requireEnd()).isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> new ScaleDecoder(bytes("ffffffffffffffff")).u64())
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("18446744073709551615");
        assertThat(new ScaleDecoder(bytes("ffffffffffffffff")).u64Bits()).isEqualTo(-1);
        assertThatThrownBy(() -> new ScaleDecoder(bytes("13ffffffffffffffff")).compact())
                .isInstanceOf(DecodingException.class);
    }

    @Test
    void shouldRefuseListsWhenTheyAnnounceMoreThanThereIs() {
        assertThatThrownBy(() -> new ScaleDecoder(bytes("03ffffff7f01")).list(ScaleDecoder::u8))
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("2147483647 items");
        assertThatThrownBy(() -> new ScaleDecoder(bytes("03ffffff7f01")).bytes())
                .isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> new ScaleDecoder(bytes("0c010203")).list(2, ScaleDecoder::u8))
                .isInstanceOf(DecodingException.class);
        assertThat(new ScaleDecoder(bytes("0c010203")).list(3, ScaleDecoder::u8))
                .containsExactly(1, 2, 3);
    }

    @Test
    void shouldRefuseValuesWhenTheyDoNotFit() {
        assertThatThrownBy(() -> new ScaleEncoder().u64(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ScaleEncoder().compact(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ScaleEncoder().u8(256)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ScaleEncoder().u128(BigInteger.ONE.shiftLeft(128)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ScaleEncoder().compact(BigInteger.ONE.shiftLeft(536)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldReturnWhatWasWrittenWhenFieldsAreMixed() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            ScaleEncoder encoder = new ScaleEncoder();
            List<Consumer<ScaleDecoder>> checks = new ArrayList<>();
            int fields = 1 + random.nextInt(20);
            for (int i = 0; i < fields; i++) {
                checks.add(field(random, encoder, "seed " + seed));
            }
            byte[] encoded = encoder.toBytes();
            ScaleDecoder decoder = new ScaleDecoder(encoded);
            checks.forEach(check -> check.accept(decoder));
            decoder.requireEnd();
            for (int cut = Math.max(0, encoded.length - 40); cut < encoded.length; cut++) {
                ScaleDecoder truncated = new ScaleDecoder(Arrays.copyOf(encoded, cut));
                assertThatThrownBy(() -> checks.forEach(check -> check.accept(truncated)))
                        .as("seed " + seed + " cut at " + cut)
                        .isInstanceOf(DecodingException.class);
            }
        }
    }

    /** Whatever bytes are read as a value, writing the value gives the same bytes: there is no second form. */
    @Test
    void shouldWriteTheSameBytesWhenAnyBytesCouldBeRead() {
        int read = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] input = new byte[1 + random.nextInt(12)];
            random.nextBytes(input);
            ScaleDecoder decoder = new ScaleDecoder(input);
            BigInteger value;
            try {
                value = decoder.compactBig();
            } catch (DecodingException refused) {
                continue;
            }
            read++;
            assertThat(new ScaleEncoder().compact(value).toBytes())
                    .as("seed " + seed)
                    .isEqualTo(Arrays.copyOf(input, decoder.position()));
        }
        assertThat(read).isGreaterThan(1000);
    }

    private static Consumer<ScaleDecoder> field(Random random, ScaleEncoder encoder, String as) {
        long wide = random.nextLong() >>> (1 + random.nextInt(63));
        BigInteger big = new BigInteger(random.nextInt(537), random);
        List<Long> list =
                random.longs(random.nextInt(9), 0, Long.MAX_VALUE).boxed().toList();
        return switch (random.nextInt(8)) {
            case 0 -> {
                encoder.compact(wide);
                yield d -> assertThat(d.compact()).as(as).isEqualTo(wide);
            }
            case 1 -> {
                encoder.compact(big);
                yield d -> assertThat(d.compactBig()).as(as).isEqualTo(big);
            }
            case 2 -> {
                encoder.list(list, ScaleEncoder::u64);
                yield d -> assertThat(d.list(ScaleDecoder::u64)).as(as).isEqualTo(list);
            }
            case 3 -> {
                BigInteger half = big.mod(BigInteger.ONE.shiftLeft(128));
                encoder.u128(half);
                yield d -> assertThat(d.u128()).as(as).isEqualTo(half);
            }
            case 4 -> {
                String text = "t" + wide + "\u00fc\ud83d\udeb2";
                encoder.option(text, ScaleEncoder::string);
                yield d -> assertThat(d.option(ScaleDecoder::string)).as(as).isEqualTo(text);
            }
            case 5 -> {
                encoder.bool(wide % 2 == 0).u8((int) (wide & 0xff));
                yield d -> {
                    assertThat(d.bool()).as(as).isEqualTo(wide % 2 == 0);
                    assertThat(d.u8()).as(as).isEqualTo((int) (wide & 0xff));
                };
            }
            case 6 -> {
                encoder.bytes(big.toByteArray()).u16((int) (wide & 0xffff));
                yield d -> {
                    assertThat(d.bytes()).as(as).isEqualTo(big.toByteArray());
                    assertThat(d.u16()).as(as).isEqualTo((int) (wide & 0xffff));
                };
            }
            default -> {
                encoder.u32(wide & 0xffff_ffffL).u64Bits(~wide);
                yield d -> {
                    assertThat(d.u32()).as(as).isEqualTo(wide & 0xffff_ffffL);
                    assertThat(d.u64Bits()).as(as).isEqualTo(~wide);
                };
            }
        };
    }
}
