package org.datdot.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.datdot.crypto.Vectors.bytes;
import static org.datdot.crypto.Vectors.fill;
import static org.datdot.crypto.Vectors.hex;
import static org.datdot.crypto.Vectors.pattern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SecretStreamCipherTest {
    @Test
    void shouldAgreeWithStockWhenAStreamIsPushedAndPulled() {
        List<String[]> vectors = Vectors.of("secretstream");
        byte[] header = bytes(vectors.get(0)[0]);
        byte[] key = bytes(vectors.get(0)[1]);
        SecretStreamCipher.Pull pull = new SecretStreamCipher.Pull(key, header);
        // A pushing side with a header of one's choice: its state is the same as the pulling side's.
        byte[] pushState = new byte[Sodium.STREAM_STATE_BYTES];
        Sodium.streamInitPull(pushState, header, key);
        for (String[] v : vectors) {
            int length = Integer.parseInt(v[2]);
            byte[] cipher = new byte[length + SecretStreamCipher.OVERHEAD_BYTES];
            Sodium.streamPush(pushState, pattern(length), 0, length, cipher, 0);
            assertThat(hex(Blake2b.hash(cipher))).as("length " + length).isEqualTo(v[3]);
            assertThat(v[4]).isIn("long", hex(cipher));
            assertThat(pull.pull(cipher)).as("length " + length).isEqualTo(pattern(length));
        }
    }

    @Test
    void shouldFollowWhenTheOtherSideChangesKeys() {
        List<String[]> vectors = Vectors.of("secretstream-rekey");
        SecretStreamCipher.Pull pull = new SecretStreamCipher.Pull(bytes(vectors.get(0)[1]), bytes(vectors.get(0)[0]));
        for (String[] v : vectors) {
            assertThat(pull.pull(bytes(v[4]))).isEqualTo(pattern(Integer.parseInt(v[2])));
        }
    }

    @Test
    void shouldReturnEveryMessageWhenOneSidePushesAndTheOtherPulls() {
        for (long seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            byte[] key = new byte[32];
            random.nextBytes(key);
            SecretStreamCipher.Push push = new SecretStreamCipher.Push(key);
            SecretStreamCipher.Pull pull = new SecretStreamCipher.Pull(key, push.header());
            for (int i = 0; i < 12; i++) {
                byte[] message = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(i == 5 ? 400_000 : 3000)];
                random.nextBytes(message);
                byte[] cipher = push.push(message);
                assertThat(cipher).hasSize(message.length + SecretStreamCipher.OVERHEAD_BYTES);
                assertThat(pull.pull(cipher)).as("seed " + seed).isEqualTo(message);
            }
        }
    }

    @Test
    void shouldWorkInPlaceWhenTheMessageFollowsTheCiphertextsFirstByte() {
        for (int length : new int[] {0, 1, 1000, Sodium.CRITICAL_BYTES - 17, Sodium.CRITICAL_BYTES - 16, 300_000}) {
            SecretStreamCipher.Push push = new SecretStreamCipher.Push(fill(1));
            SecretStreamCipher.Pull pull = new SecretStreamCipher.Pull(fill(1), push.header());
            byte[] frame = new byte[3 + length + 17 + 2];
            frame[frame.length - 1] = 77;
            System.arraycopy(pattern(length), 0, frame, 4, length);
            assertThat(push.push(frame, 4, length, frame, 3)).isEqualTo(length + 17);
            if (length > 16) {
                assertThat(Arrays.copyOfRange(frame, 4, 4 + length)).isNotEqualTo(pattern(length));
            }
            assertThat(pull.pull(frame, 3, length + 17, frame, 4)).isEqualTo(length);
            assertThat(Arrays.copyOfRange(frame, 4, 4 + length)).isEqualTo(pattern(length));
            assertThat(frame[frame.length - 1]).isEqualTo((byte) 77);
            assertThat(Arrays.copyOf(frame, 3)).containsOnly(0);
        }
    }

    @Test
    void shouldRefuseMessagesWhenChangedRepeatedLeftOutOrMoved() {
        SecretStreamCipher.Push push = new SecretStreamCipher.Push(fill(1));
        List<byte[]> sent = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            sent.add(push.push(pattern(30 + i)));
        }
        byte[] first = sent.get(0);
        for (int bit = 0; bit < first.length * 8; bit++) {
            byte[] changed = first.clone();
            changed[bit >> 3] ^= (byte) (1 << (bit & 7));
            byte[] target = new byte[30];
            SecretStreamCipher.Pull pull = new SecretStreamCipher.Pull(fill(1), push.header());
            assertThatThrownBy(() -> pull.pull(changed, 0, changed.length, target, 0))
                    .as("bit " + bit)
                    .isInstanceOf(CryptoException.class);
            assertThat(target).as("bit " + bit).containsOnly(0);
        }
        SecretStreamCipher.Pull skipping = new SecretStreamCipher.Pull(fill(1), push.header());
        assertThatThrownBy(() -> skipping.pull(sent.get(1))).isInstanceOf(CryptoException.class);
        SecretStreamCipher.Pull repeating = new SecretStreamCipher.Pull(fill(1), push.header());
        assertThat(repeating.pull(first)).isEqualTo(pattern(30));
        assertThatThrownBy(() -> repeating.pull(first)).isInstanceOf(CryptoException.class);
        SecretStreamCipher.Pull otherKey = new SecretStreamCipher.Pull(fill(2), push.header());
        assertThatThrownBy(() -> otherKey.pull(first)).isInstanceOf(CryptoException.class);
        SecretStreamCipher.Pull cut = new SecretStreamCipher.Pull(fill(1), push.header());
        assertThatThrownBy(() -> cut.pull(Arrays.copyOf(first, 16))).isInstanceOf(CryptoException.class);
        assertThatThrownBy(() -> cut.pull(Arrays.copyOf(first, first.length - 1)))
                .isInstanceOf(CryptoException.class);
    }

    @Test
    void shouldRefuseArgumentsWhenTheyDoNotFit() {
        SecretStreamCipher.Push push = new SecretStreamCipher.Push(fill(1));
        byte[] buffer = new byte[100];
        assertThatThrownBy(() -> push.push(buffer, 0, 50, buffer, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> push.push(buffer, 0, 84, new byte[100], 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> push.push(buffer, 50, 51, new byte[200], 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new SecretStreamCipher.Push(new byte[31]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SecretStreamCipher.Pull(fill(1), new byte[23]))
                .isInstanceOf(CryptoException.class);
        assertThat(push.header()).hasSize(24).isNotEqualTo(new SecretStreamCipher.Push(fill(1)).header());
        assertThat(push.toString()).doesNotContain("01");
    }
}
