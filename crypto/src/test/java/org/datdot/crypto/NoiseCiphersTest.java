package org.datdot.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.datdot.crypto.Vectors.bytes;
import static org.datdot.crypto.Vectors.fill;
import static org.datdot.crypto.Vectors.hex;
import static org.datdot.crypto.Vectors.pattern;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class NoiseCiphersTest {
    @Test
    void shouldAgreeWithStockWhenKeysAreDerived() {
        for (String[] v : Vectors.of("hmac")) {
            byte[][] parts = Arrays.stream(v[1].split(","))
                    .map(n -> pattern(Integer.parseInt(n)))
                    .toArray(byte[][]::new);
            assertThat(hex(HmacBlake2b.digest(pattern(Integer.parseInt(v[0])), parts)))
                    .isEqualTo(v[2]);
        }
        for (String[] v : Vectors.of("hkdf")) {
            byte[][] keys = Hkdf.derive(pattern(Integer.parseInt(v[0])), pattern(Integer.parseInt(v[1])), 3);
            assertThat(Arrays.stream(keys).map(Vectors::hex).collect(Collectors.joining(",")))
                    .isEqualTo(v[2]);
        }
        assertThatThrownBy(() -> Hkdf.derive(fill(0), fill(0), 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldAgreeWithStockWhenBoxesAreSealed() {
        for (String[] v : Vectors.of("secretBox")) {
            byte[] plain = pattern(Integer.parseInt(v[0]));
            byte[] nonce = bytes(v[2]);
            byte[] box = SecretBox.seal(bytes(v[1]), plain, target -> System.arraycopy(nonce, 0, target, 0, 24));
            assertThat(box).hasSize(plain.length + SecretBox.OVERHEAD_BYTES).startsWith(nonce);
            byte[] sealed = Arrays.copyOfRange(box, 24, box.length);
            assertThat(hex(plain.length > 1000 ? Blake2b.hash(sealed) : sealed)).isEqualTo(v[3]);
            assertThat(SecretBox.open(bytes(v[1]), box)).isEqualTo(plain);
            box[box.length - 1] ^= 1;
            assertThatThrownBy(() -> SecretBox.open(bytes(v[1]), box)).isInstanceOf(CryptoException.class);
        }
        assertThatThrownBy(() -> SecretBox.open(fill(3), pattern(39))).isInstanceOf(CryptoException.class);
        assertThatThrownBy(() -> SecretBox.open(pattern(31), pattern(90))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldAgreeWithStockWhenHandshakeMessagesAreEncrypted() {
        for (String[] v : Vectors.of("chachapoly")) {
            byte[] key = bytes(v[0]);
            long counter = Long.parseLong(v[1]);
            byte[] associated = pattern(Integer.parseInt(v[2]));
            byte[] plain = pattern(Integer.parseInt(v[3]));
            byte[] cipher = ChaChaPoly.encrypt(key, counter, associated, plain);
            assertThat(hex(cipher)).isEqualTo(v[4]);
            assertThat(ChaChaPoly.decrypt(key, counter, associated, cipher)).isEqualTo(plain);
        }
    }

    @Test
    void shouldRefuseHandshakeMessagesWhenAnythingWasChanged() {
        byte[] cipher = ChaChaPoly.encrypt(fill(1), 5, fill(2), pattern(40));
        for (int bit = 0; bit < cipher.length * 8; bit++) {
            byte[] changed = cipher.clone();
            changed[bit >> 3] ^= (byte) (1 << (bit & 7));
            assertThatThrownBy(() -> ChaChaPoly.decrypt(fill(1), 5, fill(2), changed))
                    .as("bit " + bit)
                    .isInstanceOf(CryptoException.class);
        }
        assertThatThrownBy(() -> ChaChaPoly.decrypt(fill(9), 5, fill(2), cipher))
                .isInstanceOf(CryptoException.class);
        assertThatThrownBy(() -> ChaChaPoly.decrypt(fill(1), 6, fill(2), cipher))
                .isInstanceOf(CryptoException.class);
        assertThatThrownBy(() -> ChaChaPoly.decrypt(fill(1), 5, fill(3), cipher))
                .isInstanceOf(CryptoException.class);
        for (int length = 0; length < cipher.length; length++) {
            byte[] truncated = Arrays.copyOf(cipher, length);
            assertThatThrownBy(() -> ChaChaPoly.decrypt(fill(1), 5, fill(2), truncated))
                    .isInstanceOf(CryptoException.class);
        }
        assertThatThrownBy(() -> ChaChaPoly.encrypt(new byte[16], 0, fill(2), cipher))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldAgreeWithStockWhenAStreamIsXored() {
        for (String[] v : Vectors.of("chacha20")) {
            byte[] data = new byte[Integer.parseInt(v[3]) + 6];
            System.arraycopy(pattern(data.length - 6), 0, data, 4, data.length - 6);
            int counter = (int) Long.parseLong(v[2]);
            ChaCha20.xor(bytes(v[0]), bytes(v[1]), counter, data, 4, data.length - 6);
            assertThat(hex(data)).as(v[2] + " " + v[3]).isEqualTo("00000000" + v[4] + "0000");
        }
    }

    @Test
    void shouldReturnTheDataWhenXoredTwiceOrInPieces() {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            byte[] data = new byte[64 * (1 + random.nextInt(40)) + random.nextInt(64)];
            random.nextBytes(data);
            byte[] whole = data.clone();
            ChaCha20.xor(fill(1), pattern(12), 7, whole, 0, whole.length);
            assertThat(whole).as("seed " + seed).isNotEqualTo(data);
            int cut = 64 * random.nextInt(data.length / 64 + 1);
            ChaCha20.xor(fill(1), pattern(12), 7, whole, 0, cut);
            ChaCha20.xor(fill(1), pattern(12), 7 + cut / 64, whole, cut, whole.length - cut);
            assertThat(whole).as("seed " + seed).isEqualTo(data);
        }
    }

    @Test
    void shouldRefuseToXorWhenTheCounterWouldRunOverOrLengthsAreWrong() {
        byte[] data = new byte[129];
        ChaCha20.xor(fill(1), pattern(12), -3, data, 0, 129);
        assertThatThrownBy(() -> ChaCha20.xor(fill(1), pattern(12), -2, data, 0, 129))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ChaCha20.xor(new byte[31], pattern(12), 0, data, 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ChaCha20.xor(fill(1), pattern(8), 0, data, 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ChaCha20.xor(fill(1), pattern(12), 0, data, 100, 30))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
