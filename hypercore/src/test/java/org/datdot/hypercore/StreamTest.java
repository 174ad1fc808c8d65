package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.datdot.crypto.PublicKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Streams of blocks and bytes, and watchers. */
@Timeout(120)
class StreamTest {
    @TempDir
    private Path directory;

    @Test
    void shouldGiveAnyRangeOfBytesWhenTheyLieInManyBlocks() throws Exception {
        try (Corestore store = TestStores.open(directory)) {
            for (long seed = 0; seed < 4; seed++) {
                Random random = new Random(seed);
                Hypercore core = store.get("log" + seed);
                List<byte[]> blocks = TestStores.blocks(random, 60);
                core.append(blocks);
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                for (byte[] block : blocks) all.writeBytes(block);
                byte[] bytes = all.toByteArray();
                assertThat(core.byteLength()).isEqualTo(bytes.length);
                assertThat(core.bytes().readAllBytes()).isEqualTo(bytes);
                for (int i = 0; i < 60; i++) {
                    int start = random.nextInt(bytes.length + 1);
                    int end = start + random.nextInt(bytes.length - start + 1);
                    try (InputStream in = core.bytes(start, end)) {
                        assertThat(in.readAllBytes())
                                .as("seed %s, bytes %s to %s", seed, start, end)
                                .isEqualTo(Arrays.copyOfRange(bytes, start, end));
                        assertThat(in.read()).isEqualTo(-1);
                    }
                }
                assertThatThrownBy(() -> core.bytes(1, bytes.length + 1L)).isInstanceOf(IllegalArgumentException.class);
                BlockStream some = core.blocks(7, 9);
                assertThat(some.next()).isEqualTo(blocks.get(7));
                assertThat(some.position()).isEqualTo(8);
                assertThat(some.next()).isEqualTo(blocks.get(8));
                assertThatThrownBy(some::next).isInstanceOf(NoSuchElementException.class);
            }
        }
    }

    @Test
    void shouldAskForAsManyBlocksAheadAsItIsTold() throws Exception {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            for (int i = 0; i < 40; i++) core.append(new byte[] {1, (byte) i});
            // What is asked for is marked, and all else goes with a sweep.
            try (Hypercore marking = core.marking()) {
                BlockStream blocks = marking.blocks(4, 40, 3);
                assertThat(blocks.next()).containsExactly(1, 4);
                InputStream bytes = marking.bytes(60, 80, 2);
                assertThat(bytes.read()).isEqualTo(1);
                core.marks().sweep();
                List<Long> asked = new ArrayList<>();
                for (long i = 0; i < 40; i++) if (core.has(i)) asked.add(i);
                assertThat(asked).containsExactly(4L, 5L, 6L, 30L, 31L);
                blocks.close();
                bytes.close();
            }
            assertThatThrownBy(() -> core.blocks(0, 1, 0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> core.bytes(0, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldAppendWhatIsWrittenInOrderAndWaitForTheDiskWhenMuchIsOnItsWay() {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            Hypercore readOnly = core.readOnly();
            int blockBytes = 64 << 10;
            long bound = (BlockWriter.MAX_PENDING + 1L) * BlockWriter.APPEND_BYTES / blockBytes;
            List<byte[]> expected = new ArrayList<>();
            Random random = new Random(6);
            try (BlockWriter writer = BlockWriter.of(core)) {
                for (int i = 0; i < 3 * bound; i++) {
                    byte[] block = new byte[blockBytes];
                    random.nextBytes(block);
                    expected.add(block);
                    writer.write(block);
                    assertThat(core.length()).as("after %d blocks", i + 1).isGreaterThanOrEqualTo(i + 1 - bound);
                }
                assertThat(writer.flush()).isEqualTo(expected.size());
                assertThat(core.length()).isEqualTo(expected.size());
                for (int i = 0; i < 2 * BlockWriter.APPEND_BLOCKS + 7; i++) {
                    byte[] block = {(byte) i, (byte) (i >> 8)};
                    expected.add(block);
                    writer.write(block);
                }
                assertThatThrownBy(() -> writer.write(new byte[Hypercore.MAX_BLOCK_BYTES + 1]))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(core.length()).isEqualTo(expected.size());
            for (int i = 0; i < expected.size(); i++) assertThat(core.local(i)).isEqualTo(expected.get(i));
            BlockWriter empty = BlockWriter.of(core);
            assertThat(empty.flush()).isEqualTo(expected.size());
            empty.close();
            assertThatThrownBy(() -> empty.write(new byte[1])).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> BlockWriter.of(readOnly)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void shouldFollowTheCoreWhenTheStreamIsLive() throws Exception {
        CompletableFuture<Boolean> end;
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            core.append(new byte[] {0});
            BlockingQueue<Byte> seen = new ArrayBlockingQueue<>(100);
            BlockStream live = core.follow(0);
            Thread reader = Thread.startVirtualThread(() -> live.forEachRemaining(block -> seen.add(block[0])));
            for (int i = 1; i < 50; i++) core.append(new byte[] {(byte) i});
            for (int i = 0; i < 50; i++)
                assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo((byte) i);
            live.close();
            assertThat(reader.join(java.time.Duration.ofSeconds(30))).isTrue();
            BlockStream second = core.follow(50);
            end = CompletableFuture.supplyAsync(second::hasNext);
        }
        assertThat(end.get(30, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void shouldStopWaitingWhenTheThreadIsInterruptedOrTheStreamClosed() throws Exception {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            core.append(new byte[] {0}, new byte[] {1});
            core.clear(1, 2);
            List<Throwable> failures = new ArrayList<>();
            BlockStream stream = core.blocks();
            stream.next();
            CountDownLatch started = new CountDownLatch(1);
            Thread reader = Thread.ofPlatform().start(() -> {
                started.countDown();
                try {
                    stream.next();
                } catch (BlockNotAvailableException e) {
                    failures.add(e);
                }
            });
            started.await();
            reader.interrupt();
            reader.join();
            assertThat(failures).hasSize(1).first().asString().contains("interrupted");

            BlockStream closing = core.blocks(1, 2);
            CompletableFuture<byte[]> next = CompletableFuture.supplyAsync(closing::next);
            closing.close();
            assertThatThrownBy(() -> next.get(30, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfAny(BlockNotAvailableException.class, NoSuchElementException.class);
        }
    }

    @Test
    void shouldTellOfUploadsAndForgetThemWhenAWatcherIsTooSlow() throws Exception {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 5)) {
            ReplicationTestBed.Node writer = bed.writer(40);
            ReplicationTestBed.Node reader = bed.reader(writer);
            BlockingQueue<Long> sizes = new LinkedBlockingQueue<>();
            writer.core.watch(new CoreWatcher() {
                @Override
                public void uploaded(long index, long byteLength, PublicKey peer) {
                    sizes.add(byteLength);
                }
            });
            CountDownLatch busy = new CountDownLatch(1);
            AtomicInteger told = new AtomicInteger();
            CountDownLatch ended = new CountDownLatch(1);
            AutoCloseable slow = writer.core.watch(new CoreWatcher() {
                @Override
                public void uploaded(long index, long byteLength, PublicKey peer) {
                    try {
                        busy.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    told.incrementAndGet();
                }

                @Override
                public void closed() {
                    ended.countDown();
                }
            });
            bed.connect(reader, writer);
            Download all = reader.replicator.download(0, 40);
            bed.until("downloaded", () -> all.done().isDone());
            long sum = 0;
            for (int i = 0; i < 40; i++) sum += Objects.requireNonNull(sizes.poll(30, TimeUnit.SECONDS));
            assertThat(sum).isEqualTo(writer.core.byteLength());
            PublicKey nobody = new PublicKey(new byte[32]);
            for (int i = 0; i < 5_000; i++) writer.core.state().uploaded(i, 1, nobody);
            busy.countDown();
            slow.close();
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(told.get()).isBetween(1_024, 1_030);
        }
    }

    @Test
    void shouldTellAWatcherInOrderWhenTheCoreChanges() throws Exception {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            core.watch(new CoreWatcher() {
                @Override
                public void appended(TreeHead head) {
                    heard.add("append " + head.length());
                }

                @Override
                public void truncated(long ancestors, TreeHead head) {
                    heard.add("cut " + ancestors + " fork " + head.fork());
                }

                @Override
                public void closed() {
                    heard.add("closed");
                }
            });
            core.append(new byte[1]);
            core.append(new byte[1], new byte[2]);
            core.truncate(1);
            core.append(new byte[1]);
            core.close();
            for (String event : List.of("append 1", "append 3", "cut 1 fork 1", "append 2", "closed")) {
                assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo(event);
            }
            assertThat(heard).isEmpty();
        }
    }
}
