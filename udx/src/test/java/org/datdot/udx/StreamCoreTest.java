package org.datdot.udx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.datdot.udx.SimulatedNetwork.Quality;
import org.junit.jupiter.api.Test;

/** What one stream does with packets from a peer that is not as friendly as ours. */
class StreamCoreTest {
    private static final int ID = 9;

    /** Collects what is sent. */
    private static final class Wire implements PacketSink {
        final List<UdxPacket> packets = new ArrayList<>();
        private ByteBuffer buffer = ByteBuffer.allocate(0);

        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public ByteBuffer begin(InetSocketAddress to, int maxBytes) {
            buffer = ByteBuffer.allocate(maxBytes);
            return buffer;
        }

        @Override
        public void end() {
            UdxPacket packet = new UdxPacket();
            assertThat(packet.read(buffer.flip())).isTrue();
            packets.add(packet);
        }

        int count(int type) {
            return (int) packets.stream().filter(packet -> packet.is(type)).count();
        }

        long payload() {
            return packets.stream().mapToLong(UdxPacket::payloadBytes).sum();
        }
    }

    private final Wire wire = new Wire();
    private final TestPeer owner = new TestPeer(1, 2);
    private long now = 1_000_000;

    private StreamCore open(UdxOptions options) {
        StreamCore core = new StreamCore(ID, options, owner, now);
        owner.attach(core);
        core.connect(1, SimulatedNetwork.address(1), now);
        return core;
    }

    private void receive(StreamCore core, int type, int window, int seq, int ack, int payloadBytes) {
        ByteBuffer datagram = ByteBuffer.allocate(UdxPacket.HEADER_BYTES + payloadBytes);
        UdxPacket.putHeader(datagram, type, 0, ID, window, seq, ack);
        UdxPacket packet = new UdxPacket();
        assertThat(packet.read(datagram.rewind())).isTrue();
        core.onPacket(packet, now);
        core.flush(wire, now);
    }

    private void runUntil(StreamCore core, long time) {
        while (core.wakeAt() <= time) {
            now = Math.max(now, core.wakeAt());
            core.onTimer(now);
            core.flush(wire, now);
        }
        now = time;
    }

    @Test
    void shouldGiveUpAPeerThatAcknowledgesNothing() {
        StreamCore core = open(UdxOptions.defaults());
        owner.write(5_000, false);
        core.flush(wire, now);
        runUntil(core, now + 12_000_000);
        assertThat(owner.closed).isNull();
        runUntil(core, now + 8_000_000);
        assertThat(owner.closed).isEqualTo(CloseReason.TIMED_OUT);
        assertThat(core.wakeAt()).isEqualTo(StreamCore.NEVER);
    }

    @Test
    void shouldSendHeartbeatsWhenIdleAndNoneWithoutKeepAlive() {
        StreamCore core = open(UdxOptions.defaults().withKeepAliveMs(5_000));
        runUntil(core, now + 21_000_000);
        assertThat(wire.count(UdxPacket.HEARTBEAT)).isEqualTo(4);
        core.keepAlive(0, now);
        assertThat(core.wakeAt()).isEqualTo(StreamCore.NEVER);
    }

    @Test
    void shouldStopAtAClosedWindowProbeItAndGoOnWhenItOpens() {
        StreamCore core = open(UdxOptions.defaults());
        owner.write(3_000, false);
        core.flush(wire, now);
        int first = wire.packets.size();
        receive(core, 0, 0, 0, first, 0);
        owner.write(3_000, false);
        core.flush(wire, now);
        runUntil(core, now + 10_000_000);
        assertThat(wire.payload()).isEqualTo(3_000);
        assertThat(wire.count(UdxPacket.HEARTBEAT)).isGreaterThanOrEqualTo(3);
        receive(core, 0, 1 << 20, 0, first, 0);
        assertThat(wire.payload()).isEqualTo(6_000);
    }

    @Test
    void shouldTakeNoMoreMemoryThanItsWindowAndAQuarterWhenThePeerIgnoresIt() {
        int window = 1 << 20;
        StreamCore core = open(UdxOptions.defaults().withReceiveWindowBytes(window));
        core.pause();
        for (int seq = 0; seq < 4_000; seq++) {
            receive(core, UdxPacket.DATA, window, seq, 0, 1_000);
        }
        UdxPacket last = wire.packets.getLast();
        assertThat(last.windowBytes()).isZero();
        assertThat(last.ack() * 1_000L).isBetween((long) window, window + window / 4 + 65_536L);
        wire.packets.clear();
        core.resume(now);
        core.flush(wire, now);
        assertThat(owner.read()).isEqualTo(last.ack() * 1_000L);
        assertThat(wire.packets.getLast().windowBytes()).as("told of the room").isEqualTo(window);
    }

    @Test
    void shouldKeepEarlyPacketsWithinItsWindowAndDropOnesFarAhead() {
        int window = 1 << 20;
        StreamCore core = open(UdxOptions.defaults().withReceiveWindowBytes(window));
        for (int seq = 1; seq < 4_000; seq++) {
            receive(core, UdxPacket.DATA, window, seq, 0, 1_000);
        }
        receive(core, UdxPacket.DATA, window, 40_000, 0, 1_000);
        UdxPacket last = wire.packets.getLast();
        assertThat(last.sackRanges()).isEqualTo(1);
        assertThat((last.sackEnd(0) - 1) * 1_000L).isLessThan(window + window / 4 + 65_536L);
    }

    @Test
    void shouldIgnoreAcknowledgementsOfWhatWasNeverSent() {
        StreamCore core = open(UdxOptions.defaults());
        receive(core, UdxPacket.DATA, 1000, 0, 5, 10);
        assertThat(owner.read()).isZero();
        receive(core, UdxPacket.DESTROY, 1000, 0, 5, 0);
        assertThat(owner.closed).isNull();
        receive(core, UdxPacket.DESTROY, 1000, 0, 0, 0);
        assertThat(owner.closed).isEqualTo(CloseReason.RESET);
    }

    @Test
    void shouldTellThePeerOnceWhenDestroyedAndNothingBeforeItIsConnected() {
        StreamCore core = open(UdxOptions.defaults());
        core.destroy();
        core.flush(wire, now);
        core.flush(wire, now);
        assertThat(wire.count(UdxPacket.DESTROY)).isEqualTo(1);
        assertThat(core.isFinished()).isTrue();
        StreamCore other = new StreamCore(ID, UdxOptions.defaults(), new TestPeer(1, 2), now);
        other.destroy();
        assertThat(other.isFinished()).isTrue();
    }

    @Test
    void shouldAcknowledgeTheEndOfThePeerWhenItIsDestroyedBeforeThat() {
        StreamCore core = open(UdxOptions.defaults());
        core.end();
        core.flush(wire, now);
        ByteBuffer end = ByteBuffer.allocate(UdxPacket.HEADER_BYTES);
        UdxPacket.putHeader(end, UdxPacket.END, 0, ID, 1000, 0, 1);
        UdxPacket packet = new UdxPacket();
        assertThat(packet.read(end.rewind())).isTrue();
        core.onPacket(packet, now);
        assertThat(owner.closed).isEqualTo(CloseReason.ENDED);
        wire.packets.clear();
        core.destroy();
        core.flush(wire, now);
        core.flush(wire, now);
        assertThat(wire.packets).singleElement().matches(sent -> sent.ack() == 1);
        assertThat(wire.count(UdxPacket.DESTROY)).isZero();
        assertThat(core.isFinished()).isTrue();
    }

    @Test
    void shouldAcknowledgeARepeatedEndWhileItLingers() {
        StreamCore core = open(UdxOptions.defaults());
        core.end();
        core.flush(wire, now);
        receive(core, UdxPacket.END, 1000, 0, 1, 0);
        assertThat(owner.closed).isEqualTo(CloseReason.ENDED);
        wire.packets.clear();
        receive(core, UdxPacket.END, 1000, 0, 1, 0);
        assertThat(wire.packets.getLast().ack()).isEqualTo(1);
        runUntil(core, now + 6_000_000);
        assertThat(core.isFinished()).isTrue();
    }

    @Test
    void shouldCountAsEndedWhenThePeerHasEverythingAndIsGoneWithoutAcknowledgingTheEnd() {
        StreamCore core = open(UdxOptions.defaults());
        receive(core, UdxPacket.DATA | UdxPacket.END, 100_000, 0, 0, 10);
        core.end();
        core.flush(wire, now);
        assertThat(wire.count(UdxPacket.END)).isEqualTo(1);
        runUntil(core, now + 600_000_000L);
        assertThat(owner.closed).isEqualTo(CloseReason.ENDED);
        assertThat(wire.count(UdxPacket.END)).isBetween(3, 10);
    }

    @Test
    void shouldCountAsTimedOutWhenBytesWereSentWithTheEndOrThePeerHasNotEnded() {
        StreamCore core = open(UdxOptions.defaults());
        receive(core, UdxPacket.DATA | UdxPacket.END, 100_000, 0, 0, 10);
        owner.write(10, true);
        core.flush(wire, now);
        runUntil(core, now + 600_000_000L);
        assertThat(owner.closed).isEqualTo(CloseReason.TIMED_OUT);
    }

    @Test
    void shouldIgnoreForgedRangesBeyondWhatWasSentAndSurviveAWindowOfFourGigabytes() {
        StreamCore core = open(UdxOptions.defaults());
        owner.write(100_000_000, false);
        core.flush(wire, now);
        int sent = wire.count(UdxPacket.DATA);
        ByteBuffer forged = ByteBuffer.allocate(UdxPacket.HEADER_BYTES + 50 * UdxPacket.SACK_RANGE_BYTES);
        UdxPacket.putHeader(forged, UdxPacket.SACK, 0, ID, -1, 0, 0);
        for (int i = 0; i < 50; i++) {
            UdxPacket.putRange(forged, sent + 1 + i * 10, sent + 9 + i * 10);
        }
        UdxPacket packet = new UdxPacket();
        assertThat(packet.read(forged.rewind())).isTrue();
        for (int i = 0; i < 1_000; i++) {
            core.onPacket(packet, now);
            core.flush(wire, now);
        }
        assertThat(wire.count(UdxPacket.DATA)).as("nothing was acknowledged").isEqualTo(sent);
        assertThat(core.bufferedBytes()).isLessThanOrEqualTo(8 << 20);
        assertThat(core.congestionWindowPackets()).isEqualTo(Bbr.FIRST_WINDOW);
    }

    @Test
    void shouldNotBeMadeToSendMoreThanItsFlightHoldsByAPeerThatAcknowledgesWhatItNeverGot() {
        StreamCore core = open(UdxOptions.defaults());
        owner.write(300_000_000, false);
        core.flush(wire, now);
        int sent = 0;
        for (int i = 0; i < 300; i++) {
            sent += wire.count(UdxPacket.DATA);
            wire.packets.clear();
            now += 10;
            receive(core, 0, -1, 0, sent, 0);
            assertThat(core.bufferedBytes()).as("step %d", i).isLessThanOrEqualTo(8 << 20);
            assertThat(core.congestionWindowPackets()).as("step %d", i).isLessThanOrEqualTo(Flight.MAX_PACKETS);
        }
    }

    @Test
    void shouldBoundWhatIsWrittenAndRefuseWritesAfterTheEnd() {
        StreamCore core = open(UdxOptions.defaults().withSendBufferBytes(1 << 16));
        ByteBuffer data = ByteBuffer.allocate(1 << 20);
        assertThat(core.write(data)).isFalse();
        assertThat(core.bufferedBytes()).isEqualTo(1 << 16);
        assertThat(data.position()).isEqualTo(1 << 16);
        core.end();
        assertThatThrownBy(() -> core.write(data)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldCloseAndTellThePeerWhenItsOwnerThrows() {
        StreamListener broken = new StreamListener() {
            private boolean told;

            @Override
            public void onData(ByteBuffer data) {
                throw new IllegalArgumentException("expected by the test");
            }

            @Override
            public void onClose(CloseReason reason) {
                assertThat(told).isFalse();
                told = true;
                assertThat(reason).isEqualTo(CloseReason.FAILED);
            }
        };
        StreamCore core = new StreamCore(ID, UdxOptions.defaults(), broken, now);
        core.connect(1, SimulatedNetwork.address(1), now);
        receive(core, UdxPacket.DATA, 1000, 0, 0, 10);
        assertThat(core.isFinished()).isTrue();
        assertThat(wire.count(UdxPacket.DESTROY)).isEqualTo(1);
    }

    @Test
    void shouldSurviveRandomPacketsInTheMiddleOfATransfer() {
        for (long seed = 1; seed <= 40; seed++) {
            Random random = new Random(seed);
            SimulatedNetwork network =
                    new SimulatedNetwork(seed, Quality.good().withLoss(0.01).withDelayMs(5));
            TestPeer a = new TestPeer(seed, ~seed);
            TestPeer b = new TestPeer(~seed, seed);
            StreamCore coreA = network.add(1, UdxOptions.defaults(), a);
            StreamCore coreB = network.add(2, UdxOptions.defaults(), b);
            a.attach(coreA);
            b.attach(coreB);
            network.connect(coreA, coreB);
            a.write(200_000, false);
            for (int i = 0; i < 300 && !coreB.isOver(); i++) {
                network.run(random.nextInt(3), () -> false);
                ByteBuffer datagram = ByteBuffer.allocate(UdxPacket.HEADER_BYTES + random.nextInt(500));
                random.nextBytes(datagram.array());
                // Without DESTROY, which is allowed to end it, and with numbers near to those in use.
                int type = random.nextInt(64) & ~UdxPacket.DESTROY;
                UdxPacket.putHeader(
                        datagram,
                        type,
                        random.nextInt(3) * 8,
                        2,
                        random.nextInt(),
                        random.nextInt(300),
                        random.nextInt(3));
                UdxPacket packet = new UdxPacket();
                if (packet.read(datagram.rewind())) {
                    coreB.onPacket(packet, network.now());
                    network.flush(coreB);
                }
            }
            assertThat(coreB.bufferedBytes()).as("seed %d", seed).isZero();
            assertThat(b.closed).as("seed %d", seed).isNotEqualTo(CloseReason.FAILED);
        }
    }
}
