package org.datdot.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.datdot.crypto.Vectors.bytes;
import static org.datdot.crypto.Vectors.fill;
import static org.datdot.crypto.Vectors.hex;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.datdot.encoding.DecodingException;
import org.junit.jupiter.api.Test;

class RecoveryPhraseTest {
    /** The 256-bit ones of the proposal's test vectors (github.com/trezor/python-mnemonic, vectors.json). */
    @Test
    void shouldAgreeWithTheProposalWhenItsVectorsAreWritten() {
        for (String[] v : Vectors.of("bip39-vectors.txt", "bip39")) {
            assertThat(RecoveryPhrase.encode(bytes(v[0]))).isEqualTo(v[1]);
            assertThat(hex(RecoveryPhrase.decode(v[1]))).isEqualTo(v[0]);
        }
    }

    @Test
    void shouldHoldTheProposalsListWhenHashed() throws IOException, NoSuchAlgorithmException {
        try (InputStream in = RecoveryPhrase.class.getResourceAsStream("bip39-english.txt")) {
            assertThat(in).isNotNull();
            assertThat(hex(MessageDigest.getInstance("SHA-256").digest(in.readAllBytes())))
                    .isEqualTo("2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
        }
    }

    @Test
    void shouldReturnTheSecretWhenTheWordsAreTypedInAnyCaseAndSpacing() {
        for (long seed = 0; seed < 200; seed++) {
            byte[] secret = new byte[32];
            new Random(seed).nextBytes(secret);
            String phrase = RecoveryPhrase.encode(secret);
            assertThat(phrase.split(" ")).hasSize(24).allMatch(RecoveryPhrase::isWord);
            assertThat(RecoveryPhrase.decode(phrase)).as("seed " + seed).isEqualTo(secret);
            assertThat(RecoveryPhrase.decode(
                            "\n " + phrase.toUpperCase(Locale.ROOT).replace(" ", " \n\t")))
                    .as("seed " + seed)
                    .isEqualTo(secret);
        }
    }

    @Test
    void shouldSayWhatIsWrongWithoutRepeatingTheWordsWhenMistyped() {
        String phrase = RecoveryPhrase.encode(fill(7));
        String[] words = phrase.split(" ");
        words[4] = "hypercor";
        assertThatThrownBy(() -> RecoveryPhrase.decode(String.join(" ", words)))
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("word 5")
                .hasMessageNotContaining(words[0])
                .hasMessageNotContaining("hypercor");
        assertThatThrownBy(() -> RecoveryPhrase.decode(String.join(" ", Arrays.copyOf(words, 23))))
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("has 23");
        assertThatThrownBy(() -> RecoveryPhrase.decode("  "))
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("has 0");
        assertThatThrownBy(() -> RecoveryPhrase.decode("zoo ".repeat(24)))
                .isInstanceOf(DecodingException.class)
                .hasMessageContaining("wrong place");
        assertThatThrownBy(() -> RecoveryPhrase.encode(new byte[16])).isInstanceOf(IllegalArgumentException.class);
    }
}
