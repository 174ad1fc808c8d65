package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.TreeNode;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A peer that lies, shouts or talks nonsense harms its own connection only. */
@Timeout(60)
class ReplicationHostileTest {
    private static final long LENGTH = 40;

    @TempDir
    Path directory;

    private ReplicationTestBed bed;
    private ReplicationTestBed.Node writer;
    private ReplicationTestBed.Node victim;
    private ReplicationTestBed.Link link;
    private FakePeer attacker;

    @BeforeEach
    void open() {
        bed = new ReplicationTestBed(directory, 7);
        writer = bed.writer((int) LENGTH);
        victim = bed.reader(writer);
        link = bed.link();
        victim.replicator.attach(link.duplex.responder());
        attacker = new FakePeer(link.duplex.initiator(), writer.core.key(), writer.core.key());
        bed.quiet();
    }

    @AfterEach
    void close() {
        bed.close();
    }

    private static ReplicationMessage.Sync sync(long length, long acknowledged) {
        return new ReplicationMessage.Sync(0, length, acknowledged, true, true, true, true, false);
    }

    private @Nullable Proof honest(ProofRequest request) {
        return writer.core.state().prover().prove(request);
    }

    /** Lets the victim learn the writer's head from the attacker, honestly. */
    private void giveHead() {
        attacker.send(sync(LENGTH, 0));
        bed.quiet();
        ReplicationMessage.Request request = attacker.lastRequest();
        assertThat(request.proof().upgrade()).isEqualTo(new ProofRequest.UpgradeRequest(0, LENGTH));
        attacker.send(new ReplicationMessage.Data(request.id(), Objects.requireNonNull(honest(request.proof()))));
        bed.quiet();
        assertThat(victim.core.length()).isEqualTo(LENGTH);
    }

    /** The untouched victim still gets everything from an honest peer. */
    private void requireRecovery() {
        bed.connect(victim, writer);
        Download download = victim.replicator.download(0, LENGTH);
        bed.until("everything from the honest peer", () -> download.done().isDone());
        bed.requireSame(writer, victim, 0, LENGTH);
    }

    @Test
    void shouldCloseTheConnectionWhenTheCapabilityIsWrong() {
        ReplicationTestBed.Link second = bed.link();
        victim.replicator.attach(second.duplex.responder());
        new FakePeer(second.duplex.initiator(), new CoreKey(new byte[32]), writer.core.key());
        bed.quiet();
        assertThat(second.duplex.failure()).isNotNull();
        assertThat(link.duplex.failure()).as("other connections live on").isNull();
        assertThat(victim.replicator.peers()).hasSize(1);
    }

    @Test
    void shouldRefuseAHeadWithAWrongSignature() {
        attacker.send(sync(LENGTH, 0));
        bed.quiet();
        ReplicationMessage.Request request = attacker.lastRequest();
        Proof proof = Objects.requireNonNull(honest(request.proof()));
        Proof.DataUpgrade upgrade = Objects.requireNonNull(proof.upgrade());
        byte[] signature = Objects.requireNonNull(upgrade.signature()).clone();
        signature[signature.length - 1] ^= 1;
        Proof.DataUpgrade forged = new Proof.DataUpgrade(
                upgrade.start(), upgrade.length(), upgrade.nodes(), upgrade.additionalNodes(), signature);
        attacker.send(
                new ReplicationMessage.Data(request.id(), new Proof(0, null, null, null, forged, proof.manifest())));
        bed.quiet();
        assertThat(victim.core.length()).isZero();
        assertThat(victim.core.manifest()).isNull();
        assertThat(victim.replicator.peers().getFirst().paused()).isTrue();
        requireRecovery();
    }

    @Test
    void shouldRefuseAManifestOfAnotherCore() {
        Hypercore other = bed.store().get("other");
        attacker.send(sync(LENGTH, 0));
        bed.quiet();
        ReplicationMessage.Request request = attacker.lastRequest();
        Proof proof = Objects.requireNonNull(honest(request.proof()));
        attacker.send(new ReplicationMessage.Data(
                request.id(), new Proof(0, null, null, null, proof.upgrade(), other.manifest())));
        bed.quiet();
        assertThat(victim.core.length()).isZero();
        assertThat(victim.core.manifest()).isNull();
        requireRecovery();
    }

    @Test
    void shouldRefuseABlockWithOtherBytesAndAskElsewhere() {
        giveHead();
        attacker.send(new ReplicationMessage.Range(false, 0, LENGTH));
        CompletableFuture<byte[]> get = victim.replicator.fetch(9);
        bed.quiet();
        ReplicationMessage.Request request = attacker.lastRequest();
        Proof.DataBlock block = Objects.requireNonNull(
                Objects.requireNonNull(honest(request.proof())).block());
        byte[] other = new byte[block.value().length];
        attacker.send(new ReplicationMessage.Data(
                request.id(), new Proof(0, new Proof.DataBlock(9, other, block.nodes()), null, null, null, null)));
        bed.quiet();
        assertThat(victim.core.has(9)).isFalse();
        assertThat(get).isNotDone();
        assertThat(victim.replicator.peers().getFirst().paused()).isTrue();
        requireRecovery();
        bed.until("the block", get::isDone);
        assertThat(get.join()).isEqualTo(writer.core.local(9));
    }

    @Test
    void shouldRefuseAnswersThatWereNotAskedFor() {
        giveHead();
        Proof block = Objects.requireNonNull(honest(ProofRequest.ofBlock(5, 5)));
        attacker.send(new ReplicationMessage.Data(0, block)); // pushed
        attacker.send(new ReplicationMessage.Data(77, block)); // no such request
        bed.quiet();
        assertThat(victim.core.has(5)).isFalse();
        attacker.send(new ReplicationMessage.Range(false, 0, LENGTH));
        CompletableFuture<byte[]> get = victim.replicator.fetch(6);
        bed.quiet();
        attacker.send(new ReplicationMessage.Data(attacker.lastRequest().id(), block)); // another block
        bed.quiet();
        assertThat(victim.core.has(5)).isFalse();
        assertThat(get).isNotDone();
        requireRecovery();
    }

    @Test
    void shouldStopAskingAPeerThatRefusesTooOften() {
        giveHead();
        Download download = victim.replicator.download(0, LENGTH);
        int refused = 0;
        for (int round = 0; round < 100 && !victim.replicator.peers().getFirst().paused(); round++) {
            attacker.send(new ReplicationMessage.Range(false, 0, LENGTH));
            bed.quiet();
            List<ReplicationMessage.Request> requests = attacker.received(ReplicationMessage.Request.class);
            for (ReplicationMessage.Request request : requests) {
                attacker.send(new ReplicationMessage.NoData(request.id(), 1));
                refused++;
            }
            attacker.received.clear();
            bed.quiet();
        }
        assertThat(victim.replicator.peers().getFirst().paused()).isTrue();
        assertThat(refused).isBetween(ReplicatorPeer.MAX_BACKOFFS, 300);
        assertThat(download.done()).isNotDone();
        requireRecovery();
    }

    @Test
    void shouldStayBoundedWhenAPeerClaimsImpossibleBlocks() {
        giveHead();
        attacker.send(sync((1L << 53) - 1, LENGTH));
        Random random = new Random(3);
        for (int i = 0; i < 3_000; i++) {
            long start = random.nextLong(1L << 52) & ~31L;
            attacker.send(new ReplicationMessage.Bitfield(start, new int[] {-1, -1}));
            attacker.send(new ReplicationMessage.Range(false, start + 100_000, 1L << 40));
            attacker.send(new ReplicationMessage.Range(true, random.nextLong(1L << 52), 1L << 40));
            attacker.send(new ReplicationMessage.Unwant(start, 64, random.nextBoolean()));
            if (i % 100 == 0) bed.quiet();
        }
        attacker.send(new ReplicationMessage.Range(false, 0, (1L << 53) - 1));
        attacker.send(new ReplicationMessage.Range(true, 5, 1L << 50));
        victim.replicator.download(0, Download.LIVE);
        bed.quiet();
        assertThat(link.duplex.failure()).isNull();
        assertThat(victim.core.length()).isEqualTo(LENGTH);
        assertThat(attacker.received(ReplicationMessage.Want.class)).hasSizeLessThanOrEqualTo(512);
    }

    @Test
    void shouldCloseTheConnectionAfterTooManyInvalidRequests() {
        giveHead();
        for (int i = 1; i <= RequestServer.MAX_INVALID; i++) {
            assertThat(link.duplex.failure()).isNull();
            attacker.send(new ReplicationMessage.Request(i, 0, ProofRequest.ofUpgrade(10, 1_000_000, false), 0));
            bed.quiet();
        }
        assertThat(attacker.received(ReplicationMessage.NoData.class))
                .hasSize(RequestServer.MAX_INVALID - 1)
                .allMatch(noData -> noData.reason() == ReplicationMessage.NoData.INVALID_REQUEST);
        assertThat(link.duplex.failure()).isNotNull();
        requireRecovery();
    }

    @Test
    void shouldCloseTheConnectionOfAFloodAndServeOthersMeanwhile() {
        Hypercore big = bed.store().get("big");
        for (int i = 0; i < 30; i++) big.append(new byte[100_000]);
        ReplicationTestBed.Node source = bed.node(big);
        ReplicationTestBed.Link flooded = bed.link();
        source.replicator.attach(flooded.duplex.responder());
        FakePeer flooder = new FakePeer(flooded.duplex.initiator(), big.key(), big.key());
        bed.quiet();
        flooder.send(sync(0, 0));
        flooded.duplex.initiator().stream().pause(); // it asks and does not listen
        for (int i = 1; i <= RequestServer.MAX_QUEUED; i++) {
            flooder.send(new ReplicationMessage.Request(i, 0, ProofRequest.ofBlock(i % 30, 0), 0));
        }
        ReplicationTestBed.Node other = bed.reader(source);
        bed.connect(other, source);
        Download download = other.replicator.download(0, 30);
        bed.until("others are served", () -> download.done().isDone());
        bed.quiet();
        assertThat(flooded.duplex.failure()).isNull();
        assertThat(flooded.duplex.responder().writable()).isFalse();
        for (int i = 1; i <= RequestServer.MAX_QUEUED; i++) {
            flooder.send(new ReplicationMessage.Request(
                    RequestServer.MAX_QUEUED + i, 0, ProofRequest.ofBlock(i % 30, 0), 0));
        }
        bed.quiet();
        assertThat(flooded.duplex.failure())
                .isNotNull()
                .extracting(WireException::reason)
                .isEqualTo(WireException.Reason.PROTOCOL_VIOLATION);
        assertThat(source.replicator.peers()).hasSize(1);
    }

    @Test
    void shouldAnswerSanelyWhenAskedForOddThings() {
        giveHead();
        ReplicationMessage.Request[] odd = {
            new ReplicationMessage.Request(1, 5, ProofRequest.ofBlock(0, 0), 0), // another fork
            new ReplicationMessage.Request(2, 0, ProofRequest.ofBlock(3, 0), 255), // not held
            new ReplicationMessage.Request(3, 0, ProofRequest.ofBlock(1L << 52, 63), 0),
            new ReplicationMessage.Request(
                    4, 0, new ProofRequest(null, new ProofRequest.HashRequest((1L << 53) - 2, 0), null, null, true), 0),
            new ReplicationMessage.Request(
                    5, 0, new ProofRequest(null, null, new ProofRequest.SeekRequest(1L << 50, 8), null, false), 0),
            new ReplicationMessage.Request(6, 0, new ProofRequest(null, null, null, null, true), 0),
        };
        for (ReplicationMessage.Request request : odd) attacker.send(request);
        bed.quiet();
        assertThat(link.duplex.failure()).isNull();
        List<Long> answered = new ArrayList<>();
        attacker.received(ReplicationMessage.NoData.class).forEach(noData -> answered.add(noData.request()));
        attacker.received(ReplicationMessage.Data.class).forEach(data -> answered.add(data.request()));
        assertThat(answered).containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(attacker.received(ReplicationMessage.Data.class)
                        .getLast()
                        .proof()
                        .manifest())
                .isEqualTo(writer.core.manifest());
    }

    @Test
    void shouldAnswerSmallAndLargeWants() {
        giveHead();
        attacker.send(new ReplicationMessage.Range(false, 0, LENGTH));
        CompletableFuture<byte[]> get = victim.replicator.fetch(33);
        bed.quiet();
        ReplicationMessage.Request request = attacker.lastRequest();
        attacker.send(new ReplicationMessage.Data(request.id(), Objects.requireNonNull(honest(request.proof()))));
        bed.until("block 33", get::isDone);
        attacker.received.clear();
        attacker.send(new ReplicationMessage.Want(32, 32, false));
        attacker.send(new ReplicationMessage.Want(0, 2_097_152, false));
        attacker.send(new ReplicationMessage.Want(0, 5, true)); // nothing there
        attacker.send(new ReplicationMessage.Want(20, 20, true));
        bed.quiet();
        List<ReplicationMessage.Bitfield> fields = attacker.received(ReplicationMessage.Bitfield.class);
        assertThat(fields).hasSize(2);
        assertThat(fields.get(0).start()).isEqualTo(32);
        assertThat(fields.get(0).words()).containsExactly(2);
        assertThat(fields.get(1).words()).containsExactly(0, 2);
        assertThat(attacker.received(ReplicationMessage.Range.class))
                .containsExactly(new ReplicationMessage.Range(false, 33, 1));
    }

    @Test
    void shouldSurviveRandomMessages() {
        int survived = 0;
        for (long seed = 1; seed <= 40; seed++) {
            Random random = new Random(seed);
            ReplicationTestBed.Link noise = bed.link();
            victim.replicator.attach(noise.duplex.responder());
            FakePeer noisy = new FakePeer(noise.duplex.initiator(), writer.core.key(), writer.core.key());
            bed.quiet();
            for (int i = 0; i < 200; i++) {
                if (random.nextInt(3) == 0) {
                    byte[] bytes = new byte[random.nextInt(60)];
                    random.nextBytes(bytes);
                    if (random.nextInt(8) == 0) noisy.channel.send(random.nextInt(12), bytes);
                } else {
                    noisy.send(plausible(random, noisy));
                }
                if (random.nextInt(5) == 0) bed.quiet();
            }
            bed.quiet();
            WireException failure = noise.duplex.failure();
            assertThat(failure == null || failure.reason() == WireException.Reason.PROTOCOL_VIOLATION)
                    .as("seed %d: %s", seed, failure)
                    .isTrue();
            if (failure == null) survived++;
            noise.duplex.close();
            bed.quiet();
        }
        assertThat(survived).as("connections that were not cut").isPositive();
        for (long i = 0; i < LENGTH; i++) {
            if (victim.core.has(i)) assertThat(victim.core.local(i)).isEqualTo(writer.core.local(i));
        }
        assertThat(victim.core.length()).isIn(0L, LENGTH);
        requireRecovery();
    }

    private ReplicationMessage plausible(Random random, FakePeer noisy) {
        long number = random.nextInt(4) == 0 ? random.nextLong(1L << 53) : random.nextInt(100);
        long length = random.nextInt(4) == 0 ? random.nextLong(1L << 53) : random.nextInt(100);
        List<ReplicationMessage.Request> requests = noisy.received(ReplicationMessage.Request.class);
        return switch (random.nextInt(9)) {
            case 0 -> sync(length, random.nextBoolean() ? victim.core.length() : number);
            case 1 ->
                new ReplicationMessage.Request(
                        number,
                        random.nextInt(9) == 0 ? number : 0,
                        new ProofRequest(
                                random.nextBoolean() ? new ProofRequest.BlockRequest(number, random.nextInt(70)) : null,
                                random.nextBoolean() ? new ProofRequest.HashRequest(length, random.nextInt(70)) : null,
                                random.nextBoolean() ? new ProofRequest.SeekRequest(number, random.nextInt(9)) : null,
                                random.nextBoolean() ? new ProofRequest.UpgradeRequest(number, length) : null,
                                random.nextBoolean()),
                        0);
            case 2 -> new ReplicationMessage.Cancel(number);
            case 3 -> new ReplicationMessage.NoData(number, random.nextInt(3));
            case 4 -> new ReplicationMessage.Want(number, length, random.nextBoolean());
            case 5 -> new ReplicationMessage.Bitfield(number, new int[random.nextInt(50)]);
            case 6 -> new ReplicationMessage.Range(random.nextBoolean(), number, length);
            default ->
                requests.isEmpty()
                        ? new ReplicationMessage.Extension("x", new byte[3])
                        : nearlyRight(random, requests.getLast());
        };
    }

    /** An answer to a real request with something wrong in it. */
    private ReplicationMessage nearlyRight(Random random, ReplicationMessage.Request request) {
        Proof proof = Objects.requireNonNullElseGet(
                request.proof().upgrade() != null && request.proof().upgrade().length() != LENGTH
                        ? null
                        : honest(request.proof()),
                () -> new Proof(0, null, null, null, null, null));
        Proof.DataUpgrade upgrade = proof.upgrade();
        if (upgrade != null && random.nextBoolean()) {
            List<TreeNode> nodes = new ArrayList<>(upgrade.nodes());
            if (!nodes.isEmpty()) {
                TreeNode node = nodes.removeLast();
                if (random.nextBoolean()) nodes.add(new TreeNode(random.nextLong(1L << 52), node.size(), node.hash()));
            }
            upgrade = new Proof.DataUpgrade(
                    upgrade.start(),
                    random.nextBoolean() ? upgrade.length() : random.nextLong(1L << 52),
                    nodes,
                    upgrade.additionalNodes(),
                    upgrade.signature());
        }
        Proof.DataBlock block = proof.block();
        if (block != null && random.nextBoolean()) {
            block = new Proof.DataBlock(block.index(), new byte[random.nextInt(50)], block.nodes());
        }
        return new ReplicationMessage.Data(
                request.id(), new Proof(0, block, proof.hash(), proof.seek(), upgrade, proof.manifest()));
    }
}
