package org.datdot.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.datdot.encoding.Vectors.bytes;
import static org.datdot.encoding.Vectors.hex;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IndexEncodingTest {
    @Test
    void shouldAgreeWithStockWhenKeysAreWritten() {
        for (String[] v : Vectors.of("index-uint")) {
            long number = v[0].equals("Infinity") ? IndexEncoder.INFINITY : Long.parseLong(v[0]);
            assertThat(hex(new IndexEncoder().uint(number).toBytes())).as(v[0]).isEqualTo(v[1]);
            assertThat(new IndexDecoder(bytes(v[1])).uint()).isEqualTo(number);
        }
        for (String[] v : Vectors.of("index-buffer")) {
            assertThat(hex(new IndexEncoder().buffer(bytes(v[0])).toBytes())).isEqualTo(v[1]);
            IndexDecoder decoder = new IndexDecoder(bytes(v[1]));
            assertThat(hex(decoder.buffer())).isEqualTo(v[0]);
            decoder.requireEnd();
        }
        for (String[] v : Vectors.of("index-string")) {
            assertThat(hex(new IndexEncoder().string(Vectors.text(v[0])).toBytes()))
                    .isEqualTo(v[1]);
        }
    }

    @Test
    void shouldReturnWhatWasWrittenWhenPartsAreMixed() {
        byte[] key = new IndexEncoder()
                .uint(4)
                .uint(70_000)
                .string("a\0b")
                .raw(bytes("0102"))
                .toBytes();
        IndexDecoder decoder = new IndexDecoder(key);
        assertThat(decoder.uint()).isEqualTo(4);
        assertThat(decoder.uint()).isEqualTo(70_000);
        assertThat(decoder.string()).isEqualTo("a\0b");
        assertThat(decoder.raw(2)).containsExactly(1, 2);
        decoder.requireEnd();
        for (int cut = 0; cut < key.length; cut++) {
            IndexDecoder truncated = new IndexDecoder(Arrays.copyOf(key, cut));
            assertThatThrownBy(() -> {
                        truncated.uint();
                        truncated.uint();
                        truncated.string();
                        truncated.raw(2);
                    })
                    .isInstanceOf(DecodingException.class);
        }
    }

    @Test
    void shouldSortAsTheValuesDoWhenKeysAreCompared() {
        for (long seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            long a = random.nextLong() >>> (11 + random.nextInt(53));
            long b = random.nextInt(4) == 0 ? a : random.nextLong() >>> (11 + random.nextInt(53));
            byte[] x = shortBytes(random);
            byte[] y = shortBytes(random);
            int order = a != b ? Long.compare(a, b) : Arrays.compareUnsigned(x, y);
            byte[] one = new IndexEncoder().uint(a).buffer(x).toBytes();
            byte[] other = new IndexEncoder().uint(b).buffer(y).toBytes();
            assertThat(Integer.signum(Arrays.compareUnsigned(one, other)))
                    .as("seed " + seed)
                    .isEqualTo(Integer.signum(order));
        }
    }

    private static byte[] shortBytes(Random random) {
        byte[] out = new byte[random.nextInt(5)];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) (random.nextInt(4) - 1);
        }
        return out;
    }

    @Test
    void shouldRefuseKeysWhenTheyAreMalformed() {
        for (String malformed : new String[] {"", "01", "00", "0000", "000003", "0001"}) {
            assertThatThrownBy(() -> new IndexDecoder(bytes(malformed)).buffer())
                    .as(malformed)
                    .isInstanceOf(DecodingException.class);
        }
        assertThatThrownBy(() -> new IndexDecoder(bytes("fe0020000000000000")).uint())
                .isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> new IndexEncoder().uint(1L << 53)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new IndexEncoder().uint(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
