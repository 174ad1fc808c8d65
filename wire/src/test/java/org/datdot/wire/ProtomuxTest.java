package org.datdot.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.wire.ProtomuxConversationsTest.RecordingStream;
import org.datdot.wire.WireException.Reason;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProtomuxTest {
    private static final byte[] NONE = new byte[0];

    private final RecordingStream stream = new RecordingStream();
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final Protomux mux = new Protomux(stream, tasks::add);

    @Test
    void shouldPauseTheStreamWhenMoreThan32KiBWaitForAnUnpairedChannel() {
        Recorder recorder = new Recorder();
        mux.pair("p", (m, id) -> m.open(spec("p", id, recorder)));
        mux.receive(open(1, "p"));
        for (int i = 0; i < 7; i++) {
            mux.receive(message(1, 0, new byte[4096]));
            assertThat(stream.pauses).isZero();
        }
        mux.receive(message(1, 0, new byte[4096]));
        assertThat(stream.pauses).isEqualTo(1);
        assertThat(recorder.events).isEmpty();
        runTasks();
        assertThat(stream.pauses).isZero();
        assertThat(recorder.events).hasSize(9).startsWith("open");
    }

    @Test
    void shouldResumeTheStreamWhenTheUnpairedChannelIsRejected() {
        mux.pair("p", (m, id) -> {});
        mux.receive(open(1, "p"));
        mux.receive(message(1, 0, new byte[40_000]));
        assertThat(stream.pauses).isEqualTo(1);
        runTasks();
        assertThat(stream.pauses).isZero();
        assertThat(stream.next()).isEqualTo("000201");
    }

    @Test
    void shouldPauseTheStreamWhenTooManyOpensWaitForListeners() {
        mux.pair("p", (m, id) -> {});
        for (int i = 1; i <= Protomux.MAX_UNPAIRED; i++) {
            mux.receive(open(i, "p"));
        }
        assertThat(stream.pauses).isZero();
        mux.receive(open(Protomux.MAX_UNPAIRED + 1, "p"));
        assertThat(stream.pauses).isEqualTo(1);
        runTasks();
        assertThat(stream.pauses).isZero();
        assertThat(stream.sent).hasSize(Protomux.MAX_UNPAIRED + 1);
    }

    @Test
    void shouldDeliverWhatWasSentFirstWhenThePeerClosedBeforeTheLocalEndOpened() {
        Recorder recorder = new Recorder();
        mux.pair("p", (m, id) -> m.open(spec("p", id, recorder)));
        mux.receive(open(1, "p"));
        mux.receive(message(1, 5, NONE));
        mux.receive(control(3, 1));
        runTasks();
        assertThat(recorder.events).containsExactly("open", "message 5", "close true");
        assertThat(mux.channels()).isEmpty();
    }

    @Test
    void shouldNotCallBackWithinOpenWhenThePeerHasBeenWaiting() {
        Recorder recorder = new Recorder();
        mux.pair("p", (m, id) -> {
            m.open(spec("p", id, recorder));
            assertThat(recorder.events).isEmpty();
        });
        mux.receive(open(1, "p"));
        runTasks();
        assertThat(recorder.events).containsExactly("open");
    }

    @Test
    void shouldBreakTheConnectionNamedWhenThePeerBreaksTheProtocol() {
        mux.receive(open(1, "taken"));
        mux.open(spec("taken", null, new Recorder()));
        mux.receive(open(1, "taken"));
        assertViolation(open(0, "p"));
        assertViolation(open(1, "taken")); // id in use
        assertViolation(open(3, "p")); // neither the next id nor a freed one
        assertViolation(control(2, 1)); // reject of a channel that is paired
        assertViolation(control(2, 77)); // reject of a channel that never was
        assertViolation(new CompactEncoder()
                .uint(0)
                .uint(0)
                .uint(0)
                .buffer(new byte[] {0, 0, 0})
                .toBytes()); // nested
        assertViolation(new byte[] {0, 0, 0, 9, 1}); // batch with a message beyond its end
        assertViolation(new byte[] {0}); // no type
        assertViolation(new byte[] {(byte) 0xff, 1}); // truncated number
        assertViolation(open(2, "n".repeat(Protomux.MAX_NAME_BYTES + 1)));
    }

    @Test
    void shouldIgnoreWhatTheStockMuxIgnores() {
        mux.receive(NONE);
        mux.receive(message(5, 1, NONE)); // no such channel
        mux.receive(control(9, 1)); // no such control message
        mux.receive(control(3, 44)); // close of no channel
        assertThat(stream.sent).isEmpty();
    }

    @Test
    void shouldRefuseWhenThePeerOpensTooManyChannels() {
        for (int i = 1; i <= Protomux.MAX_CHANNELS; i++) {
            mux.open(spec("p", id(i), new Recorder()));
            mux.receive(new CompactEncoder()
                    .uint(0)
                    .uint(1)
                    .uint(i)
                    .string("p")
                    .optionalBuffer(id(i))
                    .toBytes());
        }
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> mux.receive(open(Protomux.MAX_CHANNELS + 1, "q")))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT_EXCEEDED));
        assertThatThrownBy(() -> mux.open(spec("q", null, new Recorder())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("close some");
    }

    @Test
    void shouldRejectAndForgetWhenAPeerFloodsWithUnknownOpens() {
        for (int i = 0; i < 100_000; i++) {
            mux.receive(open(1, "unknown" + i));
            assertThat(stream.next()).isEqualTo("000201");
        }
        mux.receive(open(1, "unknown")); // the id is still free: nothing was kept
        assertThat(stream.sent).hasSize(1);
    }

    @Test
    void shouldTellTheHandlerOnceWhenTheConnectionEnds() {
        Recorder recorder = new Recorder();
        Channel channel = mux.open(spec("p", null, recorder));
        mux.shutdown();
        mux.shutdown();
        channel.close();
        assertThat(recorder.events).containsExactly("close true");
        assertThat(channel.send(0, NONE)).isFalse();
        assertThat(stream.sent).hasSize(1);
        Recorder late = new Recorder();
        assertThat(mux.open(spec("p", null, late)).closed()).isTrue();
        runTasks();
        assertThat(late.events).containsExactly("close true");
    }

    @Test
    void shouldRefuseASecondChannelWhenProtocolAndIdAreTheSame() {
        mux.open(spec("p", id(1), new Recorder()));
        assertThat(mux.tryOpen(spec("p", id(1), new Recorder()))).isNull();
        assertThat(mux.isOpen("p", id(1))).isTrue();
        assertThat(mux.isOpen("p", id(2))).isFalse();
        assertThatThrownBy(() -> mux.open(spec("p", id(1), new Recorder()))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldNameTheHandlerWhenItFails() {
        mux.open(spec("p", null, new ChannelHandler() {
            @Override
            public void onMessage(Channel channel, int type, CompactDecoder payload) {
                throw new IllegalStateException("boom");
            }
        }));
        mux.receive(open(1, "p"));
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> mux.receive(message(1, 0, NONE)))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.HANDLER_FAILED))
                .withMessageContaining("boom");
    }

    @Test
    void shouldFailTheStreamWhenAPairListenerFails() {
        mux.pair("p", (m, id) -> {
            throw new IllegalArgumentException("cannot pair");
        });
        mux.receive(open(1, "p"));
        runTasks();
        assertThat(stream.failure).isNotNull();
        assertThat(stream.failure).hasMessageContaining("cannot pair");
    }

    @Test
    void shouldSendWhileAnotherThreadHoldsTheMuxLock() throws Exception {
        // The lock order: a handler of one connection may wait for a core's lock whose holder sends on the same
        // connection.
        CountDownLatch inHandler = new CountDownLatch(1);
        CountDownLatch sent = new CountDownLatch(1);
        AtomicReference<@Nullable Boolean> inTime = new AtomicReference<>();
        Channel channel = mux.open(spec("p", null, new ChannelHandler() {
            @Override
            public void onMessage(Channel ch, int type, CompactDecoder payload) {
                inHandler.countDown();
                try {
                    inTime.set(sent.await(10, TimeUnit.SECONDS));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }));
        mux.receive(open(1, "p"));
        Thread reader = Thread.ofVirtual().start(() -> mux.receive(message(1, 0, NONE)));
        assertThat(inHandler.await(10, TimeUnit.SECONDS)).isTrue();
        channel.cork();
        channel.send(1, NONE);
        channel.uncork();
        sent.countDown();
        reader.join();
        assertThat(inTime.get()).isTrue();
    }

    @Test
    void shouldCallOnDrainWhenTheStreamBecameWritableAgain() {
        Recorder recorder = new Recorder();
        Channel channel = mux.open(spec("p", null, recorder));
        stream.full = true;
        assertThat(channel.send(0, NONE)).isFalse();
        stream.full = false;
        mux.drained();
        mux.drained();
        runTasks();
        assertThat(recorder.events).containsExactly("drain");
    }

    @Test
    void shouldSplitBatchesWhenTheyGrow() {
        Channel channel = mux.open(spec("p", null, new Recorder()));
        stream.sent.clear();
        mux.cork();
        for (int i = 0; i < 20; i++) {
            channel.send(0, new byte[32 * 1024]);
        }
        mux.uncork();
        assertThat(stream.sent).hasSize(7);
        assertThat(stream.sent).allSatisfy(batch -> assertThat(batch.length).isLessThan(128 * 1024));
    }

    @Test
    void shouldSendBigMessagesOnTheirOwnAndInOrderWhenCorked() {
        Channel channel = mux.open(spec("p", null, new Recorder()));
        stream.sent.clear();
        mux.cork();
        channel.send(0, new byte[10]);
        channel.send(0, new byte[10]);
        channel.send(1, new byte[200_000]);
        channel.send(0, new byte[10]);
        assertThat(stream.sent).hasSize(2);
        mux.uncork();
        assertThat(stream.sent).hasSize(3);
        List<byte[]> sent = List.copyOf(stream.sent);
        assertThat(sent.get(0)).startsWith(0, 0, 1).hasSizeLessThan(40); // a batch for channel 1
        assertThat(sent.get(1)).startsWith(1, 1).hasSize(200_002);
        assertThat(sent.get(2)).startsWith(0, 0, 1).hasSizeLessThan(30);
    }

    @Test
    void shouldOnlyFailNamedWhenMessagesAreRandom() {
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            RecordingStream recording = new RecordingStream();
            ArrayDeque<Runnable> deferred = new ArrayDeque<>();
            Protomux fuzzed = new Protomux(recording, deferred::add);
            fuzzed.pair("p", (m, id) -> m.tryOpen(spec("p", id, new Recorder())));
            fuzzed.open(spec("q", null, new Recorder()));
            try {
                for (int i = 0; i < 20; i++) {
                    fuzzed.receive(randomMessage(random));
                    while (random.nextBoolean() && !deferred.isEmpty()) {
                        deferred.remove().run();
                    }
                }
                deferred.forEach(Runnable::run);
                assertThat(recording.pauses).as("seed %d", seed).isZero();
            } catch (WireException e) {
                assertThat(e.reason()).as("seed %d", seed).isEqualTo(Reason.PROTOCOL_VIOLATION);
            }
        }
    }

    @Test
    void shouldConverseWhenJoinedInMemory() {
        MemoryDuplex duplex = new MemoryDuplex(stream.remotePublicKey(), stream.remotePublicKey(), new byte[64]);
        Recorder answers = new Recorder();
        duplex.responder()
                .pair(
                        "p",
                        (m, id) -> m.open(spec("p", id, new ChannelHandler() {
                            @Override
                            public void onMessage(Channel channel, int type, CompactDecoder payload) {
                                channel.send(type + 1, payload.raw());
                            }
                        })));
        Channel channel = duplex.initiator().open(spec("p", id(7), answers));
        channel.send(1, new CompactEncoder().uint(9));
        duplex.deliver();
        assertThat(answers.events).containsExactly("open", "message 2");
        duplex.close();
        duplex.deliver();
        assertThat(answers.events).endsWith("close true");
        assertThat(duplex.failure()).isNotNull();
    }

    private static byte[] randomMessage(Random random) {
        CompactEncoder out = new CompactEncoder();
        switch (random.nextInt(6)) {
            case 0 -> out.raw(open(1 + random.nextInt(3), random.nextBoolean() ? "p" : "q"));
            case 1 -> out.raw(control(1 + random.nextInt(3), random.nextInt(4)));
            case 2 -> out.raw(message(random.nextInt(4), random.nextInt(3), new byte[random.nextInt(20)]));
            case 3 -> {
                byte[] garbage = new byte[random.nextInt(30)];
                random.nextBytes(garbage);
                out.raw(garbage);
            }
            default ->
                out.uint(0)
                        .uint(0)
                        .uint(random.nextInt(3))
                        .buffer(control(1 + random.nextInt(3), random.nextInt(4)))
                        .buffer(new byte[] {1, 2, 3});
        }
        return out.toBytes();
    }

    private void assertViolation(byte[] message) {
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> mux.receive(message))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL_VIOLATION));
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private static ChannelSpec spec(String protocol, byte @Nullable [] id, ChannelHandler handler) {
        return new ChannelSpec(protocol, id, NONE, handler);
    }

    private static byte[] id(int number) {
        return new CompactEncoder().uint32(number).toBytes();
    }

    private static byte[] open(int id, String protocol) {
        return new CompactEncoder()
                .uint(0)
                .uint(1)
                .uint(id)
                .string(protocol)
                .uint(0)
                .toBytes();
    }

    private static byte[] control(int type, int id) {
        return new CompactEncoder().uint(0).uint(type).uint(id).toBytes();
    }

    private static byte[] message(int channel, int type, byte[] payload) {
        return new CompactEncoder().uint(channel).uint(type).raw(payload).toBytes();
    }

    private static final class Recorder implements ChannelHandler {
        final List<String> events = new ArrayList<>();

        @Override
        public void onOpen(Channel channel, CompactDecoder handshake) {
            events.add("open");
        }

        @Override
        public void onMessage(Channel channel, int type, CompactDecoder payload) {
            events.add("message " + type);
        }

        @Override
        public void onClose(Channel channel, boolean byRemote) {
            events.add("close " + byRemote);
        }

        @Override
        public void onDrain(Channel channel) {
            events.add("drain");
        }
    }
}
