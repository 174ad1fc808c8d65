package org.datdot.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.datdot.udx.CloseReason;
import org.datdot.udx.DatagramListener;
import org.datdot.udx.StreamListener;
import org.datdot.udx.Udx;
import org.datdot.udx.UdxOptions;
import org.datdot.udx.UdxSocket;
import org.datdot.udx.UdxStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that wait for a UDX stream, on loopback. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // set before each test
class UdxByteStreamTest {
    private static final int WINDOW_BYTES = 1 << 20;

    /** A stream's listener that exists before its byte stream does. */
    private static final class Late implements StreamListener {
        private final AtomicReference<@Nullable UdxByteStream> bytes = new AtomicReference<>();

        private UdxByteStream bytes() {
            UdxByteStream made = bytes.get();
            if (made == null) throw new IllegalStateException("not connected yet");
            return made;
        }

        @Override
        public void onData(ByteBuffer data) {
            bytes().onData(data);
        }

        @Override
        public void onEnd() {
            bytes().onEnd();
        }

        @Override
        public void onDrain() {
            bytes().onDrain();
        }

        @Override
        public void onClose(CloseReason reason) {
            bytes().onClose(reason);
        }
    }

    private Udx udx;
    private UdxStream firstStream;
    private UdxByteStream first;
    private UdxByteStream second;

    @BeforeEach
    void connect() throws IOException {
        udx = new Udx();
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        UdxSocket a = udx.bind(any, DatagramListener.NONE);
        UdxSocket b = udx.bind(any, DatagramListener.NONE);
        UdxOptions options = UdxOptions.defaults().withReceiveWindowBytes(WINDOW_BYTES);
        Late firstLate = new Late();
        Late secondLate = new Late();
        firstStream = udx.createStream(1, options, firstLate);
        UdxStream secondStream = udx.createStream(2, options, secondLate);
        first = new UdxByteStream(firstStream, b.local());
        second = new UdxByteStream(secondStream, a.local());
        firstLate.bytes.set(first);
        secondLate.bytes.set(second);
        firstStream.connect(a, 2, b.local());
        secondStream.connect(b, 1, a.local());
    }

    @AfterEach
    void close() {
        udx.close();
    }

    @Test
    void shouldMakeTheWriterWaitWhenNobodyReadsAndLoseNothing() throws Exception {
        long bytes = 16L << 20;
        AtomicLong written = new AtomicLong();
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            ByteBuffer block = ByteBuffer.allocate(65_536);
            for (long at = 0; at < bytes; at += block.capacity()) {
                block.clear();
                for (int i = 0; i < block.capacity(); i += 8) block.putLong(i, at + i);
                while (block.hasRemaining()) written.addAndGet(write(block));
            }
            first.close();
        });
        while (second.available() < Arrivals.HIGH_BYTES) Thread.onSpinWait();
        ByteBuffer block = ByteBuffer.allocate(8);
        long at = 0;
        long mostAhead = 0;
        long mostWaiting = 0;
        while (second.read(block) >= 0) {
            mostWaiting = Math.max(mostWaiting, second.available());
            mostAhead = Math.max(mostAhead, written.get() - at);
            if (block.hasRemaining()) continue;
            assertThat(block.getLong(0)).isEqualTo(at);
            at += 8;
            block.clear();
        }
        writing.get(60, TimeUnit.SECONDS);
        assertThat(at).isEqualTo(bytes);
        assertThat(mostWaiting).isLessThan(Arrivals.HIGH_BYTES + 4_096);
        assertThat(mostAhead).as("windows and buffers of both sides").isLessThan(8L << 20);
    }

    @Test
    void shouldDeliverWhatWasWrittenBeforeItWasClosed() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(100_000);
        while (data.hasRemaining()) write(data);
        first.close();
        assertThatThrownBy(() -> first.write(ByteBuffer.allocate(1))).isInstanceOf(AsynchronousCloseException.class);
        assertThatThrownBy(() -> first.read(ByteBuffer.allocate(1))).isInstanceOf(AsynchronousCloseException.class);
        ByteBuffer read = ByteBuffer.allocate(200_000);
        while (second.read(read) >= 0) assertThat(read.hasRemaining()).isTrue();
        assertThat(read.position()).isEqualTo(100_000);
    }

    @Test
    void shouldThrowOutWhoWaitsWhenThePeerDropsTheStream() {
        write(ByteBuffer.allocate(1)); // so that the other side is known to be there
        CompletableFuture<Integer> reading = CompletableFuture.supplyAsync(() -> {
            try {
                int count = 0;
                while (true) count += second.read(ByteBuffer.allocate(10));
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("the peer dropped");
                return 1;
            }
        });
        firstStream.destroy();
        assertThat(reading.orTimeout(60, TimeUnit.SECONDS).join()).isEqualTo(1);
    }

    @Test
    void shouldTellTheRoundTripOfTheWayOnceSomethingWasAcknowledged() throws IOException {
        assertThat(first.roundTripNanos()).isEmpty();
        write(ByteBuffer.allocate(1));
        assertThat(second.read(ByteBuffer.allocate(1))).isEqualTo(1);
        while (first.roundTripNanos().isEmpty()) Thread.onSpinWait();
        assertThat(first.roundTripNanos().getAsLong()).isBetween(1_000L, 60_000_000_000L);
    }

    @Test
    void shouldTellOnceWhenThereIsSomethingToReadAndWhenThereWillBeNothingMore() throws Exception {
        CompletableFuture<Boolean> arrived = new CompletableFuture<>();
        assertThat(second.whenReadable(() -> arrived.complete(true))).isTrue();
        assertThat(arrived).isNotDone();
        write(ByteBuffer.allocate(3));
        assertThat(arrived.get(60, TimeUnit.SECONDS)).isTrue();
        Runnable never = () -> {
            throw new AssertionError("a read would not have waited");
        };
        assertThat(second.whenReadable(never)).isFalse();
        assertThat(second.read(ByteBuffer.allocate(10))).isEqualTo(3);
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        assertThat(second.whenReadable(() -> ended.complete(true))).isTrue();
        first.close();
        assertThat(ended.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(second.whenReadable(never)).isFalse();
        assertThat(second.read(ByteBuffer.allocate(10))).isEqualTo(-1);
        second.close();
        assertThat(second.whenReadable(never)).isFalse();
    }

    private int write(ByteBuffer data) {
        try {
            return first.write(data);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
