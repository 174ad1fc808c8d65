package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({"90s, PT1M30S", "30m, PT30M", "1h, PT1H", "7d, PT168H", "2 W, PT336H"})
    void shouldReadWhatPeopleWrite(String text, Duration duration) {
        assertThat(Durations.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "0h", "-5m", "1y", "one hour"})
    void shouldRefuseWithAnExample(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.parse(text))
                .withMessageContaining("90s");
    }

    @ParameterizedTest
    @CsvSource({"PT12S, 12s", "PT1H5M, 1h 5m", "PT26H, 1d 2h", "PT61S, 1m 1s", "PT-1S, 0s"})
    void shouldWriteTheTwoLargestUnits(Duration duration, String text) {
        assertThat(Durations.text(duration)).isEqualTo(text);
    }
}
