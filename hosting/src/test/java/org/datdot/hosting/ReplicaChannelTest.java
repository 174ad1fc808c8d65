package org.datdot.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Signature;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReplicaChannelTest {
    private static final PublicKey REMOTE = Sample.HOSTER.publicKey();
    private static final ReplicaId ID = Sample.ID;

    @TempDir
    Path directory;

    /** Remembers what was sent, and can be full. */
    private static final class Sent implements ReplicaChannel.Outlet {
        final List<ReplicaMessage> messages = new ArrayList<>();
        int room = Integer.MAX_VALUE;

        @Override
        public void send(int type, byte[]... payload) {
            messages.add(ReplicaMessage.decode(type, new CompactDecoder(joined(payload))));
            if (type == 3) room--;
        }

        @Override
        public boolean writable() {
            return room > 0;
        }
    }

    private static byte[] joined(byte[]... parts) {
        CompactEncoder out = new CompactEncoder();
        for (byte[] part : parts) out.raw(part);
        return out.toBytes();
    }

    private static final class Server implements ReplicaServer {
        volatile Answer answer = new Answer.Later();

        @Override
        public Answer answer(PublicKey remote, ReplicaId id) {
            return id.equals(ID) && remote.equals(REMOTE) ? answer : new Answer.Unknown();
        }

        @Override
        public boolean receipt(PublicKey remote, ReplicaId id, Signature signature) {
            return signature.bytes()[0] == 1;
        }
    }

    private final Sent sent = new Sent();
    private final Server server = new Server();
    private final ReplicaChannel channel = new ReplicaChannel(REMOTE, server, sent, Runnable::run);

    private void receive(ReplicaMessage message) {
        channel.onMessage(message.type(), new CompactDecoder(message.encode()));
    }

    @Test
    void shouldOfferWhenTheReplicaBecomesReady() throws IOException {
        receive(new ReplicaMessage.Want(ID));
        channel.recheck(true);
        assertThat(sent.messages).isEmpty();
        try (Replica replica = new Sample(1).encode(directory)) {
            server.answer = new ReplicaServer.Answer.Ready(replica);
            channel.recheck(false);
            channel.recheck(false);
        }
        assertThat(sent.messages).singleElement().isInstanceOf(ReplicaMessage.Offer.class);
    }

    @Test
    void shouldRefuseWhatTheLedgerDoesNotSayOneBlockLater() {
        receive(new ReplicaMessage.Want(new ReplicaId(77, 0)));
        assertThat(sent.messages).isEmpty();
        channel.recheck(true);
        channel.recheck(true);
        assertThat(sent.messages).singleElement().isInstanceOfSatisfying(ReplicaMessage.Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(1);
        });
        receive(new ReplicaMessage.Read(new ReplicaId(77, 0), 0, 1));
        assertThat(sent.messages).hasSize(2).last().isInstanceOf(ReplicaMessage.Refused.class);
    }

    @Test
    void shouldSendFramesInOrderAndOnlyWhileThereIsRoom() throws IOException {
        Sample sample = new Sample(4);
        try (Replica replica = sample.encode(directory)) {
            server.answer = new ReplicaServer.Answer.Ready(replica);
            sent.room = 1;
            int blocks = replica.blockCount();
            receive(new ReplicaMessage.Read(ID, 0, blocks));
            receive(new ReplicaMessage.Read(ID, 0, 1));
            for (int i = 0; i < 100; i++) {
                assertThat(sent.messages).hasSizeLessThanOrEqualTo(i + 1);
                sent.room = 1;
                channel.onDrain();
            }
            long next = 0;
            for (ReplicaMessage message : sent.messages.subList(0, sent.messages.size() - 1)) {
                ReplicaMessage.Frames frames = (ReplicaMessage.Frames) message;
                assertThat(frames.fromBlock()).isEqualTo(next);
                assertThat(frames.frames()).isEqualTo(replica.frames((int) next, (int) (next + frames.blockCount())));
                assertThat(frames.frames().length).isLessThanOrEqualTo(1 << 20);
                next += frames.blockCount();
            }
            assertThat(next).isEqualTo(blocks);
        }
    }

    @Test
    void shouldThrowWhenReadsAreAbsurdOrAFlood() throws IOException {
        try (Replica replica = new Sample(4).encode(directory)) {
            server.answer = new ReplicaServer.Answer.Ready(replica);
            sent.room = 0;
            long[][] absurd = {
                {0, 0},
                {replica.blockCount(), 1},
                {0, replica.blockCount() + 1},
                {(1L << 53) - 1, 1},
                {1, (1L << 53) - 1}
            };
            for (long[] range : absurd) {
                assertThatThrownBy(() -> receive(new ReplicaMessage.Read(ID, range[0], range[1])))
                        .isInstanceOf(ReplicaChannelException.class);
            }
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 65; i++) receive(new ReplicaMessage.Read(ID, 0, 1));
                    })
                    .isInstanceOf(ReplicaChannelException.class);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 300; i++) receive(new ReplicaMessage.Want(new ReplicaId(1000 + i, 0)));
                    })
                    .isInstanceOf(ReplicaChannelException.class);
        }
        assertThat(sent.messages).isEmpty();
    }

    @Test
    void shouldConfirmOnlyReceiptsTheServerTakes() {
        byte[] good = new byte[64];
        good[0] = 1;
        receive(new ReplicaMessage.Receipt(ID, new Signature(good)));
        receive(new ReplicaMessage.Receipt(ID, new Signature(new byte[64])));
        assertThat(sent.messages.get(0)).isInstanceOf(ReplicaMessage.Confirmed.class);
        assertThat(sent.messages.get(1)).isInstanceOf(ReplicaMessage.Refused.class);
    }

    @Test
    void shouldRefuseAndNotDieWhenTheDiskFailsWhileServing() throws IOException {
        Replica replica = new Sample(4).encode(directory);
        server.answer = new ReplicaServer.Answer.Ready(replica);
        replica.close();
        receive(new ReplicaMessage.Read(ID, 0, 1));
        assertThat(sent.messages).singleElement().isInstanceOf(ReplicaMessage.Refused.class);
    }

    @Test
    void shouldIgnoreAnswersNobodyAskedFor() {
        receive(new ReplicaMessage.Frames(ID, 0, 1, new byte[10]));
        receive(new ReplicaMessage.Confirmed(ID));
        assertThat(sent.messages).isEmpty();
    }

    /** Both ends of a connection in one process: what one sends is received by the other on an executor. */
    private record Pair(ReplicaChannel asking, ReplicaChannel asked) {}

    private Pair connect(java.util.concurrent.ExecutorService executor) {
        ReplicaChannel[] ends = new ReplicaChannel[2];
        for (int i = 0; i < 2; i++) {
            int other = 1 - i;
            var inOrder = Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());
            ReplicaChannel.Outlet outlet = new ReplicaChannel.Outlet() {
                @Override
                public void send(int type, byte[]... payload) {
                    byte[] message = joined(payload);
                    inOrder.execute(() -> ends[other].onMessage(type, new CompactDecoder(message)));
                }

                @Override
                public boolean writable() {
                    return true;
                }
            };
            ends[i] = new ReplicaChannel(REMOTE, server, outlet, executor);
        }
        return new Pair(ends[0], ends[1]);
    }

    @Test
    void shouldFetchAWholeReplicaAndDeliverTheReceipt() throws Exception {
        Sample sample = new Sample(4);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor();
                Replica made = sample.encode(directory.resolve("made"))) {
            Pair pair = connect(executor);
            server.answer = new ReplicaServer.Answer.Ready(made);
            try (ReplicaFetch fetch = new ReplicaFetch(pair.asking(), ID);
                    Replica got = fetchInto(fetch, sample, directory.resolve("got"))) {
                assertThat(got.encodedBytes()).isEqualTo(made.encodedBytes());
                byte[] signature = new byte[64];
                signature[0] = 1;
                fetch.deliver(new Signature(signature), Duration.ofSeconds(10));
                assertThatThrownBy(() -> fetch.deliver(new Signature(new byte[64]), Duration.ofSeconds(10)))
                        .isInstanceOf(RefusedException.class);
            }
        }
    }

    private static Replica fetchInto(ReplicaFetch fetch, Sample sample, Path parent) throws Exception {
        ReplicaOffer offer = fetch.offer();
        try (ReplicaVerifier verifier =
                        new ReplicaVerifier(sample.spec, offer, Sample.ENCODER, Sample.SIGNING.publicKey());
                ReplicaWriter writer = new ReplicaWriter(parent, sample.spec, true)) {
            fetch.read(offer, verifier, writer, Duration.ofSeconds(10));
            ReplicaTree tree = writer.tree();
            return writer.finish(tree, offer, verifier.finish(tree));
        }
    }

    @Test
    void shouldEndTheFetchWhenTheConnectionCloses() throws Exception {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Pair pair = connect(executor);
            ReplicaFetch fetch = new ReplicaFetch(pair.asking(), ID);
            executor.execute(pair.asking()::onClosed);
            assertThatThrownBy(fetch::offer).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> new ReplicaFetch(pair.asking(), ID)).isInstanceOf(IOException.class);
        }
    }
}
