package org.datdot.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.datdot.crypto.Signature;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReplicaMessageTest {
    private static final ReplicaId ID = new ReplicaId(300, 2);

    @TempDir
    Path directory;

    private List<ReplicaMessage> all() throws java.io.IOException {
        byte[] signature = new byte[64];
        signature[3] = 4;
        ReplicaOffer offer;
        try (Replica replica = new Sample(1).encode(directory)) {
            offer = replica.offer();
        }
        return List.of(
                new ReplicaMessage.Want(ID),
                new ReplicaMessage.Offer(ID, offer),
                new ReplicaMessage.Read(ID, 5, 70000),
                new ReplicaMessage.Frames(ID, 5, 2, new byte[] {1, 2, 3}),
                new ReplicaMessage.Receipt(ID, new Signature(signature)),
                new ReplicaMessage.Refused(ID, 1, "no"),
                new ReplicaMessage.Confirmed(ID));
    }

    @Test
    void shouldHaveTheBytesOfTheSpecification() {
        assertThat(new ReplicaMessage.Want(ID).encode()).containsExactly(0xfd, 44, 1, 2);
        assertThat(new ReplicaMessage.Read(ID, 5, 7).encode()).containsExactly(0xfd, 44, 1, 2, 5, 7);
        assertThat(new ReplicaMessage.Frames(ID, 5, 1, new byte[] {9, 8}).encode())
                .containsExactly(0xfd, 44, 1, 2, 5, 1, 9, 8);
        assertThat(new ReplicaMessage.Refused(ID, 3, "ab").encode()).containsExactly(0xfd, 44, 1, 2, 3, 2, 'a', 'b');
        assertThat(new ReplicaMessage.Confirmed(ID).encode()).containsExactly(0xfd, 44, 1, 2);
    }

    @Test
    void shouldReadBackWhatItWrote() throws java.io.IOException {
        for (ReplicaMessage message : all()) {
            byte[] bytes = message.encode();
            ReplicaMessage read = ReplicaMessage.decode(message.type(), new CompactDecoder(bytes));
            assertThat(read).hasSameClassAs(message);
            assertThat(read.encode()).isEqualTo(bytes);
        }
    }

    @Test
    void shouldThrowNothingElseWhenTheBytesAreHostile() throws java.io.IOException {
        Random random = new Random(8);
        for (ReplicaMessage message : all()) {
            byte[] good = message.encode();
            for (int i = 0; i < 500; i++) {
                byte[] bad = random.nextBoolean() ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
                if (bad.length > 0) bad[random.nextInt(bad.length)] = (byte) random.nextInt();
                try {
                    ReplicaMessage.decode(message.type(), new CompactDecoder(bad));
                } catch (DecodingException expected) {
                    assertThat(expected).hasMessageContaining("");
                }
            }
        }
    }

    @Test
    void shouldRefuseWhenTheNumberIsUnknownOrBytesAreLeft() {
        byte[] want = new ReplicaMessage.Want(ID).encode();
        assertThatThrownBy(() -> ReplicaMessage.decode(7, new CompactDecoder(want)))
                .isInstanceOf(DecodingException.class);
        byte[] longer = Arrays.copyOf(want, want.length + 1);
        assertThatThrownBy(() -> ReplicaMessage.decode(0, new CompactDecoder(longer)))
                .isInstanceOf(DecodingException.class);
        byte[] position = new CompactEncoder().uint(1).uint(256).toBytes();
        assertThatThrownBy(() -> ReplicaMessage.decode(0, new CompactDecoder(position)))
                .isInstanceOf(DecodingException.class);
    }
}
