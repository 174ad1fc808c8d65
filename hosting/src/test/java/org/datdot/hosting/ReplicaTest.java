package org.datdot.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReplicaTest {
    @TempDir
    Path directory;

    @Test
    void shouldGiveBackBlocksProofsAndNodesWhenReopened() throws IOException {
        for (long seed = 0; seed < 20; seed++) {
            Path parent = directory.resolve("s" + seed);
            Sample sample = new Sample(seed);
            sample.encode(parent).close();
            try (Replica replica = Replica.open(parent.resolve(Sample.ID.fileName()));
                    ReplicaCodec codec = replica.codec()) {
                assertThat(replica.spec()).as("seed %d", seed).isEqualTo(sample.spec);
                for (int i = 0; i < sample.blocks.size(); i++) {
                    assertThat(replica.block(i, codec))
                            .as("seed %d block %d", seed, i)
                            .isEqualTo(sample.blocks.get(i));
                }
                var statement = replica.offer().statement();
                for (long leaf = 0; leaf < statement.leafCount(); leaf++) {
                    assertThat(replica.prove(leaf)
                                    .verify(statement.root(), statement.leafCount(), statement.encodedBytes()))
                            .as("seed %d leaf %d", seed, leaf)
                            .isTrue();
                }
                for (int i = 0; i < sample.spec.segments().size(); i++) {
                    assertThat(replica.treeNodes(i)).as("seed %d", seed).isNotEmpty();
                }
                replica.checkAll();
            }
        }
    }

    @Test
    void shouldAlwaysNoticeWhenAByteOnDiskChanged() throws IOException {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            Path parent = directory.resolve("d" + seed);
            Sample sample = new Sample(seed);
            sample.encode(parent).close();
            Path replicaDirectory = parent.resolve(Sample.ID.fileName());
            Path file = replicaDirectory.resolve(random.nextBoolean() ? "data" : "meta");
            byte[] bytes = Files.readAllBytes(file);
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bytes);
            assertThatThrownBy(() -> {
                        try (Replica replica = Replica.open(replicaDirectory)) {
                            replica.checkAll();
                        }
                    })
                    .as("seed %d, %s", seed, file)
                    .isInstanceOf(DamagedReplicaException.class);
        }
    }

    @Test
    void shouldRefuseToProveOnlyWhatIsDamaged() throws IOException {
        Sample sample = new Sample(4);
        for (long seed = 5; sample.encodedBytes() < 3 * 65536; seed++) sample = new Sample(seed);
        sample.encode(directory).close();
        Path data = directory.resolve(Sample.ID.fileName()).resolve("data");
        byte[] bytes = Files.readAllBytes(data);
        bytes[bytes.length - 1] ^= 1;
        Files.write(data, bytes);
        try (Replica replica = Replica.open(directory.resolve(Sample.ID.fileName()))) {
            long leafCount = replica.offer().statement().leafCount();
            assertThatThrownBy(() -> replica.prove(leafCount - 1)).isInstanceOf(DamagedReplicaException.class);
            assertThat(replica.prove(0).verify(replica.offer().statement().root(), leafCount, bytes.length))
                    .isTrue();
        }
    }

    @Test
    void shouldRefuseWhenFilesAreCutOffOrMissing() throws IOException {
        Sample sample = new Sample(5);
        for (String name : new String[] {"data", "meta"}) {
            sample.encode(directory).close();
            Path file = directory.resolve(Sample.ID.fileName()).resolve(name);
            byte[] bytes = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
            assertThatThrownBy(() -> Replica.open(directory.resolve(Sample.ID.fileName())))
                    .isInstanceOf(DamagedReplicaException.class);
            Files.delete(file);
            assertThatThrownBy(() -> Replica.open(directory.resolve(Sample.ID.fileName())))
                    .isInstanceOf(DamagedReplicaException.class);
        }
    }

    @Test
    void shouldKeepWholeAndDiscardHalfWrittenReplicasWhenTheStoreOpens() throws IOException {
        Sample sample = new Sample(6);
        sample.encode(directory).close();
        Path half = directory.resolve("99-0" + ReplicaWriter.PARTIAL);
        Files.createDirectories(half);
        Files.write(half.resolve("data"), new byte[100]);
        try (ReplicaStore store = ReplicaStore.open(directory, true)) {
            assertThat(store.all()).extracting(Replica::id).containsExactly(Sample.ID);
            assertThat(half).doesNotExist();
            Replica replica = store.all().getFirst();
            assertThat(store.usedBytes()).isEqualTo(replica.encodedBytes());
            ReplicaId other = new ReplicaId(50, 0);
            assertThatThrownBy(() -> store.reserve(other, 100, replica.encodedBytes() + 99))
                    .isInstanceOf(OutOfSpaceException.class);
            store.reserve(other, 100, replica.encodedBytes() + 100);
            assertThatThrownBy(() -> store.reserve(new ReplicaId(51, 0), 1, replica.encodedBytes() + 100))
                    .isInstanceOf(OutOfSpaceException.class);
            store.release(other);
            store.drop(Sample.ID);
            assertThat(store.usedBytes()).isZero();
            assertThat(directory.resolve(Sample.ID.fileName())).doesNotExist();
        }
    }
}
