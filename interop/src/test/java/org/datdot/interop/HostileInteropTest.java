package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.TreeHead;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Swarm;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelHandler;
import org.datdot.wire.WireException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Peers that talk nonsense to a node while an honest stock reader is connected to it: they lose their own connection, the
 * reader goes on, and the store stays sound in the eyes of the stock package.
 */
@Timeout(300)
class HostileInteropTest {
    private static final int SYNC = 0;
    private static final int REQUEST = 1;
    private static final int DATA = 3;
    private static final int BITFIELD = 7;
    private static final int RANGE = 8;
    private static final int BLOCK_FLAG = 1;
    private static final int UPGRADE_FLAG = 8;

    @TempDir
    private Path folder;

    private JavaPeer victim;
    private CorePeer reader;
    private Hypercore core;
    private int port;

    @BeforeEach
    void open() {
        victim = new JavaPeer(folder.resolve("victim"));
        reader = new CorePeer(folder.resolve("reader"));
        core = victim.write("ours", 100, 2000);
        port = victim.listen();
        reader.connect(port);
        reader.waitLength(core.key(), 100);
        reader.download(core.key(), 0, 100);
    }

    @AfterEach
    void close() {
        reader.close();
        victim.close();
    }

    /** The honest reader is still served over its first connection, and the disk holds what was appended and nothing else. */
    private void requireUnharmed() {
        Waiting.until(
                "only the reader is left", () -> victim.swarm.connections().size() == 1);
        assertThat(victim.ends)
                .as("what broke a connection was foreseen")
                .noneMatch(end -> end.reason() == WireException.Reason.HANDLER_FAILED);
        TreeHead before = core.head();
        JavaPeer.append(core, "ours", 20, 2000);
        long length = core.length();
        assertThat(length).isEqualTo(before.length() + 20);
        reader.waitLength(core.key(), length);
        reader.download(core.key(), before.length(), length);
        assertThat(reader.digest(core.key(), 0, length)).isEqualTo(expectedDigest(length));
        assertThat(reader.status(core.key()).path("treeHash").asString())
                .isEqualTo(core.head().treeHash().hex());
        victim.close();
        try (NodeProcess audit =
                NodeProcess.start("store-read.js", folder.resolve("victim").toString())) {
            JsonNode cores = audit.next();
            assertThat(audit.finish()).as(audit.errorText()).isZero();
            assertThat(cores).hasSize(1);
            assertThat(cores.get(0).path("length").asLong()).isEqualTo(length);
            assertThat(cores.get(0).path("digest").asString()).isEqualTo(expectedDigest(length));
            assertThat(cores.get(0).path("audit").path("corrupt").asBoolean(true))
                    .isFalse();
        }
    }

    private static String expectedDigest(long length) {
        MessageDigest digest = JavaPeer.sha256();
        for (long i = 0; i < length; i++) digest.update(JavaPeer.block("ours", i, 2000));
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    void shouldCloseConnectionsThatBeginWithGarbage() {
        long seed = 11;
        Random random = new Random(seed);
        for (int i = 0; i < 100; i++) {
            try (RawPeer peer = new RawPeer(port)) {
                byte[] garbage = new byte[2048 + random.nextInt(8192)];
                random.nextBytes(garbage);
                peer.write(garbage);
                peer.requireClosedByPeer();
            }
        }
        for (String text : List.of("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\0\0\0\0\0\0\0\0", "SSH-2.0-x\r\n")) {
            try (RawPeer peer = new RawPeer(port)) {
                peer.write(text.getBytes(StandardCharsets.US_ASCII));
                peer.requireClosedByPeer();
            }
        }
        requireUnharmed();
    }

    @Test
    void shouldCloseAConnectionAtTheLengthOfAnOversizedFrame() {
        try (RawPeer peer = new RawPeer(port)) {
            peer.write(new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff});
            peer.requireClosedByPeer();
        }
        try (RawPeer peer = new RawPeer(port).handshake()) {
            peer.write(new byte[] {5, 0, 0, 1, 2, 3, 4, 5}); // shorter than any message
            peer.requireClosedByPeer();
        }
        requireUnharmed();
    }

    @Test
    void shouldForgetHandshakesThatAreCutOff() {
        for (int i = 1; i < 35; i += 3) {
            try (RawPeer peer = new RawPeer(port)) {
                byte[] hello = new byte[35];
                hello[0] = 32;
                peer.write(Arrays.copyOf(hello, i));
            }
        }
        try (RawPeer silent = new RawPeer(port)) {
            silent.requireClosedByPeer(); // by the time-out of the handshake
        }
        requireUnharmed();
    }

    @Test
    void shouldCloseConnectionsThatAreOnlyHalfOpen() {
        try (RawPeer peer = new RawPeer(port)) {
            peer.halfClose();
            peer.requireClosedByPeer();
        }
        try (RawPeer peer = new RawPeer(port)) {
            peer.handshake();
            peer.halfClose();
            peer.requireClosedByPeer();
        }
        try (RawPeer peer = new RawPeer(port)) {
            byte[] frame = peer.handshake().seal(new byte[5000]);
            peer.write(Arrays.copyOf(frame, 100));
            peer.halfClose();
            peer.requireClosedByPeer();
        }
        requireUnharmed();
        assertThat(victim.ends)
                .hasSizeGreaterThanOrEqualTo(2)
                .allMatch(end -> !String.valueOf(end.getMessage()).isBlank());
    }

    @Test
    void shouldCloseAConnectionWhoseMessageWasForged() {
        try (RawPeer peer = new RawPeer(port).handshake()) {
            byte[] frame = peer.seal(new byte[100]);
            frame[50] ^= 1;
            peer.write(frame);
            peer.requireClosedByPeer();
        }
        try (RawPeer peer = new RawPeer(port).handshake()) {
            peer.seal(new byte[10]); // lost on the way
            peer.write(peer.seal(new byte[10]));
            peer.requireClosedByPeer();
        }
        requireUnharmed();
    }

    @Test
    void shouldSurviveEncryptedMessagesThatAreNoProtomux() {
        long seed = 12;
        Random random = new Random(seed);
        for (int i = 0; i < 40; i++) {
            try (RawPeer peer = new RawPeer(port).handshake()) {
                boolean open = true;
                for (int m = 0; open && m < 50; m++) {
                    byte[] message = new byte[random.nextInt(300)];
                    random.nextBytes(message);
                    // Half of them begin like control messages: open, reject, close, batch.
                    if (message.length > 2 && random.nextBoolean()) {
                        message[0] = 0;
                        message[1] = (byte) random.nextInt(5);
                    }
                    open = peer.write(peer.seal(message));
                }
            }
        }
        try (RawPeer peer = new RawPeer(port).handshake()) {
            peer.write(peer.seal(new byte[] {0, 1})); // an open that ends before its first field
            peer.requireClosedByPeer();
        }
        requireUnharmed();
    }

    @Test
    void shouldCloseTheConnectionOfAPeerThatDoesNotKnowTheKey() {
        try (Swarm swarm = attackers()) {
            Connection connection = JavaPeer.dial(swarm, port);
            byte[] wrong = CoreChannel.capability(connection.mux(), new CoreKey(new byte[32]));
            CoreChannel.open(connection.mux(), core.key(), wrong, new ChannelHandler() {});
            requireClosed(connection);
        }
        requireUnharmed();
    }

    @Test
    void shouldCloseTheConnectionOfAPeerWhoseMessagesAreCutOff() {
        byte[] huge = new CompactEncoder().uint(0).uint(1L << 40).toBytes();
        List<byte[]> cutOff = List.of(new byte[] {}, new byte[] {(byte) 0xff, 1}, huge);
        for (byte[] payload : cutOff) {
            for (int type : new int[] {SYNC, REQUEST, DATA, BITFIELD}) {
                try (Swarm swarm = attackers()) {
                    Connection connection = JavaPeer.dial(swarm, port);
                    Channel channel = knowing(connection, new ChannelHandler() {});
                    channel.send(type, payload);
                    requireClosed(connection);
                }
            }
        }
        requireUnharmed();
    }

    @Test
    void shouldSurviveAbsurdMessagesOfAPeerThatKnowsTheKey() {
        long seed = 13;
        Random random = new Random(seed);
        for (int i = 0; i < 40; i++) {
            try (Swarm swarm = attackers()) {
                Connection connection = JavaPeer.dial(swarm, port);
                Channel channel = knowing(connection, new ChannelHandler() {});
                for (int m = 0; m < 100 && !connection.closed().isDone(); m++) {
                    int type = random.nextInt(m < 80 ? 9 : 13);
                    channel.send(type, m < 80 ? wellFormed(type, random) : absurd(random));
                }
            }
        }
        requireUnharmed();
        assertThat(victim.ends).anyMatch(end -> end.reason() == WireException.Reason.PROTOCOL_VIOLATION);
    }

    /** A message of the first nine types with the right fields and any numbers in them. */
    private static byte[] wellFormed(int type, Random random) {
        CompactEncoder out = new CompactEncoder();
        switch (type) {
            case SYNC ->
                out.uint(random.nextInt(32)).uint(0).uint(number(random)).uint(number(random));
            case REQUEST -> {
                int flags = random.nextInt(64);
                out.uint(flags).uint(number(random)).uint(random.nextInt(2));
                for (int flag : new int[] {1, 2, 4, 8}) {
                    if ((flags & flag) != 0) out.uint(number(random)).uint(number(random));
                }
                if ((flags & 32) != 0) out.uint(number(random));
            }
            case DATA ->
                out.uint(BLOCK_FLAG)
                        .uint(random.nextInt(4))
                        .uint(0)
                        .uint(number(random))
                        .buffer(new byte[random.nextInt(50)])
                        .uint(0);
            case BITFIELD -> out.uint(number(random)).uint(2).uint32(-1L >>> 32).uint32(random.nextInt(99));
            case RANGE -> out.uint(random.nextInt(4)).uint(number(random)).uint(number(random));
            default -> out.uint(number(random)).uint(number(random)); // cancel, no data, want, unwant
        }
        return out.toBytes();
    }

    private static long number(Random random) {
        return random.nextInt(8) == 0 ? (1L << 53) - 1 : random.nextLong() >>> (11 + random.nextInt(53));
    }

    /** Numbers around all limits, in any order; now and then plain noise. */
    private static byte[] absurd(Random random) {
        CompactEncoder out = new CompactEncoder();
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
            switch (random.nextInt(5)) {
                case 0 -> out.uint(random.nextInt(64));
                case 1 -> out.uint(random.nextLong() >>> (11 + random.nextInt(53)));
                case 2 -> out.uint((1L << 53) - 1);
                case 3 -> out.raw(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1}); // more than a uint holds
                default -> {
                    byte[] noise = new byte[random.nextInt(80)];
                    random.nextBytes(noise);
                    out.raw(noise);
                }
            }
        }
        return out.toBytes();
    }

    @Test
    void shouldStoreNothingFalseWhenAPeerAnswersWithInvalidProofs() {
        try (CorePeer writer = new CorePeer(folder.resolve("writer"));
                Swarm swarm = attackers()) {
            CoreKey key = writer.write("theirs", 300, 1500);
            Hypercore copy = victim.open(key);
            Download download = copy.download(0, 300);
            Liar liar = new Liar(300);
            Connection lying = JavaPeer.dial(swarm, port);
            liar.start(lying, key);
            Waiting.until("the liar was asked", () -> liar.asked.get() > 0);
            victim.connect(writer.listen());
            copy.get(299, Waiting.PATIENCE);
            // The head is known now, so the liar can lie about blocks as well.
            Liar second = new Liar(300);
            second.start(JavaPeer.dial(swarm, port), key);
            download.done().orTimeout(60, TimeUnit.SECONDS).join();
            assertThat(JavaPeer.digest(copy, 0, 300)).isEqualTo(writer.digest(key, 0, 300));
            assertThat(copy.head().treeHash().hex())
                    .isEqualTo(writer.status(key).path("treeHash").asString());
            reader.waitLength(core.key(), 100);
            reader.ask("open", "key", key);
            reader.download(key, 0, 300);
            assertThat(reader.digest(key, 0, 300)).isEqualTo(writer.digest(key, 0, 300));
        }
    }

    @Test
    void shouldRefuseFalseBlocksWhenTheHeadIsTrue() {
        try (CorePeer writer = new CorePeer(folder.resolve("writer"));
                Swarm swarm = attackers()) {
            CoreKey key = writer.write("theirs", 300, 1500);
            int writerPort = writer.listen();
            Connection honest = victim.connect(writerPort);
            Hypercore copy = victim.open(key);
            assertThat(copy.get(7, Waiting.PATIENCE)).isEqualTo(JavaPeer.block("theirs", 7, 1500));
            honest.close();
            Waiting.until("the writer is away", () -> copy.peers().isEmpty());
            Liar liar = new Liar(300);
            liar.start(JavaPeer.dial(swarm, port), key);
            Download download = copy.download(0, 300);
            Waiting.until("the liar lied", () -> liar.asked.get() > 0);
            Waiting.until(
                    "the liar is asked no more", () -> copy.peers().stream().allMatch(peer -> peer.paused()));
            assertThat(copy.contiguousLength()).isZero();
            victim.connect(writerPort);
            download.done().orTimeout(60, TimeUnit.SECONDS).join();
            assertThat(JavaPeer.digest(copy, 0, 300)).isEqualTo(writer.digest(key, 0, 300));
        }
    }

    /** Says that it has everything, and answers every request for a block or a head with something made up. */
    private static final class Liar implements ChannelHandler {
        final AtomicInteger asked = new AtomicInteger();
        private final long length;

        Liar(long length) {
            this.length = length;
        }

        void start(Connection connection, CoreKey key) {
            Channel channel = CoreChannel.open(connection.mux(), key, this);
            // can upgrade, uploads, downloads, has the manifest
            channel.send(
                    SYNC, new CompactEncoder().uint(15).uint(0).uint(length).uint(0));
            channel.send(RANGE, new CompactEncoder().uint(0).uint(0).uint(length));
        }

        @Override
        public void onMessage(Channel channel, int type, CompactDecoder payload) {
            if (type != REQUEST) return;
            long flags = payload.uint();
            long id = payload.uint();
            long fork = payload.uint();
            CompactEncoder out = new CompactEncoder()
                    .uint(flags & (BLOCK_FLAG | UPGRADE_FLAG))
                    .uint(id)
                    .uint(fork);
            if ((flags & BLOCK_FLAG) != 0) {
                out.uint(payload.uint()).buffer(new byte[1500]).uint(0);
            }
            if ((flags & UPGRADE_FLAG) != 0) {
                out.uint(0).uint(length).uint(0).uint(0).buffer(new byte[68]);
            }
            asked.incrementAndGet();
            channel.send(DATA, out);
        }
    }

    private Channel knowing(Connection connection, ChannelHandler handler) {
        return CoreChannel.open(connection.mux(), core.key(), handler);
    }

    private static void requireClosed(Connection connection) {
        assertThat(connection.closed().orTimeout(30, TimeUnit.SECONDS).join()).isNotNull();
    }

    private static Swarm attackers() {
        return new Swarm(KeyPair.generate(Entropy.system()), connection -> {});
    }
}
