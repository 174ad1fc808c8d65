package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which blocks are asked for, in which order, and how many at a time. */
@Timeout(120)
class SelectionTest {
    @TempDir
    Path directory;

    private static List<Long> held(Hypercore core) {
        return LongStream.range(0, core.length()).filter(core::has).boxed().toList();
    }

    @Test
    void shouldFetchOnlyTheListedBlocks() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 1)) {
            ReplicationTestBed.Node writer = bed.writer(300);
            ReplicationTestBed.Node reader = bed.reader(writer);
            bed.connect(reader, writer);
            Download download = reader.replicator.download(BlockSelection.of(250, 3, 77, 3, 299));
            assertThat(download.lengthBlocks()).isEqualTo(4);
            bed.until("downloaded", () -> download.done().isDone());
            assertThat(held(reader.core)).containsExactly(3L, 77L, 250L, 299L);
            assertThat(download.heldBlocks()).isEqualTo(4);
            bed.requireSame(writer, reader, 77, 78);
            assertThat(reader.replicator.download(BlockSelection.of()).done())
                    .as("nothing to do")
                    .satisfies(done -> bed.until("done", done::isDone));
        }
    }

    /** The blocks in the order in which they come from now on. */
    private static List<Long> arrivals(Hypercore core) {
        List<Long> came = Collections.synchronizedList(new ArrayList<>());
        core.state().addListener(new CoreListener() {
            @Override
            public void onDownload(CoreState state, long start, long end) {
                LongStream.range(start, end).forEach(came::add);
            }
        });
        return came;
    }

    @Test
    void shouldFetchEverythingInAnotherOrderWhenAskedForARandomOne() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 2)) {
            ReplicationTestBed.Node writer = bed.writer(2000);
            ReplicationTestBed.Node linear = bed.reader(writer);
            ReplicationTestBed.Node random = bed.reader(writer);
            bed.connect(linear, writer);
            bed.connect(random, writer);
            bed.until("heads", () -> linear.core.length() == 2000 && random.core.length() == 2000);
            linear.replicator.inflightRange(8, 8);
            random.replicator.inflightRange(8, 8);
            List<Long> linearOrder = arrivals(linear.core);
            List<Long> randomOrder = arrivals(random.core);
            Download first = linear.replicator.download(BlockSelection.linear(0, 2000));
            Download second = random.replicator.download(BlockSelection.random(0, 2000));
            bed.until("all", () -> first.done().isDone() && second.done().isDone());
            bed.until("told", () -> linearOrder.size() == 2000 && randomOrder.size() == 2000);
            assertThat(linearOrder.subList(0, 20)).allMatch(index -> index < 200);
            assertThat(randomOrder.subList(0, 20)).anyMatch(index -> index > 500);
            bed.requireSame(writer, linear, 0, 2000);
            bed.requireSame(writer, random, 0, 2000);
        }
    }

    @Test
    void shouldSelectWhatItSays() {
        BlockSelection list = BlockSelection.of(9, 2, 5);
        assertThat(list.next(0)).isEqualTo(2);
        assertThat(list.next(3)).isEqualTo(5);
        assertThat(list.next(10)).isEqualTo(Download.LIVE);
        assertThat(list.contains(5)).isTrue();
        assertThat(list.contains(4)).isFalse();
        assertThat(list.contains(10)).isFalse();
        assertThat(list.touches(3, 5)).isFalse();
        assertThat(list.touches(3, 6)).isTrue();
        Bitfield held = new Bitfield();
        held.setRange(2, 8, true);
        assertThat(list.nextMissing(0, held)).isEqualTo(9);
        assertThat(list.countHeld(held, 10)).isEqualTo(2);
        assertThat(BlockSelection.linear(0, 9).nextMissing(1, held)).isEqualTo(1);
        assertThat(BlockSelection.linear(3, 8).nextMissing(0, held)).isEqualTo(Download.LIVE);
        assertThat(BlockSelection.random(3, Download.LIVE).nextMissing(0, held)).isEqualTo(8);
        assertThat(BlockSelection.random(3, Download.LIVE).count(10)).isEqualTo(7);
        assertThatThrownBy(() -> BlockSelection.linear(5, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BlockSelection(3, 9, new long[] {2}, true))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldSizeTheWindowAsStockDoes() {
        InflightWindow window = InflightWindow.DEFAULT;
        long block = 512 * 1024;
        assertThat(window.requests(OptionalLong.empty(), 1, block)).isEqualTo(48);
        assertThat(window.requests(nanos(10), 1, block)).isEqualTo(16);
        assertThat(window.requests(nanos(50), 1, block)).isEqualTo(16);
        assertThat(window.requests(nanos(100), 1, block)).isEqualTo(32);
        assertThat(window.requests(nanos(100), 4, block)).isEqualTo(16);
        assertThat(window.requests(nanos(300), 2, block)).isEqualTo(96);
        assertThat(window.requests(nanos(60_000), 1, 65_536)).isEqualTo(512);
        assertThat(window.requests(nanos(60_000), 1, block)).as("64 MiB").isEqualTo(128);
        assertThat(window.requests(nanos(60_000), 1, 15 << 20))
                .as("large blocks")
                .isEqualTo(16);
        assertThat(window.requests(nanos(1), 1, 100)).as("small blocks").isEqualTo(512);
        assertThat(window.requests(nanos(1), 1, 65_536)).as("8 MiB").isEqualTo(128);
    }

    @Test
    void shouldAskForMoreAtATimeWhenTheRoundTripOfTheStreamGrows() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 6)) {
            ReplicationTestBed.Node writer = bed.writer(0);
            // 1 MiB on average, so that the round trip decides and not the size.
            for (int i = 0; i < 24; i++) writer.core.append(new byte[i % 12 == 0 ? 12 << 20 : 1]);
            ReplicationTestBed.Node reader = bed.reader(writer);
            ReplicationTestBed.Link link = bed.connect(reader, writer);
            bed.until("head", () -> reader.core.length() == 24);
            bed.quiet();
            link.stuck = true;
            link.duplex.roundTrip(Duration.ofMillis(10));
            reader.replicator.inflightRange(2, 20);
            Download download = reader.replicator.download(0, 24);
            assertThat(inflight(reader)).as("the 8 MiB that are always allowed").isEqualTo(8);
            link.duplex.roundTrip(Duration.ofMillis(300));
            reader.replicator.download(0, 1).close();
            assertThat(inflight(reader)).as("6 times as far").isEqualTo(12);
            link.duplex.roundTrip(Duration.ofSeconds(10));
            reader.replicator.download(0, 1).close();
            assertThat(inflight(reader)).as("the most").isEqualTo(20);
            link.stuck = false;
            bed.until("downloaded", () -> download.done().isDone());
        }
    }

    private static long inflight(ReplicationTestBed.Node node) {
        return node.replicator.peers().getFirst().inflightBlocks();
    }

    @Test
    void shouldTellOfBlocksFarFromTheEndOnlyAsLongAsTheyAreWanted() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 8)) {
            ReplicationTestBed.Node writer = bed.writer(400);
            ReplicationTestBed.Node reader = bed.reader(writer);
            bed.connect(reader, writer);
            bed.until("head", () -> reader.core.length() == 400);
            ReplicationTestBed.Link link = bed.link();
            reader.replicator.attach(link.duplex.responder());
            FakePeer third = new FakePeer(link.duplex.initiator(), writer.core.key());
            bed.quiet();
            third.send(new ReplicationMessage.Sync(0, 0, 0, true, true, true, true, false));
            third.send(new ReplicationMessage.Want(32, 32, false));
            bed.quiet();
            fetch(bed, reader, 40);
            fetch(bed, reader, 70);
            assertThat(third.received(ReplicationMessage.Range.class))
                    .containsExactly(new ReplicationMessage.Range(false, 40, 1));
            third.send(new ReplicationMessage.Unwant(32, 32, false));
            bed.quiet();
            fetch(bed, reader, 41);
            fetch(bed, reader, 390);
            assertThat(third.received(ReplicationMessage.Range.class))
                    .as("the newest blocks are told of in any case")
                    .containsExactly(
                            new ReplicationMessage.Range(false, 40, 1), new ReplicationMessage.Range(false, 390, 1));
        }
    }

    private static void fetch(ReplicationTestBed bed, ReplicationTestBed.Node node, long index) {
        CompletableFuture<byte[]> block = node.replicator.fetch(index);
        bed.until("block " + index, block::isDone);
        bed.quiet();
    }

    private static OptionalLong nanos(long ms) {
        return OptionalLong.of(ms * 1_000_000);
    }

    @Test
    void shouldNotAskAPeerThatDoesNotUpload() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 4)) {
            ReplicationTestBed.Node writer = bed.writer(20);
            ReplicationTestBed.Node reader = bed.reader(writer);
            writer.replicator.uploading(false);
            bed.connect(reader, writer);
            CompletableFuture<byte[]> block = reader.replicator.fetch(4);
            bed.quiet();
            assertThat(block).isNotDone();
            assertThat(reader.core.length()).isZero();
            writer.replicator.uploading(true);
            bed.until("served", block::isDone);
            writer.replicator.uploading(false);
            bed.quiet();
            CompletableFuture<byte[]> other = reader.replicator.fetch(5);
            bed.quiet();
            assertThat(other).isNotDone();
            assertThat(reader.replicator.refusals()).as("it did not even ask").isZero();
        }
    }

    @Test
    void shouldAskForAnUrgentBlockBeforeTheRestOfADownload() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 5)) {
            ReplicationTestBed.Node writer = bed.writer(2000);
            ReplicationTestBed.Node reader = bed.reader(writer);
            reader.replicator.inflightRange(4, 4);
            bed.connect(reader, writer);
            bed.until("head", () -> reader.core.length() == 2000);
            List<Long> came = arrivals(reader.core);
            Download all = reader.replicator.download(0, 2000);
            CompletableFuture<byte[]> urgent = reader.replicator.fetch(1999);
            bed.until("urgent", urgent::isDone);
            bed.until("told", () -> came.contains(1999L));
            assertThat(came.indexOf(1999L)).as("%s", came).isLessThan(10);
            assertThat(urgent.join()).isEqualTo(writer.core.local(1999));
            all.close();
        }
    }

    @Test
    void shouldTellPeersWhenBlocksAreCleared() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 6)) {
            ReplicationTestBed.Node writer = bed.writer(50);
            ReplicationTestBed.Node reader = bed.reader(writer);
            bed.connect(reader, writer);
            bed.until("head", () -> reader.core.length() == 50);
            writer.core.clear(10, 20);
            bed.quiet();
            CompletableFuture<byte[]> gone = reader.replicator.fetch(15);
            CompletableFuture<byte[]> there = reader.replicator.fetch(20);
            bed.until("what is left", there::isDone);
            bed.quiet();
            assertThat(gone).isNotDone();
            assertThat(reader.replicator.refusals())
                    .as("it knew, and did not ask")
                    .isZero();
        }
    }

    @Test
    void shouldWaitForPeersOnlyAsLongAsTheyAreLookedFor() throws Exception {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 7)) {
            ReplicationTestBed.Node writer = bed.writer(5);
            ReplicationTestBed.Node reader = bed.reader(writer);
            AutoCloseable one = reader.replicator.findingPeers();
            AutoCloseable two = reader.replicator.findingPeers();
            CompletableFuture<Boolean> update = reader.replicator.update();
            one.close();
            one.close();
            bed.quiet();
            assertThat(update).isNotDone();
            two.close();
            bed.until("given up", update::isDone);
            assertThat(update.join()).isFalse();
            CompletableFuture<Boolean> again = reader.replicator.update();
            bed.until("given up at once", again::isDone);
            bed.connect(reader, writer);
            CompletableFuture<Boolean> connected = reader.replicator.update();
            bed.until("updated", connected::isDone);
            assertThat(connected.join()).isTrue();
        }
    }

    @Test
    void shouldTakeBackTheRequestWhenTheCallerIsInterrupted() throws Exception {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 8)) {
            ReplicationTestBed.Node writer = bed.writer(5);
            Hypercore core = bed.store().get(writer.core.key());
            ReplicationTestBed.Link link = bed.link();
            core.replicator().attach(link.duplex.initiator());
            writer.replicator.attach(link.duplex.responder());
            while (core.length() < 5) { // its replicator runs on threads of its own
                if (!bed.step()) Thread.onSpinWait();
            }
            link.stuck = true;
            List<Throwable> ends = new ArrayList<>();
            Thread reading = Thread.ofVirtual().start(() -> {
                try {
                    core.get(3);
                } catch (BlockNotAvailableException e) {
                    ends.add(e);
                }
            });
            while (core.peers().getFirst().inflightBlocks() == 0) Thread.onSpinWait();
            reading.interrupt();
            reading.join();
            assertThat(ends).hasSize(1);
            assertThat(core.peers().getFirst().inflightBlocks()).isZero();
            assertThatThrownBy(() -> core.get(2, Duration.ofMillis(20)))
                    .isInstanceOf(BlockNotAvailableException.class)
                    .hasMessageContaining("block 2");
            assertThat(core.peers().getFirst().inflightBlocks()).isZero();
        }
    }
}
