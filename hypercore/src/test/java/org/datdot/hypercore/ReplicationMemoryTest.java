package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.datdot.wire.WireException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a peer that does not listen costs, in bytes that wait for it. */
@Timeout(120)
class ReplicationMemoryTest {
    private static final int MIB = 1 << 20;
    /** Beyond this nothing more is put into a connection; what is being put when it is reached may be one block long. */
    private static final int SOFT_LIMIT_BYTES = MIB;

    @TempDir
    Path directory;

    private static ReplicationMessage.Sync sync() {
        return new ReplicationMessage.Sync(0, 0, 0, true, true, true, true, false);
    }

    /** A peer that has said hello and takes nothing from then on. */
    private static FakePeer deaf(ReplicationTestBed bed, ReplicationTestBed.Node node, ReplicationTestBed.Link link) {
        node.replicator.attach(link.duplex.responder());
        FakePeer peer = new FakePeer(link.duplex.initiator(), node.core.key());
        bed.quiet();
        peer.send(sync());
        bed.quiet();
        link.duplex.initiator().stream().pause();
        return peer;
    }

    @Test
    void shouldKeepNothingMoreForAReaderThatStallsWhileTheWriterGoesOn() {
        for (long seed = 1; seed <= 4; seed++) {
            try (ReplicationTestBed bed = new ReplicationTestBed(directory, seed)) {
                ReplicationTestBed.Node writer = bed.writer(0);
                for (int i = 0; i < 10; i++) writer.core.append(new byte[200_000]);
                ReplicationTestBed.Node reader = bed.reader(writer);
                ReplicationTestBed.Link link = bed.connect(reader, writer);
                Download live = reader.replicator.download(0, Download.LIVE);
                bed.until(
                        "the connection is full", () -> !link.duplex.responder().writable());
                link.stuck = true;
                long before = link.duplex.queuedBytes(false);
                Random random = new Random(seed);
                for (int i = 0; i < 500; i++) {
                    bed.append(writer.core, 1 + random.nextInt(3));
                    long length = writer.core.length();
                    // Not the first ones: a reader of another fork finds out what it shares by blocks that are there.
                    if (seed % 2 == 0 && i % 7 == 0 && length > 60) {
                        long at = 50 + random.nextLong(length - 50);
                        writer.core.clear(at, Math.min(length, at + 1 + random.nextInt(20)));
                    }
                    if (seed > 2 && i % 100 == 50) writer.core.truncate(length - random.nextInt(5));
                    if (i % 10 == 0) writer.replicator.uploading(i % 20 != 0);
                }
                writer.replicator.uploading(true);
                assertThat((long) link.duplex.queuedBytes(false))
                        .as("seed %d", seed)
                        .isEqualTo(before)
                        .isLessThan(SOFT_LIMIT_BYTES + 210_000);
                link.stuck = false;
                bed.until("the reader has all there is", () -> caughtUp(writer, reader));
                assertThat(reader.core.head()).as("seed %d", seed).isEqualTo(writer.core.head());
                live.close();
            }
        }
    }

    private static boolean caughtUp(ReplicationTestBed.Node writer, ReplicationTestBed.Node reader) {
        if (reader.core.length() != writer.core.length() || reader.core.fork() != writer.core.fork()) return false;
        for (long i = 0; i < writer.core.length(); i++) {
            if (writer.core.has(i) && !reader.core.has(i)) return false;
        }
        return true;
    }

    @Test
    void shouldHoldOneLargeBlockForEachReaderThatStalls() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 11)) {
            ReplicationTestBed.Node writer = bed.writer(0);
            int size = 15 * MIB;
            for (int i = 0; i < 3; i++) writer.core.append(new byte[size]);
            List<ReplicationTestBed.Link> links = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                ReplicationTestBed.Link link = bed.link();
                FakePeer deaf = deaf(bed, writer, link);
                for (int id = 1; id <= 300; id++) {
                    deaf.send(new ReplicationMessage.Request(id, 0, ProofRequest.ofBlock(id % 3, 0), 0));
                }
                links.add(link);
            }
            ReplicationTestBed.Node reader = bed.reader(writer);
            bed.connect(reader, writer);
            Download all = reader.replicator.download(0, 3);
            bed.until("others are served", () -> all.done().isDone());
            bed.quiet();
            for (ReplicationTestBed.Link link : links) {
                assertThat(link.duplex.queuedBytes(false)).isBetween(size, size + MIB / 4);
                assertThat(link.duplex.failure()).isNull();
            }
            bed.requireSame(writer, reader, 0, 3);
        }
    }

    @Test
    void shouldCloseTheConnectionOfAFloodOfWantsAndNameTheCause() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 12)) {
            ReplicationTestBed.Node writer = bed.writer(0);
            writer.core.append(new byte[2 * MIB], new byte[1], new byte[1]);
            writer.core.clear(1, 2);
            ReplicationTestBed.Link link = bed.link();
            FakePeer deaf = deaf(bed, writer, link);
            deaf.send(new ReplicationMessage.Request(1, 0, ProofRequest.ofBlock(0, 0), 0));
            bed.quiet();
            long before = link.duplex.queuedBytes(false);
            long region = RemoteWants.MAX_LENGTH_BLOCKS;
            for (int i = 0; i < 5_000 && link.duplex.failure() == null; i++) {
                deaf.send(new ReplicationMessage.Want(i * region, region, false));
                bed.quiet();
                assertThat((long) link.duplex.queuedBytes(false)).isEqualTo(before);
            }
            assertThat(link.duplex.failure())
                    .isNotNull()
                    .satisfies(end -> assertThat(end.reason()).isEqualTo(WireException.Reason.PROTOCOL_VIOLATION))
                    .hasMessageContaining("wants");
            ReplicationTestBed.Node reader = bed.reader(writer);
            bed.connect(reader, writer);
            Download first = reader.replicator.download(0, 1);
            bed.until("others are served", () -> first.done().isDone());
        }
    }
}
