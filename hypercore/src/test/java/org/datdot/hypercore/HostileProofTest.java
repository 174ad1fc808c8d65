package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Peers that answer seeks and forks wrongly, in each position of a proof, or flood with what costs them nothing. */
@Timeout(120)
class HostileProofTest {
    private static final int LENGTH = 60;

    @TempDir
    Path directory;

    /** A proof with one thing changed. */
    private static Proof tampered(Proof proof, Random random) {
        Proof.DataHash hash = proof.hash();
        Proof.DataSeek seek = proof.seek();
        Proof.DataUpgrade upgrade = proof.upgrade();
        List<Integer> parts = new ArrayList<>();
        if (hash != null) parts.add(0);
        if (seek != null && !seek.nodes().isEmpty()) parts.add(1);
        if (upgrade != null) parts.addAll(List.of(2, 3));
        switch (parts.get(random.nextInt(parts.size()))) {
            case 0 -> hash = new Proof.DataHash(Objects.requireNonNull(hash).index(), changed(hash.nodes(), random));
            case 1 -> seek = new Proof.DataSeek(Objects.requireNonNull(seek).bytes(), changed(seek.nodes(), random));
            case 2 -> upgrade = with(Objects.requireNonNull(upgrade), changed(upgrade.nodes(), random), null);
            default -> {
                byte[] signature = Objects.requireNonNull(
                                Objects.requireNonNull(upgrade).signature())
                        .clone();
                signature[2 + random.nextInt(64)] ^= (byte) (1 + random.nextInt(255));
                upgrade = with(upgrade, upgrade.nodes(), signature);
            }
        }
        return new Proof(proof.fork(), proof.block(), hash, seek, upgrade, proof.manifest());
    }

    private static Proof.DataUpgrade with(Proof.DataUpgrade old, List<TreeNode> nodes, byte @Nullable [] signature) {
        return new Proof.DataUpgrade(
                old.start(),
                old.length(),
                nodes,
                old.additionalNodes(),
                signature == null ? old.signature() : signature);
    }

    private static List<TreeNode> changed(List<TreeNode> nodes, Random random) {
        List<TreeNode> changed = new ArrayList<>(nodes);
        int at = random.nextInt(nodes.size());
        TreeNode node = nodes.get(at);
        switch (random.nextInt(4)) {
            case 0 -> {
                byte[] hash = node.hash().bytes().clone();
                hash[random.nextInt(32)] ^= (byte) (1 + random.nextInt(255));
                changed.set(at, new TreeNode(node.index(), node.size(), new TreeHash(hash)));
            }
            case 1 -> changed.set(at, new TreeNode(node.index(), node.size() + 1, node.hash()));
            case 2 -> changed.set(at, new TreeNode(node.index() + 2, node.size(), node.hash()));
            default -> changed.remove(at);
        }
        return changed;
    }

    @Test
    void shouldBelieveNothingWrongWhenItSeeks() {
        for (long seed = 1; seed <= 25; seed++) {
            try (ReplicationTestBed bed = new ReplicationTestBed(directory, seed)) {
                ReplicationTestBed.Node writer = bed.writer(0);
                for (int i = 0; i < LENGTH; i++) writer.core.append(new byte[10]);
                ReplicationTestBed.Node victim = bed.reader(writer);
                ReplicationTestBed.Link first = bed.connect(victim, writer);
                bed.until("head", () -> victim.core.length() == LENGTH);
                first.duplex.close();
                ReplicationTestBed.Link link = bed.link();
                victim.replicator.attach(link.duplex.responder());
                FakePeer attacker = new FakePeer(link.duplex.initiator(), writer.core.key());
                attacker.send(new ReplicationMessage.Sync(0, LENGTH, LENGTH, false, true, true, true, false));
                attacker.send(new ReplicationMessage.Range(false, 0, LENGTH));
                long bytes = 1L + bed.random.nextInt(LENGTH * 10 - 1);
                CompletableFuture<BytePosition> found = victim.replicator.seek(bytes, 0);
                bed.quiet();
                if (!found.isDone()) {
                    ReplicationMessage.Request request = attacker.lastRequest();
                    Proof honest =
                            Objects.requireNonNull(writer.core.state().prover().prove(request.proof()));
                    attacker.send(new ReplicationMessage.Data(request.id(), tampered(honest, bed.random)));
                    bed.quiet();
                }
                assertThat(link.duplex.failure()).as("seed %d", seed).isNull();
                bed.connect(victim, writer);
                bed.until("found with an honest peer", found::isDone);
                assertThat(found.join())
                        .as("seed %d byte %d", seed, bytes)
                        .isEqualTo(new BytePosition(bytes / 10, bytes % 10));
            }
        }
    }

    @Test
    void shouldFollowNoForkThatIsProvedWrongly() {
        for (long seed = 1; seed <= 25; seed++) {
            try (ReplicationTestBed bed = new ReplicationTestBed(directory, seed)) {
                ReplicationTestBed.Node writer = bed.writer(LENGTH);
                ReplicationTestBed.Node victim = bed.reader(writer);
                ReplicationTestBed.Link first = bed.connect(victim, writer);
                Download all = victim.replicator.download(0, LENGTH);
                bed.until("all", () -> all.done().isDone());
                first.duplex.close();
                bed.quiet();
                TreeHead before = victim.core.head();
                writer.core.truncate(bed.random.nextInt(LENGTH));
                bed.append(writer.core, 20);
                ReplicationTestBed.Link link = bed.link();
                victim.replicator.attach(link.duplex.responder());
                FakePeer attacker = new FakePeer(link.duplex.initiator(), writer.core.key());
                long length = writer.core.length();
                attacker.send(new ReplicationMessage.Sync(1, length, 0, false, true, true, true, false));
                attacker.send(new ReplicationMessage.Range(false, 0, length));
                bed.quiet();
                ReplicationMessage.Request request = attacker.lastRequest();
                Proof honest =
                        Objects.requireNonNull(writer.core.state().prover().prove(request.proof()));
                boolean later = bed.random.nextBoolean();
                attacker.send(new ReplicationMessage.Data(request.id(), later ? honest : tampered(honest, bed.random)));
                bed.quiet();
                ReplicationMessage.Request next = attacker.lastRequest();
                if (later && next.id() != request.id()) {
                    Proof hashes =
                            Objects.requireNonNull(writer.core.state().prover().prove(next.proof()));
                    attacker.send(new ReplicationMessage.Data(next.id(), tampered(hashes, bed.random)));
                    bed.quiet();
                    assertThat(victim.core.head()).as("seed %d", seed).isEqualTo(before);
                } else if (!later) {
                    assertThat(victim.core.head()).as("seed %d", seed).isEqualTo(before);
                    assertThat(victim.replicator.peers().getFirst().paused())
                            .as("seed %d", seed)
                            .isTrue();
                }
                bed.connect(victim, writer);
                bed.until("it follows an honest peer", () -> victim.core.fork() == 1);
                Download rest = victim.replicator.download(0, length);
                bed.until("the rest", () -> rest.done().isDone());
                bed.requireSame(writer, victim, 0, length);
            }
        }
    }

    @Test
    void shouldStayBoundedWhenAPeerOffersEveryFork() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 2)) {
            ReplicationTestBed.Node writer = bed.writer(LENGTH);
            ReplicationTestBed.Node victim = bed.reader(writer);
            ReplicationTestBed.Link link = bed.link();
            victim.replicator.attach(link.duplex.responder());
            FakePeer attacker = new FakePeer(link.duplex.initiator(), writer.core.key());
            bed.quiet();
            for (int fork = 1; fork <= 2_000; fork++) {
                attacker.send(new ReplicationMessage.Sync(fork, 1L << 40, 0, true, true, true, true, true));
                attacker.send(new ReplicationMessage.Cancel(fork));
            }
            bed.quiet();
            assertThat(victim.replicator.forks().count()).isEqualTo(1);
            assertThat(victim.replicator.peers().getFirst().inflightBlocks()).isEqualTo(1);
            bed.connect(victim, writer);
            Download all = victim.replicator.download(0, LENGTH);
            bed.until("others go on", () -> all.done().isDone());
        }
    }

    @Test
    void shouldForgetWhatAFloodOfCancelsAndRepeatedRequestsNames() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 3)) {
            ReplicationTestBed.Node writer = bed.writer(0);
            for (int i = 0; i < 20; i++) writer.core.append(new byte[100_000]);
            ReplicationTestBed.Link link = bed.link();
            writer.replicator.attach(link.duplex.responder());
            FakePeer attacker = new FakePeer(link.duplex.initiator(), writer.core.key());
            bed.quiet();
            attacker.send(new ReplicationMessage.Sync(0, 0, 0, false, true, true, false, false));
            link.duplex.initiator().stream().pause(); // it does not listen
            for (int i = 1; i <= 20_000; i++) {
                attacker.send(new ReplicationMessage.Request(1 + i % 50, 0, ProofRequest.ofBlock(i % 20, 0), 0));
                if (i % 3 == 0) attacker.send(new ReplicationMessage.Cancel(i));
                if (i % 3 == 0) attacker.send(new ReplicationMessage.Cancel(1 + i % 50));
                if (i % 1_000 == 0) bed.quiet();
            }
            assertThat(link.duplex.failure()).isNull();
            assertThat(writer.replicator.peers().getFirst().queuedRequests()).isLessThanOrEqualTo(50);
            assertThat(writer.replicator.uploadedBytes())
                    .as("a reader that does not listen is sent next to nothing")
                    .isLessThan(4_000_000);
        }
    }
}
