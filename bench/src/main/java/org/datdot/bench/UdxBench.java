package org.datdot.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.datdot.udx.CloseReason;
import org.datdot.udx.DatagramListener;
import org.datdot.udx.StreamListener;
import org.datdot.udx.StreamStats;
import org.datdot.udx.Udx;
import org.datdot.udx.UdxOptions;
import org.datdot.udx.UdxSocket;
import org.datdot.udx.UdxStream;

/** One UDX stream over loopback, the twin of {@code bench/node/udx.js}: same roles, options and output. */
final class UdxBench {
    private static final int CHUNK_BYTES = 65_536;
    private static final int SOURCE_ID = 1;
    private static final int SINK_ID = 2;

    private UdxBench() {}

    public static void main(String[] arguments) throws Exception {
        Workload workload = new Workload(arguments);
        try (Udx udx = new Udx()) {
            UdxSocket socket =
                    udx.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), DatagramListener.NONE);
            if (workload.text("role", "sink").equals("sink")) {
                sink(udx, socket);
            } else {
                source(udx, socket, workload.number("port", 0), workload.number("mib", 256));
            }
        }
    }

    private static void sink(Udx udx, UdxSocket socket) throws Exception {
        Sink sink = new Sink();
        CompletableFuture<UdxStream> stream = new CompletableFuture<>();
        stream.complete(udx.createStream(SINK_ID, UdxOptions.defaults(), sink, (through, from) -> {
            stream.join().connect(through, SOURCE_ID, from);
            return true;
        }));
        System.out.println("{\"port\":" + socket.local().getPort() + "}");
        sink.ended.get();
        stream.join().end();
        sink.closed.get();
    }

    private static void source(Udx udx, UdxSocket socket, int port, int mib) throws Exception {
        Source source = new Source();
        UdxStream stream = udx.createStream(SOURCE_ID, UdxOptions.defaults(), source);
        stream.connect(socket, SINK_ID, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        byte[] chunk = Workload.block(0, CHUNK_BYTES);
        long cpu = Workload.cpuNs();
        for (int i = 0; i < mib * 16; i++) {
            ByteBuffer data = ByteBuffer.wrap(chunk);
            while (data.hasRemaining()) {
                if (!stream.write(data) && data.hasRemaining()) {
                    source.drained.acquire();
                }
            }
        }
        stream.end();
        source.closed.get();
        StreamStats stats = stream.stats().get();
        System.out.printf(
                "{\"cpuMs\":%.1f,\"retransmits\":%d,\"mtu\":%d}%n",
                (Workload.cpuNs() - cpu) / 1e6, stats.retransmissions(), stats.mtuBytes());
    }

    private static class Source implements StreamListener {
        final Semaphore drained = new Semaphore(0);
        final CompletableFuture<CloseReason> closed = new CompletableFuture<>();

        @Override
        public void onData(ByteBuffer data) {
            // The other side sends nothing.
        }

        @Override
        public void onDrain() {
            drained.release();
        }

        @Override
        public void onClose(CloseReason reason) {
            closed.complete(reason);
            drained.release(1 << 20);
        }
    }

    private static final class Sink extends Source {
        final CompletableFuture<Boolean> ended = new CompletableFuture<>();
        private long bytes;
        private long begun;
        private long cpu;

        @Override
        public void onData(ByteBuffer data) {
            if (bytes == 0) {
                begun = System.nanoTime();
                cpu = Workload.cpuNs();
            }
            bytes += data.remaining();
        }

        @Override
        public void onEnd() {
            System.out.printf(
                    "{\"ms\":%.1f,\"cpuMs\":%.1f,\"bytes\":%d}%n",
                    (System.nanoTime() - begun) / 1e6, (Workload.cpuNs() - cpu) / 1e6, bytes);
            ended.complete(true);
        }
    }
}
