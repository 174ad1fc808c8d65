package org.datdot.udx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Packets as the stock package sends them ({@code interop/node/udx-vectors.js}), and what is none. */
class UdxPacketTest {
    private static final int REMOTE_ID = 0xa0b0c0d0;
    private static final int WINDOW = 4 << 20;

    private static Map<String, byte[]> vectors() throws IOException {
        Map<String, byte[]> vectors = new HashMap<>();
        try (InputStream in = UdxPacketTest.class.getResourceAsStream("/udx-vectors.txt")) {
            assertThat(in).isNotNull();
            new BufferedReader(new InputStreamReader(in, UTF_8)).lines().forEach(line -> {
                String[] parts = line.split(" ", 2);
                vectors.put(parts[0], HexFormat.of().parseHex(parts[1]));
            });
        }
        return vectors;
    }

    private static UdxPacket read(byte[] datagram) {
        UdxPacket packet = new UdxPacket();
        assertThat(packet.read(ByteBuffer.wrap(datagram))).isTrue();
        return packet;
    }

    private static byte[] written(int type, int id, int seq, int ack, String payload, int... ranges) {
        ByteBuffer target = ByteBuffer.allocate(100);
        UdxPacket.putHeader(target, type, 0, id, WINDOW, seq, ack);
        for (int i = 0; i < ranges.length; i += 2) {
            UdxPacket.putRange(target, ranges[i], ranges[i + 1]);
        }
        target.put(payload.getBytes(UTF_8)).flip();
        byte[] datagram = new byte[target.remaining()];
        target.get(datagram);
        return datagram;
    }

    @Test
    void shouldWriteWhatTheStockPackageWrites() throws IOException {
        Map<String, byte[]> stock = vectors();
        assertThat(written(UdxPacket.DATA, REMOTE_ID, 0, 0, "hello")).isEqualTo(stock.get("data"));
        assertThat(written(UdxPacket.MESSAGE, REMOTE_ID, 1, 0, "message")).isEqualTo(stock.get("message"));
        assertThat(written(0, REMOTE_ID, 1, 1, "")).isEqualTo(stock.get("ack"));
        assertThat(written(UdxPacket.SACK, REMOTE_ID, 1, 1, "", 2, 3)).isEqualTo(stock.get("sack"));
        assertThat(written(UdxPacket.SACK, REMOTE_ID, 1, 1, "", 2, 3, 4, 5)).isEqualTo(stock.get("sack-two"));
        assertThat(written(UdxPacket.HEARTBEAT, REMOTE_ID, 1, 1, "")).isEqualTo(stock.get("heartbeat"));
        assertThat(written(UdxPacket.DATA | UdxPacket.END, REMOTE_ID, 1, 1, "bye"))
                .isEqualTo(stock.get("data-end"));
        assertThat(written(UdxPacket.DESTROY, 6, 0, 0, "")).isEqualTo(stock.get("destroy"));
    }

    @Test
    void shouldReadWhatTheStockPackageWrites() throws IOException {
        Map<String, byte[]> stock = vectors();
        UdxPacket packet = read(stock.getOrDefault("sack-two", new byte[0]));
        assertThat(packet.type()).isEqualTo(UdxPacket.SACK);
        assertThat(packet.streamId()).isEqualTo(REMOTE_ID);
        assertThat(packet.windowBytes()).isEqualTo(WINDOW);
        assertThat(packet.seq()).isEqualTo(1);
        assertThat(packet.ack()).isEqualTo(1);
        assertThat(packet.sackRanges()).isEqualTo(2);
        assertThat(packet.sackStart(1)).isEqualTo(4);
        assertThat(packet.sackEnd(1)).isEqualTo(5);
        assertThat(packet.payloadBytes()).isZero();
        packet = read(stock.getOrDefault("data-end", new byte[0]));
        assertThat(packet.is(UdxPacket.END)).isTrue();
        assertThat(UTF_8.decode(packet.payload()).toString()).isEqualTo("bye");
    }

    @Test
    void shouldSkipPaddingAndRangesBeforeThePayload() {
        byte[] padded = written(UdxPacket.DATA, 1, 2, 3, "\0\0\0payload");
        padded[3] = 3;
        assertThat(UTF_8.decode(read(padded).payload()).toString()).isEqualTo("payload");
        byte[] ranged = written(UdxPacket.DATA | UdxPacket.SACK, 1, 2, 3, "payload", 5, 6);
        ranged[3] = 8;
        UdxPacket packet = read(ranged);
        assertThat(packet.sackRanges()).isEqualTo(1);
        assertThat(UTF_8.decode(packet.payload()).toString()).isEqualTo("payload");
    }

    @Test
    void shouldRefuseWhatIsTooShortOrOfAnotherVersionOrContradictsItself() {
        byte[] good = written(UdxPacket.DATA, 1, 2, 3, "payload");
        UdxPacket packet = new UdxPacket();
        for (int length = 0; length < UdxPacket.HEADER_BYTES; length++) {
            assertThat(packet.read(ByteBuffer.wrap(good, 0, length))).isFalse();
        }
        assertThat(packet.read(ByteBuffer.wrap(changed(good, 0, 0xfe)))).isFalse();
        assertThat(packet.read(ByteBuffer.wrap(changed(good, 1, 2)))).isFalse();
        assertThat(packet.read(ByteBuffer.wrap(changed(good, 3, 8)))).isFalse();
        assertThat(packet.read(ByteBuffer.wrap(changed(good, 2, UdxPacket.DATA | UdxPacket.SACK))))
                .isFalse();
        assertThat(packet.read(ByteBuffer.wrap(changed(good, 3, 7)))).isTrue();
    }

    private static byte[] changed(byte[] datagram, int at, int value) {
        byte[] copy = datagram.clone();
        copy[at] = (byte) value;
        return copy;
    }

    @Test
    void shouldStayInsideOfTheDatagramWhateverItSays() {
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] noise = new byte[random.nextInt(600)];
            random.nextBytes(noise);
            if (noise.length > 1 && seed % 4 != 0) {
                noise[0] = (byte) 0xff;
                noise[1] = 1;
            }
            ByteBuffer datagram = ByteBuffer.wrap(noise);
            UdxPacket packet = new UdxPacket();
            if (packet.read(datagram)) {
                assertThat(packet.sackRanges()).as("seed %d", seed).isBetween(0, UdxPacket.MAX_SACK_RANGES);
                for (int i = 0; i < packet.sackRanges(); i++) {
                    packet.sackStart(i);
                    packet.sackEnd(i);
                }
                assertThat(packet.payload().remaining()).as("seed %d", seed).isEqualTo(packet.payloadBytes());
                assertThat(packet.payloadBytes())
                        .as("seed %d", seed)
                        .isBetween(0, noise.length - UdxPacket.HEADER_BYTES);
            }
        }
    }
}
