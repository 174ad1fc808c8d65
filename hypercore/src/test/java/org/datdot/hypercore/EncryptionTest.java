package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.datdot.crypto.CoreKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncryptionTest {
    @TempDir
    private Path directory;

    @Test
    void shouldEncryptAsTheStockPackageDoes() {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 7);
        byte[] secret = new byte[32];
        for (int i = 0; i < 32; i++) secret[i] = (byte) (i * 5);
        List<String[]> vectors = Vectors.lines("encryption.txt");
        assertThat(vectors).hasSize(15);
        for (String[] vector : vectors) {
            boolean block = vector[0].equals("block");
            BlockCipher cipher = BlockCipher.of(
                    block ? EncryptionKey.ofBlocks(secret) : EncryptionKey.of(secret),
                    new CoreKey(key),
                    vector[0].equals("compat"));
            long index = Long.parseLong(vector[1]);
            byte[] plain = Vectors.bytes(vector[3]);
            byte[] encrypted = cipher.encrypt(index, Long.parseLong(vector[2]), plain);
            assertThat(Vectors.hex(encrypted)).as(String.join(" ", vector)).isEqualTo(vector[4]);
            assertThat(cipher.decrypt(index, encrypted)).isEqualTo(plain);
        }
    }

    @Test
    void shouldReadOnlyWithTheSecretWhenTheCoreIsEncrypted() throws Exception {
        EncryptionKey secret = EncryptionKey.of(new byte[32]);
        try (Corestore store = TestStores.open(directory)) {
            Hypercore plain = store.get("log");
            Hypercore core = plain.encrypted(secret);
            core.append(bytes("first"), bytes(""), bytes("third"));
            core.truncate(2);
            core.append(bytes("other"));
            assertThat(core.byteLength()).isEqualTo(10);
            assertThat(plain.byteLength()).isEqualTo(34);
            assertThat(core.get(0)).isEqualTo(bytes("first"));
            assertThat(core.get(1)).isEmpty();
            assertThat(core.get(2)).isEqualTo(bytes("other"));
            assertThat(core.fetch(2).get()).isEqualTo(bytes("other"));
            assertThat(plain.get(2)).hasSize(13).isNotEqualTo(bytes("other"));
            assertThat(core.seek(7).get()).isEqualTo(new BytePosition(2, 2));
            assertThat(core.bytes(3, 8).readAllBytes()).isEqualTo(bytes("stoth"));
            try (CoreSnapshot snapshot = core.snapshot()) {
                assertThat(snapshot.get(0)).isEqualTo(bytes("first"));
            }
            CoreSession draft = core.session("draft");
            draft.append(bytes("draft"));
            assertThat(draft.get(3)).isEqualTo(bytes("draft"));
            assertThat(draft.commit()).isTrue();
            assertThat(core.get(3)).isEqualTo(bytes("draft"));
            byte[] wrong = new byte[32];
            wrong[0] = 1;
            assertThat(plain.encrypted(EncryptionKey.of(wrong)).get(0)).isNotEqualTo(bytes("first"));
            assertThat(Objects.requireNonNull(core.manifest()).verify(core.key(), core.head()))
                    .isTrue();
            Hypercore open = store.get("open");
            open.append(bytes("short"));
            assertThatThrownBy(() -> open.encrypted(secret).get(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not encrypted");
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
