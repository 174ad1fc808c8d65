package org.datdot.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.Hash;
import org.datdot.ledger.Bytes;
import org.junit.jupiter.api.Test;

final class SealingTest {
    private static final Hash GENESIS = new Hash(new byte[32]);
    private static final ReplicaId REPLICA = new ReplicaId(2, 1);
    private static final SealingSecret SECRET = SealingSecret.generate(Entropy.system());

    private static Sealing fresh() {
        return Sealing.fresh(Sealing.TRAPDOOR, Entropy.system(), GENESIS, REPLICA, 1);
    }

    private static byte[] random(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void shouldPermuteEveryPieceBothWays() {
        for (long seed = 0; seed < 40; seed++) {
            byte[] piece = random(new Random(seed), 300);
            if (seed == 1) Arrays.fill(piece, (byte) 0xff); // above the modulus
            if (seed == 2) Arrays.fill(piece, (byte) 0);
            byte[] sealed = piece.clone();
            SECRET.seal(sealed, 20);
            byte[] opened = sealed.clone();
            SECRET.key().open(opened, 20);
            assertThat(opened).as("seed %d", seed).isEqualTo(piece);
            byte[] other = piece.clone();
            SECRET.key().open(other, 20);
            SECRET.seal(other, 20);
            assertThat(other).as("seed %d", seed).isEqualTo(piece);
            assertThat(Arrays.equals(sealed, piece)).as("seed %d", seed).isEqualTo(seed == 1 || seed == 2);
        }
    }

    @Test
    void shouldGiveBackContentsOfAllLengthsToWhoHasTheKeyInTheStatement() {
        Sealing made = fresh();
        Sealing read = Sealing.of(made.id(), made.key(), GENESIS, REPLICA, 1);
        for (int length : new int[] {1, 2, 100, 254, 255, 256, 257, 511, 512, 513, 3000, 20_000}) {
            byte[] content = random(new Random(length), length);
            int sealed = made.sealedLength(length);
            assertThat(sealed).isEqualTo(Math.max(256, length + 1));
            byte[] buffer = Arrays.copyOf(content, sealed);
            made.seal(9, buffer, 0, length);
            byte[] opened = buffer.clone();
            assertThat(read.open(9, opened, 0, sealed)).as("length %d", length).isEqualTo(length);
            assertThat(Arrays.copyOf(opened, length)).as("length %d", length).isEqualTo(content);
        }
    }

    /** What an encoder did not make is refused, so that each content has one form and no room for anything else. */
    @Test
    void shouldRefuseWhatIsPaddedOtherwiseOrTampered() {
        Sealing made = fresh();
        byte[] good = new byte[256];
        made.seal(0, good, 0, 100);
        int refused = 0;
        Random random = new Random(1);
        for (int i = 0; i < 60; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(256)] ^= (byte) (1 << random.nextInt(8));
            try {
                made.open(0, bad, 0, 256);
            } catch (InvalidReplicaException e) {
                refused++;
            }
        }
        // One in 256 of random paddings says 0, which is no padding at all.
        assertThat(refused).isGreaterThan(55);
        assertThatThrownBy(() -> made.open(0, new byte[255], 0, 255)).isInstanceOf(InvalidReplicaException.class);
    }

    @Test
    void shouldLetNobodySealWhoHasOnlyTheKey() {
        Sealing made = fresh();
        Sealing read = Sealing.of(made.id(), made.key(), GENESIS, REPLICA, 1);
        assertThatThrownBy(() -> read.seal(0, new byte[256], 0, 10)).isInstanceOf(IllegalStateException.class);
        assertThat(fresh().key()).isNotEqualTo(made.key());
    }

    @Test
    void shouldRefuseKeysThatAnybodyCouldInvert() {
        BigInteger top = BigInteger.ONE.shiftLeft(2048);
        BigInteger least = top.subtract(BigInteger.ONE.shiftLeft(2048 - 64));
        BigInteger prime = least.nextProbablePrime();
        byte[] ofPrime = new byte[256];
        SealingKey.write(prime, ofPrime, 0);
        byte[] even = SECRET.key().bytes().bytes();
        even[255] &= (byte) 0xfe;
        byte[] low = SECRET.key().bytes().bytes();
        low[3] = 0;
        byte[] small = new byte[256];
        SealingKey.write(least.add(BigInteger.valueOf(997)).subtract(least.mod(BigInteger.valueOf(997))), small, 0);
        for (byte[] bad : new byte[][] {{}, ofPrime, even, low, small, new byte[256], new byte[257]}) {
            assertThatThrownBy(() -> Sealing.of(Sealing.TRAPDOOR, new Bytes(bad), GENESIS, REPLICA, 1))
                    .isInstanceOf(InvalidReplicaException.class)
                    .hasMessageContaining("key");
        }
    }
}
