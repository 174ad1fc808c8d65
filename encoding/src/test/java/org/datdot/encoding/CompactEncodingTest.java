package org.datdot.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.datdot.encoding.Vectors.bytes;
import static org.datdot.encoding.Vectors.hex;
import static org.datdot.encoding.Vectors.pattern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CompactEncodingTest {
    @Test
    void shouldAgreeWithStockWhenNumbersAreWritten() {
        agree("uint", CompactEncoder::uint, CompactDecoder::uint);
        agree("uint8", (e, n) -> e.uint8(n.intValue()), CompactDecoder::uint8);
        agree("uint16", (e, n) -> e.uint16(n.intValue()), CompactDecoder::uint16);
        agree("uint24", (e, n) -> e.uint24(n.intValue()), CompactDecoder::uint24);
        agree("uint32", CompactEncoder::uint32, CompactDecoder::uint32);
        agree("uint64", CompactEncoder::uint64, CompactDecoder::uint64);
        agree("int", CompactEncoder::sint, CompactDecoder::sint);
        for (String[] v : Vectors.of("biguint64")) {
            long bits = Long.parseUnsignedLong(v[0]);
            assertThat(hex(new CompactEncoder().biguint64(bits).toBytes())).isEqualTo(v[1]);
            assertThat(new CompactDecoder(bytes(v[1])).biguint64()).isEqualTo(bits);
        }
    }

    private static void agree(
            String kind,
            BiFunction<CompactEncoder, Long, CompactEncoder> encode,
            ToLongFunction<CompactDecoder> decode) {
        for (String[] v : Vectors.of(kind)) {
            long number = Long.parseLong(v[0]);
            assertThat(hex(encode.apply(new CompactEncoder(), number).toBytes()))
                    .as(kind + " " + number)
                    .isEqualTo(v[1]);
            CompactDecoder decoder = new CompactDecoder(bytes(v[1]));
            assertThat(decode.applyAsLong(decoder)).as(kind + " " + v[1]).isEqualTo(number);
            decoder.requireEnd();
        }
    }

    @Test
    void shouldAgreeWithStockWhenBytesAndTextsAreWritten() {
        for (String[] v : Vectors.of("buffer")) {
            byte[] value = pattern(Integer.parseInt(v[0]));
            byte[] encoded = new CompactEncoder().buffer(value).toBytes();
            assertThat(hex(encoded)).startsWith(v[1]);
            assertThat(new CompactDecoder(encoded).buffer()).isEqualTo(value);
        }
        for (String[] v : Vectors.of("string")) {
            String text = Vectors.text(v[0]);
            assertThat(hex(new CompactEncoder().string(text).toBytes())).isEqualTo(v[1]);
            assertThat(new CompactDecoder(bytes(v[1])).string()).isEqualTo(wellFormed(text));
        }
        for (String[] v : Vectors.of("bool")) {
            boolean value = Boolean.parseBoolean(v[0]);
            assertThat(hex(new CompactEncoder().bool(value).toBytes())).isEqualTo(v[1]);
            assertThat(new CompactDecoder(bytes(v[1])).bool()).isEqualTo(value);
        }
        assertThat(hex(new CompactEncoder().optionalBuffer(null).toBytes()))
                .isEqualTo(Vectors.of("optionalBuffer").get(0)[1]);
        assertThat(hex(new CompactEncoder().optionalBuffer(bytes("ff")).toBytes()))
                .isEqualTo(Vectors.of("optionalBuffer").get(1)[1]);
        assertThat(new CompactDecoder(bytes("00")).optionalBuffer()).isNull();
        assertThat(new CompactDecoder(bytes("01ff")).optionalBuffer()).containsExactly(-1);
    }

    /** What JavaScript makes of the lone surrogates among the texts. */
    private static String wellFormed(String text) {
        return text.replace('\ud800', '\ufffd').replace('\udc00', '\ufffd');
    }

    @Test
    void shouldReadUintsWhenTheyAreLongerThanNecessary() {
        assertThat(new CompactDecoder(bytes("fd0100")).uint()).isEqualTo(1);
        assertThat(new CompactDecoder(bytes("fe01000000")).uint()).isEqualTo(1);
        assertThat(new CompactDecoder(bytes("ff0100000000000000")).uint()).isEqualTo(1);
    }

    @Test
    void shouldReturnWhatWasWrittenWhenFieldsAreMixed() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            CompactEncoder encoder = new CompactEncoder(random.nextInt(4));
            List<Consumer<CompactDecoder>> checks = new ArrayList<>();
            int fields = random.nextInt(30);
            for (int i = 0; i < fields; i++) {
                checks.add(field(random, encoder, "seed " + seed));
            }
            byte[] encoded = encoder.toBytes();
            assertThat(encoder.length()).isEqualTo(encoded.length);
            byte[] shifted = new byte[encoded.length + 7];
            encoder.copyTo(shifted, 3);
            CompactDecoder decoder = new CompactDecoder(shifted, 3, 3 + encoded.length);
            checks.forEach(check -> check.accept(decoder));
            decoder.requireEnd();
            refuseEveryTruncation(encoded, checks, "seed " + seed);
        }
    }

    private static void refuseEveryTruncation(byte[] encoded, List<Consumer<CompactDecoder>> checks, String seed) {
        for (int cut = Math.max(0, encoded.length - 40); cut < encoded.length; cut++) {
            CompactDecoder decoder = new CompactDecoder(Arrays.copyOf(encoded, cut));
            assertThatThrownBy(() -> checks.forEach(check -> check.accept(decoder)))
                    .as(seed + " cut at " + cut)
                    .isInstanceOf(DecodingException.class)
                    .hasMessageContaining("at byte");
        }
    }

    private static Consumer<CompactDecoder> field(Random random, CompactEncoder encoder, String as) {
        long wide = random.nextLong() >>> (11 + random.nextInt(53));
        byte[] block = new byte[random.nextInt(400)];
        random.nextBytes(block);
        String text = "t" + wide + "\u00fc\u20ac";
        return switch (random.nextInt(9)) {
            case 0 -> {
                encoder.uint(wide);
                yield d -> assertThat(d.uint()).as(as).isEqualTo(wide);
            }
            case 1 -> {
                encoder.buffer(block);
                yield d -> assertThat(d.buffer()).as(as).isEqualTo(block);
            }
            case 2 -> {
                encoder.string(text);
                yield d -> assertThat(d.string()).as(as).isEqualTo(text);
            }
            case 3 -> {
                encoder.uint32(wide & 0xffff_ffffL);
                yield d -> assertThat(d.uint32()).as(as).isEqualTo(wide & 0xffff_ffffL);
            }
            case 4 -> {
                encoder.uint24((int) (wide & 0xff_ffff)).bool(true);
                yield d -> {
                    assertThat(d.uint24()).as(as).isEqualTo((int) (wide & 0xff_ffff));
                    assertThat(d.bool()).as(as).isTrue();
                };
            }
            case 5 -> {
                encoder.fixed(block).uint8(1);
                yield d -> {
                    assertThat(d.fixed(block.length)).as(as).isEqualTo(block);
                    assertThat(d.uint8()).isOne();
                };
            }
            case 6 -> {
                byte @Nullable [] optional = block.length % 2 == 0 ? null : block;
                encoder.optionalBuffer(optional);
                yield d -> assertThat(d.optionalBuffer()).as(as).isEqualTo(optional);
            }
            case 7 -> {
                long signed = (wide >>> 2) * (random.nextBoolean() ? 1 : -1);
                encoder.sint(signed);
                yield d -> assertThat(d.sint()).as(as).isEqualTo(signed);
            }
            default -> {
                encoder.uint64(wide).biguint64(~wide).uint16((int) (wide & 0xffff));
                yield d -> {
                    assertThat(d.uint64()).as(as).isEqualTo(wide);
                    assertThat(d.biguint64()).as(as).isEqualTo(~wide);
                    assertThat(d.uint16()).as(as).isEqualTo((int) (wide & 0xffff));
                };
            }
        };
    }

    @Test
    void shouldRefuseToSetMemoryAsideWhenLengthsExceedTheInput() {
        byte[] huge = bytes("ffffffffffffff1f00");
        for (Consumer<CompactDecoder> read : List.<Consumer<CompactDecoder>>of(
                CompactDecoder::buffer, CompactDecoder::optionalBuffer, CompactDecoder::string, d -> d.count(1))) {
            assertThatThrownBy(() -> read.accept(new CompactDecoder(huge))).isInstanceOf(DecodingException.class);
        }
        assertThat(new CompactDecoder(bytes("02aabbccdd")).count(2)).isEqualTo(2);
        assertThatThrownBy(() -> new CompactDecoder(bytes("03aabbccddee")).count(2))
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("list of 3");
    }

    @Test
    void shouldRefuseNumbersWhenTheyAreBeyondJavaScript() {
        assertThatThrownBy(() -> new CompactDecoder(bytes("ff0000000000002000")).uint())
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("2^53");
        assertThatThrownBy(() -> new CompactDecoder(bytes("ffffffffffffffffff")).uint())
                .isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> new CompactDecoder(bytes("fe00000080")).uintAsInt())
                .isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> new CompactEncoder().uint(1L << 53)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CompactEncoder().uint(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CompactEncoder().uint8(256)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CompactEncoder().uint24(1 << 24)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CompactEncoder().uint32(1L << 32)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldKeepItsPlaceWhenSkippingAndReadingTheRest() {
        CompactDecoder decoder = new CompactDecoder(bytes("0102030405"), 1, 5).skip(1);
        assertThat(decoder.position()).isEqualTo(2);
        assertThat(decoder.remaining()).isEqualTo(3);
        assertThatThrownBy(decoder::requireEnd).isInstanceOf(DecodingException.class);
        assertThat(decoder.raw()).containsExactly(3, 4, 5);
        decoder.requireEnd();
        assertThatThrownBy(() -> decoder.skip(1)).isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> decoder.skip(-1)).isInstanceOf(DecodingException.class);
    }

    @Test
    void shouldStartAgainWhenReset() {
        CompactEncoder encoder = new CompactEncoder().string("before").reset().uint(7);
        assertThat(encoder.toBytes()).containsExactly(7);
    }
}
