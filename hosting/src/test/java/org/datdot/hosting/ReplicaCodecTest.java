package org.datdot.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.datdot.crypto.Hash;
import org.datdot.ledger.Bytes;
import org.junit.jupiter.api.Test;

final class ReplicaCodecTest {
    private static final Hash GENESIS = new Hash(new byte[32]);

    private static Sealing sealing(int position) {
        return Sealing.of(Sealing.PLAIN, new Bytes(new byte[0]), GENESIS, new ReplicaId(2, position), 1);
    }

    @Test
    void shouldGiveBackEveryBlockWhenDecoded() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] block = Sample.block(random);
            long number = random.nextInt(5000);
            try (ReplicaCodec codec = new ReplicaCodec(sealing(0))) {
                byte[] encoded = codec.encode(number, block);
                Frame frame = Frame.read(encoded, 0, encoded.length);
                assertThat(frame.end()).as("seed %d", seed).isEqualTo(encoded.length);
                assertThat(codec.decode(number, encoded, frame))
                        .as("seed %d", seed)
                        .isEqualTo(block);
                assertThat(encoded.length).as("seed %d", seed).isLessThanOrEqualTo(block.length + 6);
            }
        }
    }

    @Test
    void shouldCompressOnlyWhereItIsSmaller() {
        byte[] text = new byte[65536];
        for (int i = 0; i < text.length; i++) text[i] = (byte) "one noun a file ".charAt(i % 16);
        byte[] noise = new byte[65536];
        new Random(1).nextBytes(noise);
        try (ReplicaCodec codec = new ReplicaCodec(sealing(0))) {
            assertThat(codec.encode(0, text).length).isLessThan(1000);
            assertThat(codec.encode(0, noise).length).isEqualTo(65536 + 1 + 5);
        }
    }

    @Test
    void shouldShareNoBytesWhenOnlyThePositionDiffers() {
        byte[] block = new byte[4096];
        new Random(2).nextBytes(block);
        byte[][] frames = new byte[3][];
        for (int position = 0; position < 3; position++) {
            try (ReplicaCodec codec = new ReplicaCodec(sealing(position))) {
                frames[position] = codec.encode(5, block);
            }
        }
        assertThat(equalBytes(frames[0], frames[1])).isLessThan(40);
        assertThat(equalBytes(frames[1], frames[2])).isLessThan(40);
        try (ReplicaCodec codec = new ReplicaCodec(sealing(0))) {
            assertThat(equalBytes(frames[0], codec.encode(6, block))).isLessThan(40);
        }
    }

    private static int equalBytes(byte[] one, byte[] other) {
        int equal = 0;
        for (int i = 0; i < Math.min(one.length, other.length); i++) if (one[i] == other[i]) equal++;
        return equal; // 1/256 of 4 KiB is 16
    }

    @Test
    void shouldRefuseWhenTheContentIsNotWhatAnEncoderMakes() {
        Random random = new Random(3);
        byte[] text = new byte[5000];
        Arrays.fill(text, (byte) 'x');
        for (int i = 0; i < 2000; i++) {
            try (ReplicaCodec codec = new ReplicaCodec(sealing(0))) {
                byte[] encoded = codec.encode(0, text);
                encoded[1 + random.nextInt(encoded.length - 1)] ^= (byte) (1 << random.nextInt(8));
                try {
                    byte[] decoded = codec.decode(0, encoded, Frame.read(encoded, 0, encoded.length));
                    assertThat(decoded.length).isLessThanOrEqualTo(Frame.MAX_BLOCK_BYTES);
                } catch (InvalidReplicaException expected) {
                    assertThat(expected).hasMessageContaining("block 0");
                }
            }
        }
    }

    @Test
    void shouldRefuseWhenTheSealingIsUnknown() {
        for (int id : new int[] {2, 77}) {
            assertThatThrownBy(() -> Sealing.of(id, new Bytes(new byte[256]), GENESIS, new ReplicaId(2, 0), 1))
                    .isInstanceOf(InvalidReplicaException.class)
                    .hasMessageContaining("unknown sealing");
        }
    }

    @Test
    void shouldRefuseWhenAFrameLengthIsCutOffPaddedOrTooLarge() {
        byte[][] bad = {
            {},
            {0},
            {(byte) 0xfd, 5},
            {(byte) 0xfd, 5, 0, 1, 2, 3, 4, 5},
            {3, 1, 2},
            {(byte) 0xfe, 0, 0, 0, 0x7f, 1},
            {(byte) 0xff, 0, 0, 0, 0, 0, 0, 0, (byte) 0x80, 1}
        };
        for (byte[] bytes : bad) {
            assertThatThrownBy(() -> Frame.read(bytes, 0, bytes.length))
                    .as("%s", Arrays.toString(bytes))
                    .isInstanceOf(InvalidReplicaException.class);
        }
    }
}
