package org.datdot.encoding;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8Test {
    /** The right column is what Node.js 20's Buffer.toString makes of the left one, encoded again. */
    @ParameterizedTest
    @CsvSource({
        "1aedaf, 1aefbfbdefbfbd",
        "eda129, efbfbdefbfbd29",
        "e2bc9d, e2bc9d",
        "e2bc, efbfbd",
        "e2bc41, efbfbd41",
        "e08080, efbfbdefbfbdefbfbd",
        "f0808080, efbfbdefbfbdefbfbdefbfbd",
        "f09f98, efbfbd",
        "f09f9880, f09f9880",
        "f4908080, efbfbdefbfbdefbfbdefbfbd",
        "c0af, efbfbdefbfbd",
        "ff41fe, efbfbd41efbfbd",
        "efbfbd, efbfbd"
    })
    void shouldReplaceMalformedBytesAsNodeDoes(String bytes, String text) {
        HexFormat hex = HexFormat.of();
        assertThat(hex.formatHex(Utf8.decode(hex.parseHex(bytes)).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(text);
    }

    @Test
    void shouldReadEveryTextAsItWasWrittenWhenAMalformedByteFollowsIt() {
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            int point = random.nextInt(0x110000);
            if (point >= 0xd800 && point < 0xe000) continue;
            String text = "a" + Character.toString(point);
            byte[] written = (text + "z").getBytes(StandardCharsets.UTF_8);
            written[written.length - 1] = (byte) 0xff;
            assertThat(Utf8.decode(written)).as("code point %d", point).isEqualTo(text + "\ufffd");
        }
    }
}
