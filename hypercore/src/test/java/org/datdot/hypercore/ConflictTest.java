package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A core whose key pair signed two histories is frozen wherever both meet. */
@Timeout(60)
class ConflictTest {
    @TempDir
    Path directory;

    private ReplicationTestBed bed;
    private ReplicationTestBed.Node one;
    private ReplicationTestBed.Node two;

    @BeforeEach
    void open() {
        bed = new ReplicationTestBed(directory, 5);
        byte[] identity = new byte[32];
        one = bed.node(bed.store(TestStores.options().primaryKey(identity)).get("core"));
        two = bed.node(bed.store(TestStores.options().primaryKey(identity)).get("core"));
        assertThat(two.core.key()).isEqualTo(one.core.key());
    }

    @AfterEach
    void close() {
        bed.close();
    }

    private void requireFrozen(ReplicationTestBed.Node node) {
        assertThatThrownBy(() -> node.core.state().settle())
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("two histories");
        assertThat(node.replicator.peers()).isEmpty();
    }

    @Test
    void shouldFreezeAReaderWhenItMeetsASecondHistory() {
        bed.append(one.core, 10);
        bed.append(two.core, 14);
        ReplicationTestBed.Node reader = bed.reader(one);
        bed.connect(reader, one);
        Download all = reader.replicator.download(0, 10);
        bed.until("the first history", () -> all.done().isDone());
        CompletableFuture<CoreConflict> told = new CompletableFuture<>();
        reader.core.onConflict(told::complete);
        ReplicationTestBed.Link link = bed.connect(reader, two);
        bed.untilFrozen(reader, two);
        CoreConflict conflict = told.orTimeout(30, TimeUnit.SECONDS).join();
        assertThat(conflict.key()).isEqualTo(one.core.key());
        assertThat(conflict.lengthBlocks()).isEqualTo(10);
        assertThat(link.duplex.failure()).as("only the channel is closed").isNull();
        requireFrozen(reader);
        assertThatThrownBy(() -> two.core.append(new byte[1]))
                .as("the writer was shown its other history")
                .isInstanceOf(StorageException.class);
        assertThat(reader.core.local(3)).as("what is here can be read").isEqualTo(one.core.local(3));
        CompletableFuture<byte[]> more = reader.replicator.fetch(12);
        assertThat(more).isCompletedExceptionally();
        bed.connect(reader, one);
        bed.step();
        assertThat(reader.replicator.peers()).as("it stays away").isEmpty();
    }

    @Test
    void shouldFreezeTwoWritersOfTheSameLengthWhenOneReadsFromTheOther() {
        bed.append(one.core, 10);
        bed.append(two.core, 10);
        one.core.clear(3, 4);
        bed.connect(one, two);
        CompletableFuture<byte[]> block = one.replicator.fetch(3);
        bed.untilFrozen(one, two);
        assertThat(block).isCompletedExceptionally();
        requireFrozen(one);
        requireFrozen(two);
    }

    @Test
    void shouldNotFreezeWhenAPeerOnlyLies() {
        bed.append(one.core, 10);
        ReplicationTestBed.Node reader = bed.reader(one);
        bed.connect(reader, one);
        Download all = reader.replicator.download(0, 10);
        bed.until("all", () -> all.done().isDone());
        ReplicationTestBed.Link link = bed.link();
        reader.replicator.attach(link.duplex.responder());
        FakePeer liar = new FakePeer(link.duplex.initiator(), one.core.key());
        bed.quiet();
        Proof honest = Objects.requireNonNull(one.core.state().prover().prove(ProofRequest.ofUpgrade(0, 10, false)));
        Proof.DataUpgrade upgrade = Objects.requireNonNull(honest.upgrade());
        byte[] signature = new byte[68];
        Proof.DataUpgrade forged = new Proof.DataUpgrade(0, 10, upgrade.nodes(), List.of(), signature);
        for (int i = 0; i < 200; i++) {
            liar.send(new ReplicationMessage.Data(0, new Proof(0, null, null, null, forged, null)));
            liar.send(new ReplicationMessage.Data(0, honest));
        }
        bed.quiet();
        bed.append(one.core, 1);
        bed.until("it goes on", () -> reader.core.length() == 11);
    }
}
