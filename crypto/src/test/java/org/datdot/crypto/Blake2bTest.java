package org.datdot.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.datdot.crypto.Vectors.bytes;
import static org.datdot.crypto.Vectors.hex;
import static org.datdot.crypto.Vectors.pattern;
import static org.datdot.crypto.Vectors.text;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class Blake2bTest {
    @Test
    void shouldAgreeWithStockWhenDataIsHashed() {
        for (String[] v : Vectors.of("blake2b")) {
            int outLength = Integer.parseInt(v[0]);
            byte @Nullable [] key = v[1].isEmpty() ? null : bytes(v[1]);
            byte[] data = pattern(Integer.parseInt(v[2]));
            assertThat(hex(Blake2b.hash(outLength, key, data)))
                    .as(String.join(" ", v))
                    .isEqualTo(v[3]);
            Blake2b.Hasher hasher = new Blake2b.Hasher(outLength, key);
            for (int at = 0; at < data.length; at += 999) {
                hasher.update(data, at, Math.min(999, data.length - at));
            }
            assertThat(hex(hasher.digest()))
                    .as("in parts " + String.join(" ", v))
                    .isEqualTo(v[3]);
        }
    }

    @Test
    void shouldAgreeWithTheRfcWhenAbcIsHashed() {
        assertThat(hex(Blake2b.hash(64, null, text("abc"))))
                .isEqualTo("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                        + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
    }

    @Test
    void shouldHashTheSameWhenDataComesInPartsOrFromWithinAnArray() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] data = new byte[random.nextInt(2000)];
            random.nextBytes(data);
            byte[] whole = Blake2b.hash(data);
            int one = random.nextInt(data.length + 1);
            int two = one + random.nextInt(data.length - one + 1);
            byte[][] parts = {
                Arrays.copyOf(data, one), Arrays.copyOfRange(data, one, two), Arrays.copyOfRange(data, two, data.length)
            };
            assertThat(Blake2b.hash(parts)).as("seed " + seed).isEqualTo(whole);
            byte[] shifted = new byte[data.length + 9];
            System.arraycopy(data, 0, shifted, 5, data.length);
            assertThat(Blake2b.hash(shifted, 5, data.length)).as("seed " + seed).isEqualTo(whole);
        }
    }

    /** A hash's state lives in a Java array, which the garbage collector may move between two calls. */
    @Test
    void shouldHashTheSameWhenManyThreadsAllocateMeanwhile() throws InterruptedException {
        byte[] data = pattern(300_000);
        String expected = hex(Blake2b.hash(data));
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        Thread[] threads = new Thread[8];
        for (int t = 0; t < threads.length; t++) {
            threads[t] = Thread.ofVirtual().start(() -> {
                for (int round = 0; round < 20; round++) {
                    Blake2b.Hasher hasher = Blake2b.hasher();
                    for (int at = 0; at < data.length; at += 4096) {
                        byte[] copy = Arrays.copyOfRange(data, at, Math.min(data.length, at + 4096));
                        hasher.update(copy);
                    }
                    String hash = hex(hasher.digest());
                    if (!hash.equals(expected)) {
                        wrong.add(hash);
                    }
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void shouldRefuseLengthsWhenTheyAreOutOfRange() {
        byte[] data = new byte[8];
        assertThatThrownBy(() -> Blake2b.hash(15, null, data)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Blake2b.hash(65, null, data)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Blake2b.hash(32, new byte[15], data)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Blake2b.hash(32, new byte[65], data)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Blake2b.hash(data, 1, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        Blake2b.Hasher done = Blake2b.hasher();
        assertThat(done.digest()).isEqualTo(Blake2b.hash());
        assertThatThrownBy(done::digest).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> done.update(data)).isInstanceOf(IllegalStateException.class);
    }
}
