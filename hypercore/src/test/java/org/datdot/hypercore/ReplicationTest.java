package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.datdot.crypto.TreeNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Cores that talk to each other in memory, in seeded random orders. */
@Timeout(120)
class ReplicationTest {
    @TempDir
    Path directory;

    private interface Scenario {
        void run(ReplicationTestBed bed);
    }

    private void forSeeds(int count, Scenario scenario) {
        for (long seed = 1; seed <= count; seed++) {
            try (ReplicationTestBed bed = new ReplicationTestBed(directory, seed)) {
                scenario.run(bed);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    @Test
    void shouldFetchAllBlocksWhenOnlyTheKeyIsKnown() {
        forSeeds(4, bed -> {
            int length = 1 + bed.random.nextInt(700);
            ReplicationTestBed.Node writer = bed.writer(length);
            ReplicationTestBed.Node reader = bed.reader(writer);
            Download download = reader.replicator.download(0, length);
            bed.connect(writer, reader);
            bed.until("downloaded", () -> download.done().isDone());
            assertThat(reader.core.manifest()).isEqualTo(writer.core.manifest());
            assertThat(reader.core.contiguousLength()).isEqualTo(length);
            assertThat(download.heldBlocks()).isEqualTo(length).isEqualTo(download.lengthBlocks());
            bed.requireSame(writer, reader, 0, length);
            bed.quiet();
            assertThat(writer.replicator.peers().getFirst().contiguousLengthBlocks())
                    .as("the reader announced what it has")
                    .isEqualTo(length);
            assertThat(reader.replicator.peers().getFirst().inflightBlocks()).isZero();
        });
    }

    @Test
    void shouldFetchSingleBlocksInAnyOrder() {
        forSeeds(3, bed -> {
            ReplicationTestBed.Node writer = bed.writer(400);
            ReplicationTestBed.Node reader = bed.reader(writer);
            bed.connect(reader, writer);
            List<Long> wanted = new ArrayList<>();
            for (int i = 0; i < 25; i++) wanted.add((long) bed.random.nextInt(400));
            Collections.shuffle(wanted, bed.random);
            List<CompletableFuture<byte[]>> gets = new ArrayList<>();
            for (long index : wanted) {
                gets.add(reader.replicator.fetch(index));
                for (int i = bed.random.nextInt(20); i > 0; i--) bed.step();
            }
            bed.until("all blocks came", () -> gets.stream().allMatch(CompletableFuture::isDone));
            for (int i = 0; i < gets.size(); i++) {
                assertThat(gets.get(i).join()).isEqualTo(writer.core.local(wanted.get(i)));
            }
            long held = wanted.stream().distinct().count();
            assertThat(reader.core.state().bitfield().countSet(0, 400))
                    .as("nothing else was fetched")
                    .isEqualTo(held);
        });
    }

    @Test
    void shouldFollowTheWriterWhenItAppends() {
        forSeeds(3, bed -> {
            ReplicationTestBed.Node writer = bed.writer(bed.random.nextInt(20));
            ReplicationTestBed.Node reader = bed.reader(writer);
            Download live = reader.replicator.download(0, Download.LIVE);
            bed.connect(reader, writer);
            for (int round = 0; round < 30; round++) {
                bed.append(writer.core, 1 + bed.random.nextInt(10));
                for (int i = bed.random.nextInt(60); i > 0; i--) bed.step();
            }
            long length = writer.core.length();
            bed.until("caught up", () -> reader.core.contiguousLength() == length);
            bed.requireSame(writer, reader, 0, length);
            assertThat(live.done()).isNotDone();
            live.close();
            assertThat(live.done()).isCancelled();
        });
    }

    @Test
    void shouldDeliverABlockThatDoesNotExistYet() {
        forSeeds(3, bed -> {
            ReplicationTestBed.Node writer = bed.writer(3);
            ReplicationTestBed.Node reader = bed.reader(writer);
            CompletableFuture<byte[]> future = reader.replicator.fetch(5);
            bed.connect(reader, writer);
            bed.quiet();
            assertThat(future).isNotDone();
            bed.append(writer.core, 3);
            bed.until("block 5", future::isDone);
            assertThat(future.join()).isEqualTo(writer.core.local(5));
        });
    }

    @Test
    void shouldPassBlocksOnWhenTheWriterIsGone() {
        forSeeds(4, bed -> {
            ReplicationTestBed.Node writer = bed.writer(200);
            ReplicationTestBed.Node middle = bed.reader(writer);
            ReplicationTestBed.Node late = bed.reader(writer);
            ReplicationTestBed.Link link = bed.connect(middle, writer);
            CompletableFuture<byte[]> sparse = middle.replicator.fetch(150);
            Download first = middle.replicator.download(20, 60);
            bed.until("middle has it", () -> sparse.isDone() && first.done().isDone());
            link.duplex.close();
            bed.quiet();
            assertThat(middle.replicator.peers()).isEmpty();

            bed.connect(late, middle);
            Download download = late.replicator.download(20, 60);
            CompletableFuture<byte[]> got = late.replicator.fetch(150);
            CompletableFuture<byte[]> nobodyHas = late.replicator.fetch(151);
            bed.until("late has it", () -> got.isDone() && download.done().isDone());
            bed.quiet();
            assertThat(nobodyHas).isNotDone();
            bed.requireSame(writer, late, 20, 60);
        });
    }

    @Test
    void shouldSpreadRequestsAndTellPeersAboutNewBlocksWhenThereAreSeveral() {
        forSeeds(4, bed -> {
            int length = 1_500;
            ReplicationTestBed.Node writer = bed.writer(length);
            ReplicationTestBed.Node first = bed.reader(writer);
            ReplicationTestBed.Node second = bed.reader(writer);
            Download downloadFirst = first.replicator.download(0, length);
            Download downloadSecond = second.replicator.download(0, length);
            bed.connect(first, writer);
            bed.connect(second, writer);
            bed.connect(first, second);
            bed.until(
                    "both have it",
                    () -> downloadFirst.done().isDone() && downloadSecond.done().isDone());
            bed.requireSame(writer, first, 0, length);
            bed.requireSame(writer, second, 0, length);
            long sent = writer.replicator.uploadedBytes();
            assertThat(sent).isLessThanOrEqualTo(2 * writer.core.byteLength());
            assertThat(first.replicator.downloadedBytes()).isEqualTo(writer.core.byteLength());
        });
    }

    @Test
    void shouldTakeBlocksFromBothPeersWhenTwoHaveThem() {
        forSeeds(4, bed -> {
            int length = 1_200;
            ReplicationTestBed.Node writer = bed.writer(length);
            ReplicationTestBed.Node mirror = bed.reader(writer);
            bed.connect(mirror, writer);
            Download mirrored = mirror.replicator.download(0, length);
            bed.until("mirrored", () -> mirrored.done().isDone());
            ReplicationTestBed.Node reader = bed.reader(writer);
            long before = writer.replicator.uploadedBytes();
            bed.connect(reader, writer);
            bed.connect(reader, mirror);
            bed.quiet();
            Download download = reader.replicator.download(0, length);
            bed.until("downloaded", () -> download.done().isDone());
            bed.quiet();
            long fromWriter = writer.replicator.uploadedBytes() - before;
            long fromMirror = mirror.replicator.uploadedBytes();
            assertThat(fromWriter).isPositive();
            assertThat(fromMirror).isPositive();
            assertThat(fromWriter + fromMirror)
                    .as("no block is fetched twice while all peers answer")
                    .isEqualTo(writer.core.byteLength());
        });
    }

    @Test
    void shouldAskElsewhereWhenAPeerLeavesInTheMiddle() {
        forSeeds(4, bed -> {
            int length = 1_000;
            ReplicationTestBed.Node writer = bed.writer(length);
            ReplicationTestBed.Node mirror = bed.reader(writer);
            bed.connect(mirror, writer);
            Download mirrored = mirror.replicator.download(0, length);
            bed.until("mirrored", () -> mirrored.done().isDone());
            ReplicationTestBed.Node reader = bed.reader(writer);
            ReplicationTestBed.Link leaving = bed.connect(reader, mirror);
            bed.connect(reader, writer);
            bed.quiet();
            Download download = reader.replicator.download(0, length);
            int left = 1 + bed.random.nextInt(500);
            bed.until("few enough are owed", () -> inflight(reader, leaving) <= left);
            assertThat(inflight(reader, leaving)).isPositive();
            leaving.duplex.close();
            long before = bed.nanoTime();
            bed.until("all blocks", () -> download.done().isDone());
            assertThat(bed.nanoTime()).as("without waiting").isEqualTo(before);
            bed.requireSame(writer, reader, 0, length);
            bed.quiet();
            assertThat(reader.replicator.peers()).hasSize(1);
        });
    }

    private static int inflight(ReplicationTestBed.Node reader, ReplicationTestBed.Link link) {
        return reader.replicator.peers().stream()
                .filter(peer -> peer.publicKey().equals(link.duplex.initiator().remotePublicKey()))
                .mapToInt(PeerStatus::inflightBlocks)
                .sum();
    }

    @Test
    void shouldAskElsewhereWhenAPeerIsSilent() {
        forSeeds(4, bed -> {
            int length = 600;
            ReplicationTestBed.Node writer = bed.writer(length);
            ReplicationTestBed.Node mirror = bed.reader(writer);
            bed.connect(mirror, writer);
            Download mirrored = mirror.replicator.download(0, length);
            bed.until("mirrored", () -> mirrored.done().isDone());
            ReplicationTestBed.Node reader = bed.reader(writer);
            ReplicationTestBed.Link silent = bed.connect(reader, mirror);
            bed.connect(reader, writer);
            bed.quiet();
            Download download = reader.replicator.download(0, length);
            CompletableFuture<byte[]> get = reader.replicator.fetch(length - 1);
            silent.stuck = true;
            bed.until("all blocks", () -> download.done().isDone() && get.isDone());
            bed.requireSame(writer, reader, 0, length);
        });
    }

    @Test
    void shouldAskElsewhereWhenAPeerCannotReadItsBlocks() {
        forSeeds(1, bed -> {
            int length = 120;
            ReplicationTestBed.Node writer = bed.writer(length);
            bed.quiet();
            Manifest manifest = Objects.requireNonNull(writer.core.manifest());
            List<TreeNode> nodes = new ArrayList<>();
            for (long i = 0; i < 2 * length - 1; i++) {
                TreeNode node = writer.core.nodes().node(i);
                if (node != null) nodes.add(node);
            }
            CoreImport parts = CoreImport.of(manifest, writer.core.head(), nodes, List.of(new BlockRange(0, length)));
            ReplicationTestBed.Node hoster = bed.node(bed.store().host(parts, index -> {
                byte[] value = writer.core.local(index);
                if (index % 10 == 3 || value == null) throw new IOException("bad sector");
                return value;
            }));
            ReplicationTestBed.Node reader = bed.reader(writer);
            bed.connect(reader, hoster);
            Download download = reader.replicator.download(0, length);
            bed.until("what the hoster can give", () -> download.heldBlocks() == length - 12);
            bed.quiet();
            assertThat(download.done()).isNotDone();
            assertThat(reader.replicator.peers().getFirst().paused())
                    .as("each bad block was asked for once")
                    .isFalse();
            bed.connect(reader, writer);
            bed.until("the rest", () -> download.done().isDone());
            bed.requireSame(writer, reader, 0, length);
        });
    }

    @Test
    void shouldAskAShorterPeerOnlyForWhatItCanProve() {
        forSeeds(2, bed -> {
            ReplicationTestBed.Node writer = bed.writer(9);
            ReplicationTestBed.Node shorter = bed.reader(writer);
            ReplicationTestBed.Link first = bed.connect(shorter, writer);
            Download nine = shorter.replicator.download(0, 9);
            bed.until("nine blocks", () -> nine.done().isDone());
            first.duplex.close();
            bed.append(writer.core, 3);
            ReplicationTestBed.Node reader = bed.reader(writer);
            ReplicationTestBed.Link second = bed.connect(reader, writer);
            bed.until("the head", () -> reader.core.length() == 12);
            second.duplex.close();
            bed.quiet();

            bed.connect(reader, shorter);
            Download download = reader.replicator.download(0, 12);
            bed.quiet();
            assertThat(reader.core.contiguousLength())
                    .as("below the common root 7, blocks are provable; block 8 is below a root the shorter peer lacks")
                    .isEqualTo(8);
            assertThat(reader.replicator.peers().getFirst().inflightBlocks()).isZero();
            assertThat(reader.replicator.refusals()).isZero();
            bed.connect(reader, writer);
            bed.until("the rest", () -> download.done().isDone());
        });
    }

    @Test
    void shouldServeOnlyAsFastAsTheReaderTakesIt() {
        forSeeds(2, bed -> {
            ReplicationTestBed.Node writer = bed.writer(0);
            for (int i = 0; i < 40; i++) writer.core.append(new byte[200_000 + i]);
            ReplicationTestBed.Node reader = bed.reader(writer);
            ReplicationTestBed.Link link = bed.connect(reader, writer);
            bed.quiet();
            Download download = reader.replicator.download(0, 40);
            bed.until("the connection is full", () -> !link.duplex.responder().writable());
            assertThat(writer.replicator.peers().getFirst().queuedRequests()).isGreaterThan(20);
            assertThat(writer.replicator.uploadedBytes()).isLessThan(2_000_000);
            bed.until("downloaded", () -> download.done().isDone());
            bed.requireSame(writer, reader, 0, 40);
            assertThat(writer.replicator.peers().getFirst().queuedRequests()).isZero();
        });
    }

    @Test
    void shouldNotAskForMoreThanTheWindowAllows() {
        forSeeds(1, bed -> {
            ReplicationTestBed.Node writer = bed.writer(0);
            for (int i = 0; i < 12; i++) writer.core.append(Collections.nCopies(10, new byte[100_000]));
            ReplicationTestBed.Node reader = bed.reader(writer);
            ReplicationTestBed.Link link = bed.connect(reader, writer);
            bed.quiet();
            link.stuck = true;
            Download download = reader.replicator.download(0, 120);
            int inflight = reader.replicator.peers().getFirst().inflightBlocks();
            assertThat(inflight * 100_000L)
                    .isBetween(InflightWindow.WINDOW_BYTES - 100_000, InflightWindow.WINDOW_BYTES);
            link.stuck = false;
            bed.until("downloaded", () -> download.done().isDone());
        });
    }

    @Test
    void shouldCancelAtThePeerWhenNobodyWaitsAnyMore() {
        forSeeds(3, bed -> {
            ReplicationTestBed.Node writer = bed.writer(50);
            ReplicationTestBed.Node reader = bed.reader(writer);
            ReplicationTestBed.Link link = bed.connect(reader, writer);
            bed.quiet();
            link.stuck = true;
            CompletableFuture<byte[]> get = reader.replicator.fetch(7);
            Download download = reader.replicator.download(10, 20);
            assertThat(reader.replicator.peers().getFirst().inflightBlocks()).isEqualTo(11);
            get.cancel(false);
            download.close();
            assertThat(reader.replicator.peers().getFirst().inflightBlocks()).isZero();
            link.stuck = false;
            bed.quiet();
            CompletableFuture<byte[]> again = reader.replicator.fetch(7);
            bed.until("asked again", again::isDone);
            assertThat(again.join()).isEqualTo(writer.core.local(7));
        });
    }

    @Test
    void shouldTellWhetherAnythingNewerIsThereWhenUpdating() {
        forSeeds(3, bed -> {
            ReplicationTestBed.Node writer = bed.writer(5);
            ReplicationTestBed.Node reader = bed.reader(writer);
            CompletableFuture<Boolean> first = reader.replicator.update();
            bed.quiet();
            assertThat(first).as("there is no peer yet").isNotDone();
            bed.connect(reader, writer);
            bed.until("first update", first::isDone);
            assertThat(first.join()).isTrue();
            assertThat(reader.core.length()).isEqualTo(5);
            CompletableFuture<Boolean> second = reader.replicator.update();
            bed.until("second update", second::isDone);
            assertThat(second.join()).isFalse();
        });
    }

    @Test
    void shouldEndEveryWaitWhenClosed() {
        forSeeds(1, bed -> {
            ReplicationTestBed.Node writer = bed.writer(5);
            ReplicationTestBed.Node reader = bed.reader(writer);
            ReplicationTestBed.Link link = bed.connect(reader, writer);
            bed.quiet();
            link.stuck = true;
            CompletableFuture<byte[]> get = reader.replicator.fetch(3);
            CompletableFuture<byte[]> future = reader.replicator.fetch(30);
            Download download = reader.replicator.download(0, 50);
            reader.replicator.close();
            link.stuck = false;
            bed.quiet();
            assertThat(get).isCompletedExceptionally();
            assertThat(future).isCompletedExceptionally();
            assertThat(download.done()).isCompletedExceptionally();
            assertThat(writer.replicator.peers()).isEmpty();
            assertThat(link.duplex.failure()).as("only the channel is closed").isNull();
        });
    }

    @Test
    void shouldCloseTheChannelWhenNeitherSideWantsAnything() {
        forSeeds(2, bed -> {
            ReplicationTestBed.Node writer = bed.writer(5);
            ReplicationTestBed.Node reader = bed.reader(writer);
            writer.replicator.downloading(false);
            ReplicationTestBed.Link link = bed.connect(reader, writer);
            CompletableFuture<byte[]> get = reader.replicator.fetch(3);
            bed.until("block", get::isDone);
            assertThat(writer.replicator.peers()).hasSize(1);
            reader.replicator.downloading(false);
            bed.quiet();
            assertThat(writer.replicator.peers()).isEmpty();
            assertThat(reader.replicator.attached(link.duplex.initiator())).isFalse();
            assertThat(link.duplex.failure()).isNull();
        });
    }
}
