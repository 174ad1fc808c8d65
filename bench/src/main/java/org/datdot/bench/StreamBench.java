package org.datdot.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.wire.OutgoingMessage;
import org.datdot.wire.SecretStream;

/**
 * One stream over TCP, of messages encrypted by secret-stream ({@code --kind=secret}) or of plain bytes ({@code --kind=tcp}): what
 * replication is measured against. The twin of {@code bench/node/stream.js}: same roles, options and output.
 */
final class StreamBench {
    private static final int CHUNK_BYTES = 65_536;
    private static final int BUFFER_BYTES = 256 << 10;

    private StreamBench() {}

    public static void main(String[] arguments) throws Exception {
        Workload workload = new Workload(arguments);
        boolean secret = workload.text("kind", "secret").equals("secret");
        long bytes = (long) workload.number("mib", 256) << 20;
        if (workload.text("role", "sink").equals("sink")) {
            try (ServerSocketChannel server =
                    ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                System.out.println("{\"port\":" + server.socket().getLocalPort() + "}");
                try (SocketChannel channel = server.accept()) {
                    Arrivals arrivals = new Arrivals();
                    if (secret) {
                        receiveSecret(channel, arrivals, bytes);
                    } else {
                        receive(channel, arrivals, bytes);
                    }
                    arrivals.print();
                }
            }
        } else {
            InetSocketAddress sink =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), workload.number("port", 0));
            long cpu = Workload.cpuNs();
            try (SocketChannel channel = SocketChannel.open(sink)) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                if (secret) {
                    sendSecret(channel, bytes);
                } else {
                    send(channel, bytes);
                }
                channel.shutdownOutput();
                // The sink leaves when it has everything.
                while (channel.read(ByteBuffer.allocate(CHUNK_BYTES)) >= 0) {}
            }
            System.out.printf("{\"cpuMs\":%.1f}%n", (Workload.cpuNs() - cpu) / 1e6);
        }
    }

    private static void send(SocketChannel channel, long bytes) throws IOException {
        ByteBuffer chunk = ByteBuffer.wrap(Workload.block(0, CHUNK_BYTES));
        for (long sent = 0; sent < bytes; sent += CHUNK_BYTES) {
            writeFully(channel, chunk.rewind());
        }
    }

    private static void receive(SocketChannel channel, Arrivals arrivals, long bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        while (arrivals.bytes < bytes) {
            int count = channel.read(buffer.clear());
            if (count < 0) {
                throw new IllegalStateException("the stream ended after " + arrivals.bytes + " bytes");
            }
            arrivals.add(count);
        }
    }

    private static void sendSecret(SocketChannel channel, long bytes) throws IOException {
        Reader reader = new Reader(channel, true, new Arrivals());
        reader.untilOpen();
        OutgoingMessage message = OutgoingMessage.of(Workload.block(0, CHUNK_BYTES));
        byte[] frames = new byte[BUFFER_BYTES];
        int frameBytes = CHUNK_BYTES + SecretStream.OVERHEAD_BYTES;
        for (long sent = 0; sent < bytes; ) {
            int filled = 0;
            for (; sent < bytes && filled + frameBytes <= frames.length; sent += CHUNK_BYTES) {
                filled += reader.stream.seal(message, frames, filled);
            }
            writeFully(channel, ByteBuffer.wrap(frames, 0, filled));
        }
    }

    private static void receiveSecret(SocketChannel channel, Arrivals arrivals, long bytes) throws IOException {
        Reader reader = new Reader(channel, false, arrivals);
        reader.untilOpen();
        while (arrivals.bytes < bytes) {
            reader.step();
        }
    }

    private static void writeFully(SocketChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** The receiving half of a secret stream on a socket. */
    private static final class Reader implements SecretStream.Listener {
        private final SocketChannel channel;
        private final Arrivals arrivals;
        private final SecretStream stream;
        private final byte[] buffer = new byte[BUFFER_BYTES];
        private int start;
        private int end;

        Reader(SocketChannel channel, boolean initiator, Arrivals arrivals) {
            this.channel = channel;
            this.arrivals = arrivals;
            this.stream = new SecretStream(initiator, KeyPair.generate(Entropy.system()), null, Entropy.system(), this);
        }

        void untilOpen() throws IOException {
            stream.start();
            while (!stream.open()) {
                step();
            }
        }

        void step() throws IOException {
            int taken = stream.receive(buffer, start, end - start);
            start += taken;
            if (taken > 0) {
                return;
            }
            if (start > 0) {
                System.arraycopy(buffer, start, buffer, 0, end - start);
                end -= start;
                start = 0;
            }
            int count = channel.read(ByteBuffer.wrap(buffer, end, buffer.length - end));
            if (count < 0) {
                throw new IllegalStateException("the stream ended after " + arrivals.bytes + " bytes");
            }
            end += count;
        }

        @Override
        public void onOutput(byte[] frames) {
            try {
                writeFully(channel, ByteBuffer.wrap(frames));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onOpen() {}

        @Override
        public void onMessage(byte[] message) {
            arrivals.add(message.length);
        }

        @Override
        public void onKeepAlive() {}
    }

    /** What came, and since when. */
    private static final class Arrivals {
        private long bytes;
        private long begun;
        private long cpu;

        void add(int count) {
            if (bytes == 0) {
                begun = System.nanoTime();
                cpu = Workload.cpuNs();
            }
            bytes += count;
        }

        void print() {
            System.out.printf(
                    "{\"ms\":%.1f,\"cpuMs\":%.1f,\"bytes\":%d}%n",
                    (System.nanoTime() - begun) / 1e6, (Workload.cpuNs() - cpu) / 1e6, bytes);
        }
    }
}
