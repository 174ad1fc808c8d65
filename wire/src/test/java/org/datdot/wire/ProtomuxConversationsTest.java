package org.datdot.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.CompactDecoder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plays each side of conversations which two stock Protomux had (interop/node/wire-vectors.mjs) and compares every byte sent
 * and every event seen.
 */
class ProtomuxConversationsTest {
    static Stream<Arguments> conversations() throws IOException {
        Map<String, List<String>> scenarios = new LinkedHashMap<>();
        List<String> current = new ArrayList<>();
        try (InputStream in = ProtomuxConversationsTest.class.getResourceAsStream("/protomux-conversations.txt")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            for (String line : text.lines().toList()) {
                if (line.startsWith("scenario ")) {
                    current = new ArrayList<>();
                    scenarios.put(line.substring(9), current);
                } else if (!line.startsWith("#")) {
                    current.add(line);
                }
            }
        }
        assertThat(scenarios).hasSizeGreaterThan(15);
        return scenarios.entrySet().stream()
                .flatMap(e -> Stream.of("A", "B").map(side -> Arguments.of(e.getKey(), side, e.getValue())));
    }

    @ParameterizedTest(name = "{0}, side {1}")
    @MethodSource("conversations")
    void shouldSayAndSeeWhatTheStockMuxDoesWhenPlayingOneSide(String name, String side, List<String> lines) {
        Player player = new Player(side);
        for (String line : lines) {
            String[] words = line.split(" ");
            if (words[0].equals("do") && words[1].equals(side)) {
                player.perform(words);
            } else if (words[0].equals("event") && words[1].equals(side)) {
                assertThat(player.events.poll()).as("event of " + side).isEqualTo(line);
            } else if (words[0].equals(side + ">")) {
                assertThat(player.stream.next()).as("message of " + side).isEqualTo(words[1]);
            } else if (words[0].endsWith(">")) {
                player.mux.receive(HexFormat.of().parseHex(words[1]));
                player.runTasks();
            }
        }
        assertThat(player.events).isEmpty();
        assertThat(player.stream.sent).isEmpty();
        assertThat(player.stream.failure).isNull();
    }

    private static byte[] bytes(String hex) {
        return hex.equals("-") ? new byte[0] : HexFormat.of().parseHex(hex);
    }

    private static String hex(CompactDecoder in) {
        return in.remaining() == 0 ? "-" : HexFormat.of().formatHex(in.raw());
    }

    private static final class Player {
        final String side;
        final RecordingStream stream = new RecordingStream();
        final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        final ArrayDeque<String> events = new ArrayDeque<>();
        final Map<String, Channel> channels = new HashMap<>();
        final Protomux mux = new Protomux(stream, tasks::add);

        Player(String side) {
            this.side = side;
        }

        void runTasks() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }

        void perform(String[] words) {
            String op = words[2];
            switch (op) {
                case "open" -> open(words[3], words[4], List.of(), bytes(words[5]), bytes(words[6]));
                case "openalias" -> open(words[3], words[4], List.of(words[7]), bytes(words[5]), bytes(words[6]));
                case "pair" -> mux.pair(words[4], (m, id) -> open(words[3], words[4], List.of(), id, bytes(words[5])));
                case "pairnot" -> mux.pair(words[3], (m, id) -> {});
                case "send" -> channel(words[3]).send(Integer.parseInt(words[4]), bytes(words[5]));
                case "close" -> channel(words[3]).close();
                case "cork" -> mux.cork();
                case "uncork" -> mux.uncork();
                default -> throw new IllegalArgumentException(op);
            }
            runTasks();
        }

        Channel channel(String label) {
            return Objects.requireNonNull(channels.get(label));
        }

        void open(String label, String protocol, List<String> aliases, byte @Nullable [] id, byte[] handshake) {
            channels.put(label, mux.open(new ChannelSpec(protocol, aliases, id, handshake, new Handler(label))));
        }

        private final class Handler implements ChannelHandler {
            final String label;

            Handler(String label) {
                this.label = label;
            }

            @Override
            public void onOpen(Channel channel, CompactDecoder handshake) {
                events.add("event " + side + " open " + label + " " + hex(handshake));
            }

            @Override
            public void onMessage(Channel channel, int type, CompactDecoder payload) {
                byte[] content = payload.raw();
                events.add("event " + side + " message " + label + " " + type + " " + hex(new CompactDecoder(content)));
                if (type == 1) {
                    channel.send(2, content);
                } else if (type == 3) {
                    channel.close();
                }
            }

            @Override
            public void onClose(Channel channel, boolean byRemote) {
                events.add("event " + side + " close " + label + (byRemote ? " remote" : " local"));
            }
        }
    }

    /** Keeps what a mux sends. */
    static final class RecordingStream implements MessageStream {
        final ArrayDeque<byte[]> sent = new ArrayDeque<>();
        int pauses;
        boolean full;

        @Nullable
        WireException failure;

        @Nullable
        String next() {
            byte[] message = sent.poll();
            return message == null ? null : HexFormat.of().formatHex(message);
        }

        @Override
        public boolean initiator() {
            return true;
        }

        @Override
        public byte[] handshakeHash() {
            return new byte[NoiseHandshake.HASH_BYTES];
        }

        @Override
        public PublicKey remotePublicKey() {
            return new PublicKey(new byte[PublicKey.BYTES]);
        }

        @Override
        public void send(OutgoingMessage message) {
            sent.add(message.toBytes());
        }

        @Override
        public boolean writable() {
            return !full;
        }

        @Override
        public void pause() {
            pauses++;
        }

        @Override
        public void resume() {
            pauses--;
        }

        @Override
        public void fail(WireException cause) {
            failure = cause;
        }
    }
}
