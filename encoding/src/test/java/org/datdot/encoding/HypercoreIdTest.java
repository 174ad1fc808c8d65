package org.datdot.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.datdot.encoding.Vectors.bytes;
import static org.datdot.encoding.Vectors.hex;

import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HypercoreIdTest {
    @Test
    void shouldAgreeWithStockWhenBytesAreWrittenInBase32() {
        for (String[] v : Vectors.of("z32")) {
            assertThat(ZBase32.encode(bytes(v[0]))).isEqualTo(v[1]);
            assertThat(hex(ZBase32.decode(v[1]))).isEqualTo(v[0]);
        }
    }

    @Test
    void shouldReturnTheBytesWhenTheirTextIsRead() {
        for (long seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            byte[] value = new byte[random.nextInt(70)];
            random.nextBytes(value);
            assertThat(ZBase32.decode(ZBase32.encode(value))).as("seed " + seed).isEqualTo(value);
        }
    }

    @Test
    void shouldReadKeysWhenTheyAreWrittenAsPeopleDo() {
        for (String[] v : Vectors.of("id")) {
            byte[] key = bytes(v[0]);
            assertThat(HypercoreId.encode(key)).isEqualTo(v[1]);
            assertThat(HypercoreId.decode(v[1])).isEqualTo(key);
            assertThat(HypercoreId.decode(v[2])).isEqualTo(key);
            assertThat(HypercoreId.decode(v[0])).isEqualTo(key);
            assertThat(HypercoreId.decode(v[0].toUpperCase(Locale.ROOT))).isEqualTo(key);
            assertThat(HypercoreId.decode(" hyper://" + v[1] + "?x#y\n")).isEqualTo(key);
        }
    }

    @Test
    void shouldSayWhatIsWrongWhenAKeyIsMistyped() {
        String good = Vectors.of("id").get(0)[1];
        assertThatThrownBy(() -> HypercoreId.decode(good.substring(1)))
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("52 characters")
                .hasMessageContaining("has 51");
        assertThatThrownBy(() -> HypercoreId.decode("l" + good.substring(1)))
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("'l' (character 1)");
        assertThatThrownBy(() -> HypercoreId.decode("\u20ac" + good.substring(1)))
                .isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> HypercoreId.decode("0g".repeat(32)))
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("'g' (character 2)");
        assertThatThrownBy(() -> HypercoreId.decode("")).isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> ZBase32.decode("yyy")).isInstanceOf(DecodingException.class);
        assertThatThrownBy(() -> HypercoreId.encode(new byte[31])).isInstanceOf(IllegalArgumentException.class);
    }
}
