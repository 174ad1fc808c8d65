package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "17, 17",
        "1k, 1000",
        "1KiB, 1024",
        "10GB, 10000000000",
        "1.5 TiB, 1649267441664",
        "2m, 2000000",
        "7b, 7"
    })
    void shouldReadWhatPeopleWrite(String text, long bytes) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ten", "-1GB", "1.5.2k", "1XB", "99999999999999TB", "1 G B"})
    void shouldRefuseWithAnExample(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ByteSize.parse(text))
                .withMessageContaining("'" + text + "'");
    }

    @ParameterizedTest
    @CsvSource({"999, 999 B", "1000, 1.0 kB", "104857600, 104.9 MB", "999999, 1.0 MB", "5000000000000, 5.0 TB"})
    void shouldWriteThreeDigits(long bytes, String text) {
        assertThat(new ByteSize(bytes)).hasToString(text);
    }

    @Test
    void shouldRefuseANegativeSize() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteSize(-1));
    }
}
