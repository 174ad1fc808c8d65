package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Readers follow a core that its writer has cut and continued, keeping what both histories have in common. */
@Timeout(120)
class ForkTest {
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

    private static void rewrite(ReplicationTestBed bed, ReplicationTestBed.Node writer, long keep, int blocks) {
        writer.core.truncate(keep);
        bed.append(writer.core, blocks);
    }

    private static void untilFollowed(
            ReplicationTestBed bed, ReplicationTestBed.Node writer, ReplicationTestBed.Node reader) {
        bed.until(
                "the reader follows",
                () -> reader.core.fork() == writer.core.fork() && reader.core.length() == writer.core.length());
        assertThat(reader.core.head()).isEqualTo(writer.core.head());
    }

    @Test
    void shouldFollowTheWriterWhenItRewritesWhileConnected() {
        forSeeds(6, bed -> {
            ReplicationTestBed.Node writer = bed.writer(1 + bed.random.nextInt(150));
            ReplicationTestBed.Node reader = bed.reader(writer);
            bed.connect(reader, writer);
            Download live = reader.replicator.download(0, Download.LIVE);
            for (int round = 0; round < 4; round++) {
                long held = bed.random.nextInt((int) writer.core.length());
                bed.until("some blocks", () -> reader.core.contiguousLength() >= held);
                long keep = bed.random.nextLong(writer.core.length() + 1);
                rewrite(bed, writer, keep, 1 + bed.random.nextInt(60));
                untilFollowed(bed, writer, reader);
                assertThat(reader.core.fork()).isEqualTo(round + 1);
                bed.until("all blocks", () -> reader.core.contiguousLength() == writer.core.length());
                bed.requireSame(writer, reader, 0, writer.core.length());
            }
            assertThat(reader.replicator.peers().getFirst().paused()).isFalse();
            live.close();
        });
    }

    @Test
    void shouldStayWithItsForkUntilItIsToldToFollow() {
        forSeeds(4, bed -> {
            ReplicationTestBed.Node writer = bed.writer(20);
            ReplicationTestBed.Node reader = bed.reader(writer);
            bed.connect(reader, writer);
            Download live = reader.replicator.download(0, Download.LIVE);
            bed.until("all", () -> reader.core.contiguousLength() == 20);
            TreeHead before = reader.core.head();
            reader.replicator.followForks(false);
            long keep = bed.random.nextInt(20);
            rewrite(bed, writer, keep, 1 + bed.random.nextInt(30));
            CompletableFuture<Boolean> update = reader.replicator.update();
            bed.until("nobody has more of this fork", update::isDone);
            bed.quiet();
            assertThat(update.join()).isFalse();
            assertThat(reader.core.head()).isEqualTo(before);
            assertThat(reader.core.contiguousLength()).isEqualTo(20);
            assertThat(reader.replicator.peers().getFirst().paused()).isFalse();
            reader.replicator.followForks(true);
            untilFollowed(bed, writer, reader);
            bed.until("all of the new", () -> reader.core.contiguousLength() == writer.core.length());
            bed.requireSame(writer, reader, 0, writer.core.length());
            live.close();
        });
    }

    @Test
    void shouldTakeNoForkThatWasAskedForBeforeItWasToldToStay() {
        forSeeds(4, bed -> {
            ReplicationTestBed.Node writer = bed.writer(20);
            ReplicationTestBed.Node reader = bed.reader(writer);
            ReplicationTestBed.Link link = bed.connect(reader, writer);
            bed.until("head", () -> reader.core.length() == 20);
            TreeHead before = reader.core.head();
            rewrite(bed, writer, 5, 3);
            bed.until("asked", () -> reader.replicator.forks().count() == 1);
            reader.replicator.followForks(false);
            bed.quiet();
            assertThat(reader.core.head()).isEqualTo(before);
            assertThat(link.duplex.failure()).isNull();
            reader.replicator.followForks(true);
            untilFollowed(bed, writer, reader);
        });
    }

    @Test
    void shouldTellOfANewHeadWhenTheWriterRewritesTheCore() throws Exception {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 7)) {
            ReplicationTestBed.Node writer = bed.writer(30);
            ReplicationTestBed.Node reader = bed.reader(writer);
            BlockingQueue<TreeHead> heard = new LinkedBlockingQueue<>();
            BlockingQueue<TreeHead> appended = new LinkedBlockingQueue<>();
            reader.core.onUpdate(heard::add);
            writer.core.onAppend(appended::add);
            bed.connect(reader, writer);
            Download live = reader.replicator.download(0, Download.LIVE);
            bed.until("downloaded", () -> reader.core.contiguousLength() == 30);
            assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo(writer.core.head());
            writer.core.truncate(12);
            untilFollowed(bed, writer, reader);
            assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo(writer.core.head());
            bed.append(writer.core, 3);
            untilFollowed(bed, writer, reader);
            assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo(writer.core.head());
            assertThat(appended.poll(30, TimeUnit.SECONDS))
                    .as("a cut is no append")
                    .isEqualTo(writer.core.head());
            live.close();
        }
    }

    @Test
    void shouldFailOnlyTheWaitsForBlocksThatWereThereWhenTheCoreIsCut() {
        try (Corestore store = TestStores.open(directory.resolve("waits"))) {
            Hypercore core = store.get("log");
            core.append(TestStores.blocks(new Random(3), 20));
            BlockScheduler scheduler = new BlockScheduler(core.state(), Runnable::run);
            CompletableFuture<byte[]> kept = new CompletableFuture<>();
            CompletableFuture<byte[]> cut = new CompletableFuture<>();
            CompletableFuture<byte[]> toCome = new CompletableFuture<>();
            core.state().lock().lock();
            try {
                scheduler.await(4, kept);
                scheduler.await(12, cut);
                scheduler.await(25, toCome);
            } finally {
                core.state().lock().unlock();
            }
            core.append(TestStores.blocks(new Random(4), 10));
            CompletableFuture<byte[]> later = new CompletableFuture<>();
            core.state().lock().lock();
            try {
                scheduler.await(25, later);
                scheduler.truncated(10);
                assertThat(kept).isNotDone();
                assertThat(cut).isCompletedExceptionally();
                assertThat(later).isCompletedExceptionally();
                assertThat(toCome)
                        .as("asked for when the core was not that long")
                        .isNotDone();
                scheduler.stored(25, 26);
                assertThat(toCome).isDone();
            } finally {
                core.state().lock().unlock();
            }
        }
    }

    @Test
    void shouldKeepTheCommonBlocksWhenItWasAwayDuringTheRewrite() {
        forSeeds(6, bed -> {
            int length = 20 + bed.random.nextInt(200);
            ReplicationTestBed.Node writer = bed.writer(length);
            ReplicationTestBed.Node reader = bed.reader(writer);
            ReplicationTestBed.Link first = bed.connect(reader, writer);
            Download all = reader.replicator.download(0, length);
            bed.until("downloaded", () -> all.done().isDone());
            first.duplex.close();
            bed.quiet();
            long keep = bed.random.nextInt(length);
            rewrite(bed, writer, keep, 1 + bed.random.nextInt(250));
            if (bed.random.nextBoolean()) rewrite(bed, writer, keep, 5);
            long before = reader.replicator.downloadedBytes();
            bed.connect(reader, writer);
            untilFollowed(bed, writer, reader);
            assertThat(reader.core.contiguousLength())
                    .as("what both histories have in common was kept")
                    .isEqualTo(keep);
            assertThat(reader.replicator.downloadedBytes()).isEqualTo(before);
            Download rest = reader.replicator.download(0, writer.core.length());
            bed.until("the rest", () -> rest.done().isDone());
            bed.requireSame(writer, reader, 0, writer.core.length());
        });
    }

    @Test
    void shouldReadACoreThatWasRewrittenBeforeItWasKnown() {
        forSeeds(3, bed -> {
            ReplicationTestBed.Node writer = bed.writer(30);
            rewrite(bed, writer, 10, 20);
            rewrite(bed, writer, 0, 15);
            ReplicationTestBed.Node reader = bed.reader(writer);
            CompletableFuture<Boolean> update = reader.replicator.update();
            bed.connect(reader, writer);
            bed.until("update", update::isDone);
            assertThat(update.join()).isTrue();
            assertThat(reader.core.head()).isEqualTo(writer.core.head());
            assertThat(reader.core.manifest()).isEqualTo(writer.core.manifest());
            CompletableFuture<byte[]> block = reader.replicator.fetch(12);
            bed.until("block", block::isDone);
            assertThat(block.join()).isEqualTo(writer.core.local(12));
        });
    }

    @Test
    void shouldPassTheRewrittenCoreOnWhenTheWriterIsGone() {
        forSeeds(3, bed -> {
            ReplicationTestBed.Node writer = bed.writer(60);
            ReplicationTestBed.Node middle = bed.reader(writer);
            ReplicationTestBed.Node reader = bed.reader(writer);
            ReplicationTestBed.Link link = bed.connect(middle, writer);
            Download first = middle.replicator.download(0, Download.LIVE);
            bed.connect(reader, middle);
            Download second = reader.replicator.download(0, Download.LIVE);
            bed.until("all", () -> reader.core.contiguousLength() == 60);
            rewrite(bed, writer, 33, 40);
            bed.until("the middle has it", () -> middle.core.fork() == 1 && middle.core.contiguousLength() == 73);
            link.duplex.close();
            untilFollowed(bed, writer, reader);
            bed.until("all of the new", () -> reader.core.contiguousLength() == 73);
            bed.requireSame(writer, reader, 0, 73);
            first.close();
            second.close();
        });
    }

    @Test
    void shouldTellThoseWhoWaitForBlocksThatWent() {
        forSeeds(3, bed -> {
            ReplicationTestBed.Node writer = bed.writer(40);
            ReplicationTestBed.Node reader = bed.reader(writer);
            ReplicationTestBed.Link link = bed.connect(reader, writer);
            bed.until("head", () -> reader.core.length() == 40);
            Download known = reader.replicator.download(3, 39);
            bed.until("enough to know what is common", () -> known.done().isDone());
            writer.core.clear(39, 40); // so that they do not come before the cut
            writer.core.clear(2, 3);
            bed.quiet();
            CompletableFuture<byte[]> gone = reader.replicator.fetch(39);
            CompletableFuture<byte[]> kept = reader.replicator.fetch(2);
            CompletableFuture<byte[]> future = reader.replicator.fetch(45);
            bed.quiet();
            rewrite(bed, writer, 20, 30);
            untilFollowed(bed, writer, reader);
            bed.until("told", gone::isDone);
            assertThat(gone).isCompletedExceptionally();
            assertThat(gone.exceptionNow())
                    .isInstanceOf(BlockNotAvailableException.class)
                    .hasMessageContaining("39");
            bed.until("a block of the new history", future::isDone);
            assertThat(future.join()).isEqualTo(writer.core.local(45));
            assertThat(kept).isNotDone();
            assertThat(link.duplex.failure()).isNull();
        });
    }

    @Test
    void shouldProveNothingOfAnotherForkThanTheOneAskedAbout() {
        try (Corestore store = TestStores.open(directory.resolve("proofs"))) {
            Hypercore core = store.get("log");
            core.append(TestStores.blocks(new Random(5), 20));
            ProofRequest request = ProofRequest.ofUpgrade(5, 4, false);
            assertThat(core.state().prover().prove(request, 0)).isNotNull();
            core.truncate(12);
            assertThat(core.state().prover().prove(request, 0))
                    .as("of the fork before the cut")
                    .isNull();
            assertThat(core.state().prover().prove(request, 1)).isNotNull();
        }
    }

    @Test
    void shouldIgnoreAForkNobodyCanProve() {
        forSeeds(2, bed -> {
            ReplicationTestBed.Node writer = bed.writer(10);
            ReplicationTestBed.Node reader = bed.reader(writer);
            bed.connect(reader, writer);
            ReplicationTestBed.Link link = bed.link();
            reader.replicator.attach(link.duplex.responder());
            FakePeer liar = new FakePeer(link.duplex.initiator(), writer.core.key());
            bed.until("head", () -> reader.core.length() == 10);
            liar.send(new ReplicationMessage.Sync(7, 90, 0, true, true, true, true, false));
            bed.quiet();
            ReplicationMessage.Request request = liar.lastRequest();
            assertThat(request.fork()).isEqualTo(7);
            assertThat(request.proof().upgrade()).isEqualTo(new ProofRequest.UpgradeRequest(0, 90));
            Proof honest =
                    Objects.requireNonNull(writer.core.state().prover().prove(ProofRequest.ofUpgrade(0, 10, false)));
            Proof forged = new Proof(7, null, null, null, honest.upgrade(), null);
            liar.send(new ReplicationMessage.Data(request.id(), forged));
            bed.quiet();
            assertThat(reader.core.fork()).isZero();
            assertThat(reader.replicator.peers()).anyMatch(PeerStatus::paused);
            Download all = reader.replicator.download(0, 10);
            bed.until("others go on", () -> all.done().isDone());
            CompletableFuture<Boolean> update = reader.replicator.update();
            bed.until("nobody has anything newer", update::isDone);
            assertThat(update.join()).isFalse();
        });
    }
}
