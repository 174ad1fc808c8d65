package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Blocks that are sent without being asked for, to those who allow it. */
@Timeout(60)
class PushTest {
    @TempDir
    Path directory;

    @Test
    void shouldTakePushedBlocksWhenItAllowsThat() {
        for (long seed = 1; seed <= 4; seed++) {
            try (ReplicationTestBed bed = new ReplicationTestBed(directory, seed)) {
                ReplicationTestBed.Node writer = bed.writer(bed.random.nextInt(8));
                ReplicationTestBed.Node reader = bed.reader(writer);
                reader.replicator.allowPush(true);
                reader.replicator.pushOnly(true);
                bed.connect(reader, writer);
                bed.quiet();
                assertThat(reader.core.length())
                        .as("seed %d: it asks for nothing", seed)
                        .isZero();
                for (int i = 0; i < 20; i++) {
                    bed.append(writer.core, 1 + bed.random.nextInt(3));
                    writer.replicator.push(writer.core.length() - 1);
                    if (bed.random.nextBoolean()) bed.quiet();
                }
                long last = writer.core.length() - 1;
                bed.until("pushed", () -> reader.core.length() == writer.core.length() && reader.core.has(last));
                assertThat(reader.core.head()).isEqualTo(writer.core.head());
                bed.requireSame(writer, reader, last, last + 1);
                assertThat(reader.replicator.peers().getFirst().paused()).isFalse();
                writer.replicator.push(0);
                bed.until("an old block", () -> reader.core.has(0));
                bed.requireSame(writer, reader, 0, 1);
                reader.replicator.pushOnly(false);
                Download rest = reader.replicator.download(0, last + 1);
                bed.until("the rest by asking", () -> rest.done().isDone());
            }
        }
    }

    @Test
    void shouldNotPushToThoseWhoDoNotAllowIt() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 9)) {
            ReplicationTestBed.Node writer = bed.writer(3);
            ReplicationTestBed.Node reader = bed.reader(writer);
            bed.connect(reader, writer);
            bed.until("head", () -> reader.core.length() == 3);
            writer.replicator.push(1);
            bed.quiet();
            assertThat(writer.replicator.uploadedBytes()).isZero();
            assertThat(reader.core.has(1)).isFalse();
        }
    }

    @Test
    void shouldIgnoreWhatIsPushedAgainstItsWill() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 10)) {
            ReplicationTestBed.Node writer = bed.writer(10);
            ReplicationTestBed.Node reader = bed.reader(writer);
            bed.connect(reader, writer);
            bed.until("head", () -> reader.core.length() == 10);
            ReplicationTestBed.Link link = bed.link();
            reader.replicator.attach(link.duplex.responder());
            FakePeer pusher = new FakePeer(link.duplex.initiator(), writer.core.key());
            bed.quiet();
            Proof proof = Objects.requireNonNull(writer.core.state().prover().prove(ProofRequest.ofBlock(4, 3)));
            for (int i = 0; i < 100; i++) pusher.send(new ReplicationMessage.Data(0, proof));
            bed.quiet();
            assertThat(reader.core.has(4)).isFalse();
            assertThat(reader.replicator.downloadedBytes()).isZero();
            assertThat(link.duplex.failure()).isNull();
            reader.replicator.allowPush(true);
            pusher.send(new ReplicationMessage.Data(0, proof));
            bed.quiet();
            assertThat(reader.core.has(4)).as("it has wasted its chances").isFalse();
        }
    }
}
