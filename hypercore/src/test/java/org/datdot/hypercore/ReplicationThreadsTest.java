package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.PublicKey;
import org.datdot.wire.MemoryDuplex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole stores over connections that are moved by threads of their own, as in a running node. */
@Timeout(60)
class ReplicationThreadsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    /** A connection that delivers by itself until it is closed. */
    private static final class Wire implements AutoCloseable {
        private final MemoryDuplex duplex;
        private final Thread thread;
        private volatile boolean closed;

        Wire(Corestore dialler, Corestore listener, int number) {
            byte[] key = new byte[32];
            key[0] = (byte) number;
            byte[] handshakeHash = new byte[64];
            handshakeHash[0] = (byte) number;
            duplex = new MemoryDuplex(new PublicKey(key), new PublicKey(key), handshakeHash);
            dialler.replicate(duplex.initiator());
            listener.replicate(duplex.responder());
            thread = Thread.ofPlatform().daemon().start(this::run);
        }

        private void run() {
            while (!closed) {
                if (!duplex.deliverOne()) LockSupport.parkNanos(50_000);
            }
            duplex.close();
            duplex.deliver();
        }

        @Override
        public void close() {
            closed = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static byte[] block(String name, int index) {
        return (name + index + "x".repeat(index % 50)).getBytes(StandardCharsets.UTF_8);
    }

    private static Hypercore written(Corestore store, String name, int count) {
        Hypercore core = store.get(name);
        List<byte[]> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) blocks.add(block(name, i));
        core.append(blocks);
        return core;
    }

    @Test
    void shouldReplicateSeveralCoresOverOneConnectionWhicheverSideOpensThem() throws Exception {
        try (Corestore source = TestStores.open(directory.resolve("source"));
                Corestore sink = TestStores.open(directory.resolve("sink"))) {
            List<Hypercore> cores = new ArrayList<>();
            for (int i = 0; i < 4; i++) cores.add(written(source, "core" + i, 150));
            List<Download> downloads = new ArrayList<>();
            downloads.add(sink.get(cores.get(0).key()).download(0, 150));
            try (Wire _ = new Wire(sink, source, 1)) {
                for (Hypercore core : cores.subList(1, 4))
                    downloads.add(sink.get(core.key()).download(0, 150));
                Hypercore backwards = source.get(written(sink, "mine", 20).key());
                for (Download download : downloads) {
                    download.done().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                }
                for (int i = 0; i < 4; i++) {
                    Hypercore copy = sink.get(cores.get(i).key());
                    assertThat(copy.contiguousLength()).isEqualTo(150);
                    assertThat(copy.local(149)).isEqualTo(block("core" + i, 149));
                }
                assertThat(backwards.get(19, PATIENCE)).isEqualTo(block("mine", 19));
            }
        }
    }

    @Test
    void shouldCloseTheChannelsOfIdleCoresAndOpenThemAgainWhenAsked() throws Exception {
        int count = 60;
        try (Corestore source = TestStores.open(directory.resolve("source"));
                Corestore sink = TestStores.open(directory.resolve("sink"));
                Wire wire = new Wire(sink, source, 3)) {
            List<CoreKey> keys = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                try (Hypercore core = written(source, "core" + i, 3)) {
                    keys.add(core.key());
                }
            }
            for (int round = 0; round < 2; round++) {
                List<Hypercore> readers = new ArrayList<>();
                for (CoreKey key : keys) readers.add(sink.get(key));
                for (int i = 0; i < count; i++) {
                    assertThat(readers.get(i).get(round, PATIENCE)).isEqualTo(block("core" + i, round));
                }
                assertThat(wire.duplex.initiator().channels()).hasSize(count);
                for (Hypercore reader : readers) reader.close();
                long deadline = System.nanoTime() + PATIENCE.toNanos();
                while (!wire.duplex.initiator().channels().isEmpty()
                        || !wire.duplex.responder().channels().isEmpty()) {
                    if (System.nanoTime() > deadline)
                        throw new AssertionError("round " + round + ": channels stay open");
                    LockSupport.parkNanos(1_000_000);
                }
            }
            assertThat(wire.duplex.failure()).isNull();
        }
    }

    @Test
    void shouldServeStoredCoresNobodyOpenedWhenAPeerAsks() throws Exception {
        Path place = directory.resolve("source");
        Hypercore copy;
        try (Corestore source = TestStores.open(place);
                Corestore sink = TestStores.open(directory.resolve("sink"))) {
            copy = sink.get(written(source, "core", 30).key());
        }
        try (Corestore source = TestStores.open(place);
                Corestore sink = TestStores.open(directory.resolve("sink"));
                Wire _ = new Wire(source, sink, 2)) {
            Hypercore reader = sink.get(copy.key());
            assertThat(reader.get(29, PATIENCE)).isEqualTo(block("core", 29));
            assertThatThrownBy(() -> reader.get(30, Duration.ofMillis(100)))
                    .isInstanceOf(BlockNotAvailableException.class)
                    .hasMessageContaining("30");
        }
    }

    @Test
    void shouldKeepReadersCurrentWhileManyAppendAndConnectionsComeAndGo() throws Exception {
        Random random = new Random(11);
        try (Corestore source = TestStores.open(directory.resolve("source"));
                Corestore middle = TestStores.open(directory.resolve("middle"));
                Corestore sink = TestStores.open(directory.resolve("sink"))) {
            Hypercore writer = written(source, "core", 10);
            Hypercore relay = middle.get(writer.key());
            Hypercore reader = sink.get(writer.key());
            Download relayed = relay.download(0, Download.LIVE);
            Download read = reader.download(0, Download.LIVE);
            Thread appender = Thread.ofPlatform().start(() -> {
                for (int i = 10; i < 1_500; i++) writer.append(block("core", i));
            });
            try (Wire _ = new Wire(middle, source, 3);
                    Wire _ = new Wire(sink, middle, 4)) {
                for (int round = 0; round < 6; round++) {
                    try (Wire _ = new Wire(sink, source, 5 + round)) {
                        long enough = Math.min(1_500, reader.contiguousLength() + random.nextInt(200));
                        awaitLength(reader, enough);
                    }
                }
                appender.join();
                awaitLength(reader, 1_500);
                awaitLength(relay, 1_500);
            }
            for (int i = 0; i < 1_500; i++) assertThat(reader.local(i)).isEqualTo(block("core", i));
            relayed.close();
            read.close();
        }
    }

    private static void awaitLength(Hypercore core, long length) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (core.contiguousLength() < length) {
            assertThat(System.nanoTime() - deadline).as("%s", core.peers()).isNegative();
            LockSupport.parkNanos(200_000);
        }
    }
}
