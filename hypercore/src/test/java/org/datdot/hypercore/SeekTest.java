package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A byte offset is found in a whole core, and with the help of peers in a sparse one. */
@Timeout(120)
class SeekTest {
    @TempDir
    Path directory;

    /** What a reader of the blocks, laid end to end without their padding, would say. */
    private static BytePosition expected(Hypercore whole, long bytes, long padding) {
        long left = bytes;
        for (long i = 0; i < whole.length(); i++) {
            byte[] block = whole.local(i);
            long size = block == null ? 0 : block.length - padding;
            if (left < size) return new BytePosition(i, left);
            left -= size;
        }
        return new BytePosition(whole.length(), left);
    }

    private static void append(Hypercore core, Random random, int count, int padding) {
        for (int i = 0; i < count; i++) core.append(new byte[padding + 1 + random.nextInt(300)]);
    }

    @Test
    void shouldFindEveryByteWhenTheCoreIsWhole() {
        for (long seed = 1; seed <= 3; seed++) {
            try (ReplicationTestBed bed = new ReplicationTestBed(directory, seed)) {
                ReplicationTestBed.Node writer = bed.writer(0);
                append(writer.core, bed.random, 1 + bed.random.nextInt(40), 8);
                for (long padding : List.of(0L, 8L)) {
                    long total = writer.core.byteLength() - padding * writer.core.length();
                    for (long bytes = 0; bytes <= total; bytes += 1 + bed.random.nextInt(40)) {
                        assertThat(seek(bed, writer, bytes, padding))
                                .as("seed %d byte %d padding %d", seed, bytes, padding)
                                .isEqualTo(expected(writer.core, bytes, padding));
                    }
                    assertThat(seek(bed, writer, total, padding))
                            .as("seed %d the end", seed)
                            .isEqualTo(new BytePosition(writer.core.length(), 0));
                }
            }
        }
    }

    private static BytePosition seek(ReplicationTestBed bed, ReplicationTestBed.Node node, long bytes, long padding) {
        CompletableFuture<BytePosition> found = node.replicator.seek(bytes, padding);
        bed.until("byte " + bytes + " is found", found::isDone);
        return found.join();
    }

    @Test
    void shouldAskPeersWhenTheCoreIsSparse() {
        for (long seed = 1; seed <= 4; seed++) {
            try (ReplicationTestBed bed = new ReplicationTestBed(directory, seed)) {
                ReplicationTestBed.Node writer = bed.writer(0);
                long padding = bed.random.nextBoolean() ? 0 : 8;
                append(writer.core, bed.random, 2 + bed.random.nextInt(60), (int) padding);
                ReplicationTestBed.Node reader = bed.reader(writer);
                bed.connect(reader, writer);
                long total = writer.core.byteLength() - padding * writer.core.length();
                for (int i = 0; i < 12; i++) {
                    long bytes = bed.random.nextLong(total + 1);
                    if (i == 5) reader.replicator.download(0, writer.core.length() / 2);
                    assertThat(seek(bed, reader, bytes, padding))
                            .as("seed %d byte %d of %d padding %d", seed, bytes, total, padding)
                            .isEqualTo(expected(writer.core, bytes, padding));
                }
                assertThat(reader.replicator.refusals()).as("seed %d", seed).isZero();
                assertThat(reader.core.contiguousLength())
                        .as("seed %d only tree nodes were fetched beside the download", seed)
                        .isLessThan(writer.core.length());
            }
        }
    }

    @Test
    void shouldAskAPeerAgainWhenItsAnswerCameWhileTheCoreStoodStill() {
        for (long seed = 1; seed <= 3; seed++) {
            try (ReplicationTestBed bed = new ReplicationTestBed(directory, seed)) {
                ReplicationTestBed.Node writer = bed.writer(60);
                ReplicationTestBed.Node reader = bed.reader(writer);
                bed.connect(reader, writer);
                bed.until("head", () -> reader.core.length() == 60);
                bed.quiet();
                long bytes = writer.core.byteLength() / 3;
                CoreTip tip = reader.core.state().tip();
                tip.hold(false);
                CompletableFuture<BytePosition> found = reader.replicator.seek(bytes, 0);
                for (int step = 0; step < 200 && bed.step(); step++)
                    assertThat(found).isNotDone();
                tip.release();
                bed.until("seed " + seed + ": byte " + bytes + " is found", found::isDone);
                assertThat(found.join()).isEqualTo(expected(writer.core, bytes, 0));
            }
        }
    }

    @Test
    void shouldWaitForTheCoreToGrowWhenTheByteLiesBehindItsEnd() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 9)) {
            ReplicationTestBed.Node writer = bed.writer(0);
            append(writer.core, bed.random, 5, 0);
            ReplicationTestBed.Node reader = bed.reader(writer);
            bed.connect(reader, writer);
            bed.until("head", () -> reader.core.length() == 5);
            long bytes = writer.core.byteLength() + 700;
            CompletableFuture<BytePosition> found = reader.replicator.seek(bytes, 0);
            CompletableFuture<BytePosition> given = reader.replicator.seek(bytes * 1000, 0);
            bed.quiet();
            assertThat(found).isNotDone();
            append(writer.core, bed.random, 30, 0);
            bed.until("found", found::isDone);
            assertThat(found.join()).isEqualTo(expected(writer.core, bytes, 0));
            assertThat(given).isNotDone();
            given.cancel(false);
            bed.quiet();
            assertThat(reader.replicator.peers().getFirst().inflightBlocks()).isZero();
            CompletableFuture<BytePosition> last = reader.replicator.seek(bytes * 1000, 0);
            reader.replicator.close();
            bed.quiet();
            assertThat(last).isCancelled();
        }
    }

    @Test
    void shouldAskElsewhereWhenAPeerLeavesInTheMiddle() {
        for (long seed = 1; seed <= 4; seed++) {
            try (ReplicationTestBed bed = new ReplicationTestBed(directory, seed)) {
                ReplicationTestBed.Node writer = bed.writer(0);
                append(writer.core, bed.random, 60, 0);
                ReplicationTestBed.Node helper = bed.reader(writer);
                bed.connect(helper, writer);
                Download all = helper.replicator.download(0, 60);
                bed.until("a second source", () -> all.done().isDone());
                ReplicationTestBed.Node reader = bed.reader(writer);
                ReplicationTestBed.Link first = bed.connect(reader, writer);
                bed.until("head", () -> reader.core.length() == 60);
                first.stuck = true;
                CompletableFuture<BytePosition> found = reader.replicator.seek(4000, 0);
                assertThat(found).isNotDone();
                first.duplex.close();
                first.stuck = false;
                bed.connect(reader, helper);
                bed.until("found elsewhere", found::isDone);
                assertThat(found.join()).as("seed %d", seed).isEqualTo(expected(writer.core, 4000, 0));
            }
        }
    }
}
