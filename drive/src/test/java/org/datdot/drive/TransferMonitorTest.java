package org.datdot.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.datdot.crypto.PublicKey;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.PeerSearch;
import org.datdot.hypercore.StoreOptions;
import org.datdot.wire.MemoryDuplex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Counting what goes to and from peers, snapshots of blobs, and looking for peers. */
@Timeout(120)
class TransferMonitorTest {
    private static final int BLOCK = Hyperblobs.BLOCK_BYTES;

    @TempDir
    Path directory;

    private Corestore open(String name) {
        return Corestore.open(directory.resolve(name), StoreOptions.defaults().sync(false));
    }

    private static byte[] content(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Delivers messages until something has come of them. */
    private static void deliver(MemoryDuplex duplex, BooleanSupplier until) {
        while (!until.getAsBoolean()) {
            if (!duplex.deliverOne()) Thread.onSpinWait();
        }
    }

    @Test
    void shouldCountTheBlocksOfAFileOnBothSidesWhenItIsRead() throws Exception {
        try (Corestore writing = open("writer");
                Corestore reading = open("reader");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Hyperdrive writer = Hyperdrive.open(writing);
            writer.put("/other", content(1, 3 * BLOCK));
            writer.put("/file", content(2, 4 * BLOCK + 100));
            TransferMonitor sent = writer.monitor("/file");
            MemoryDuplex duplex =
                    new MemoryDuplex(new PublicKey(new byte[32]), new PublicKey(new byte[32]), new byte[64]);
            writing.replicate(duplex.initiator());
            reading.replicate(duplex.responder());
            Hyperdrive reader = Hyperdrive.open(reading, writer.key());
            CountDownLatch counted = new CountDownLatch(1);
            CountDownLatch allCounted = new CountDownLatch(1);
            var read = threads.submit(() -> {
                reader.update(Duration.ofSeconds(60));
                TransferMonitor file = reader.monitor("/file");
                TransferMonitor all = reader.monitor(null);
                file.onUpdate(() -> {
                    if (file.downloads().blocks() == 5) counted.countDown();
                });
                all.onUpdate(() -> {
                    if (all.downloads().bytes() >= 7 * BLOCK + 100) allCounted.countDown();
                });
                reader.get("/other");
                byte[] bytes = reader.get("/file");
                assertThat(bytes).isEqualTo(content(2, 4 * BLOCK + 100));
                assertThat(counted.await(60, TimeUnit.SECONDS)).isTrue();
                assertThat(allCounted.await(60, TimeUnit.SECONDS)).isTrue();
                TransferMonitor.Transfer seen = file.downloads();
                assertThat(seen.blocks()).isEqualTo(5);
                assertThat(seen.bytes()).isEqualTo(4 * BLOCK + 100);
                assertThat(seen.targetBlocks()).isEqualTo(5);
                assertThat(seen.targetBytes()).isEqualTo(4 * BLOCK + 100);
                assertThat(seen.percentage()).isEqualTo(100.0);
                assertThat(file.uploads().blocks()).isZero();
                assertThat(file.peers()).isEqualTo(1);
                file.close();
                all.close();
                return all.downloads();
            });
            deliver(duplex, read::isDone);
            TransferMonitor.Transfer all = read.get();
            assertThat(all.blocks()).as("5 and 3 of content").isGreaterThanOrEqualTo(8);
            assertThat(all.targetBlocks()).isZero();
            assertThat(all.percentage()).isZero();
            deliver(duplex, () -> sent.uploads().blocks() == 5);
            assertThat(sent.uploads().bytes()).isEqualTo(4 * BLOCK + 100);
            assertThat(sent.downloads().blocks()).isZero();
            sent.close();
            assertThatThrownBy(() -> writer.monitor("/none"))
                    .isInstanceOf(DriveException.class)
                    .hasMessageContaining("/none");
            duplex.close();
            duplex.deliver();
        }
    }

    @Test
    void shouldForgetWhatIsOlderThanFiveSecondsWhenASpeedIsAskedFor() {
        long second = TimeUnit.SECONDS.toNanos(1);
        RecentBytes recent = new RecentBytes();
        assertThat(recent.perSecond(0)).isZero();
        recent.add(1000, 0);
        assertThat(recent.perSecond(second / 2)).as("within the first second").isEqualTo(1000);
        recent.add(3000, second);
        assertThat(recent.perSecond(2 * second - 1)).isEqualTo(2000);
        recent.add(1000, 4 * second);
        assertThat(recent.perSecond(5 * second - 1)).isEqualTo(1000);
        assertThat(recent.perSecond(6 * second - 1)).isEqualTo(800);
        assertThat(recent.perSecond(7 * second - 1)).isEqualTo(200);
        assertThat(recent.perSecond(100 * second)).isZero();
        recent.add(500, 100 * second);
        assertThat(recent.perSecond(100 * second)).isEqualTo(100);
    }

    @Test
    void shouldReadOldBlobsInASnapshotWhenTheyAreGone() {
        try (Corestore store = open("s")) {
            Hypercore core = store.get("blobs");
            Hyperblobs blobs = Hyperblobs.of(core);
            byte[] first = content(3, 2 * BLOCK + 5);
            BlobId one = blobs.put(first);
            BlobId two = blobs.put(content(4, 10));
            try (Hyperblobs then = blobs.snapshot()) {
                BlobId three = blobs.put(content(5, 10));
                blobs.clear(one);
                core.truncate(two.blockOffset());
                assertThat(then.has(one)).isTrue();
                assertThat(then.get(one)).isEqualTo(first);
                assertThat(then.get(two)).isEqualTo(content(4, 10));
                assertThat(then.has(three)).isFalse();
                assertThatThrownBy(() -> then.put(first)).isInstanceOf(DriveException.class);
                assertThatThrownBy(() -> then.clear(one)).isInstanceOf(DriveException.class);
                assertThat(blobs.has(one)).isFalse();
                assertThatThrownBy(() -> then.within(Duration.ZERO).get(three)).isInstanceOf(RuntimeException.class);
            }
            assertThatThrownBy(() -> blobs.within(Duration.ZERO).get(one))
                    .isInstanceOf(BlockNotAvailableException.class);
        }
    }

    @Test
    void shouldWaitForNobodyWhenTheSearchForPeersIsOver() {
        try (Corestore writing = open("writer");
                Corestore reading = open("reader")) {
            Hyperdrive writer = Hyperdrive.open(writing);
            writer.put("/a", "a".getBytes(StandardCharsets.UTF_8));
            Hyperdrive reader = Hyperdrive.open(reading, writer.key());
            PeerSearch search = reader.findingPeers();
            search.close();
            search.close();
            assertThat(reader.update(Duration.ofSeconds(100))).isFalse();
        }
    }
}
