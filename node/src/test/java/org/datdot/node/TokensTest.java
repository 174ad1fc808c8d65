package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
    @ParameterizedTest
    @CsvSource({"20, 20000000000", "0.5, 500000000", "0.000000001, 1", "0, 0"})
    void shouldReadAndWriteAmounts(String text, long units) {
        assertThat(Tokens.parse(text).units()).isEqualTo(units);
        assertThat(Tokens.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "0.0000000001", "99999999999", "1,5"})
    void shouldRefuseWhatIsNoAmount(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Tokens.parse(text));
    }
}
