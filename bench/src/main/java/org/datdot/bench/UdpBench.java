package org.datdot.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/**
 * Plain UDP over loopback in packets as long as those of UDX, a system call each: what UDX costs is seen beside it. The twin of
 * {@code bench/node/udp.js}: same roles, options and output. The sink answers every 64th packet, and no more than 512 are on
 * their way, so that none is lost.
 */
final class UdpBench {
    private static final int PACKET_BYTES = 1_472;
    private static final int ANSWER_EVERY = 64;
    private static final int MOST_UNANSWERED = 512;

    private UdpBench() {}

    public static void main(String[] arguments) throws Exception {
        Workload workload = new Workload(arguments);
        try (DatagramChannel channel =
                DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, 4 << 20);
            if (workload.text("role", "sink").equals("sink")) {
                sink(channel);
            } else {
                channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), workload.number("port", 0)));
                source(channel, (int) (((long) workload.number("mib", 256) << 20) / PACKET_BYTES));
            }
        }
    }

    private static void sink(DatagramChannel channel) throws IOException {
        System.out.println("{\"port\":" + ((InetSocketAddress) channel.getLocalAddress()).getPort() + "}");
        ByteBuffer packet = ByteBuffer.allocateDirect(2_048);
        ByteBuffer answer = ByteBuffer.allocateDirect(4);
        // Not connected: the JDK drops what has arrived when a channel is.
        SocketAddress source = channel.receive(packet);
        long begun = System.nanoTime();
        long cpu = Workload.cpuNs();
        int packets = 1;
        while (packet.position() == PACKET_BYTES) {
            if (packets % ANSWER_EVERY == 0) {
                channel.send(answer.putInt(0, packets).rewind(), source);
            }
            channel.receive(packet.clear());
            packets++;
        }
        channel.send(answer.putInt(0, packets).rewind(), source);
        System.out.printf(
                "{\"ms\":%.1f,\"cpuMs\":%.1f,\"bytes\":%d}%n",
                (System.nanoTime() - begun) / 1e6, (Workload.cpuNs() - cpu) / 1e6, (long) (packets - 1) * PACKET_BYTES);
    }

    private static void source(DatagramChannel channel, int packets) throws IOException {
        ByteBuffer packet = ByteBuffer.allocateDirect(PACKET_BYTES).put(Workload.block(0, PACKET_BYTES));
        ByteBuffer answer = ByteBuffer.allocateDirect(4);
        long cpu = Workload.cpuNs();
        int answered = 0;
        for (int sent = 1; sent <= packets; sent++) {
            channel.write(packet.rewind());
            if (sent - answered >= MOST_UNANSWERED) {
                channel.read(answer.clear());
                answered = answer.getInt(0);
            }
        }
        channel.write(packet.rewind().limit(1));
        while (answered <= packets) {
            channel.read(answer.clear());
            answered = answer.getInt(0);
        }
        System.out.printf("{\"cpuMs\":%.1f}%n", (Workload.cpuNs() - cpu) / 1e6);
    }
}
