package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Against vectors made by the stock codecs (interop/node/core-message-vectors.js). */
class ReplicationMessageTest {
    private static final Map<String, byte[]> VECTORS = vectors();

    private static Map<String, byte[]> vectors() {
        try (InputStream in = Objects.requireNonNull(ReplicationMessageTest.class.getResourceAsStream("messages.txt"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            return lines.lines()
                    .map(line -> line.split(" ", 2))
                    .collect(Collectors.toMap(
                            parts -> parts[0], parts -> HexFormat.of().parseHex(parts[1])));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] vector(String name) {
        return Objects.requireNonNull(VECTORS.get(name), name);
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static TreeNode node(long index, long size, int value) {
        return new TreeNode(index, size, new TreeHash(filled(32, value)));
    }

    private static ReplicationMessage.Request request(
            long id, long fork, ProofRequest.@Nullable BlockRequest block, boolean manifest, long priority) {
        return new ReplicationMessage.Request(id, fork, new ProofRequest(block, null, null, null, manifest), priority);
    }

    private static ReplicationMessage.Data data(long request, Proof proof) {
        return new ReplicationMessage.Data(request, proof);
    }

    private static Map<String, ReplicationMessage> messages() {
        Manifest manifest = Manifest.single(new PublicKey(filled(32, 0x42)));
        return Map.ofEntries(
                Map.entry("sync", new ReplicationMessage.Sync(0, 5, 0, true, true, true, true, false)),
                Map.entry(
                        "syncLarge",
                        new ReplicationMessage.Sync(3, 70_000, 5_000_000_000L, false, true, true, true, true)),
                Map.entry("requestBlock", request(1, 0, new ProofRequest.BlockRequest(3, 2), false, 1)),
                Map.entry(
                        "requestUpgrade", new ReplicationMessage.Request(1, 0, ProofRequest.ofUpgrade(0, 5, true), 0)),
                Map.entry(
                        "requestAll",
                        new ReplicationMessage.Request(
                                300,
                                2,
                                new ProofRequest(
                                        null,
                                        new ProofRequest.HashRequest(600, 4),
                                        new ProofRequest.SeekRequest(100_000, 8),
                                        new ProofRequest.UpgradeRequest(7, 70_000),
                                        true),
                                2)),
                Map.entry("cancel", new ReplicationMessage.Cancel(253)),
                Map.entry("dataBlock", data(9, blockProof())),
                Map.entry("dataUpgrade", data(1, upgradeProof(manifest))),
                Map.entry(
                        "dataStatic",
                        data(
                                1,
                                new Proof(
                                        0,
                                        null,
                                        null,
                                        null,
                                        new Proof.DataUpgrade(0, 1, List.of(node(0, 16, 3)), List.of(), null),
                                        null))),
                Map.entry(
                        "dataHashSeek",
                        data(
                                2,
                                new Proof(
                                        1,
                                        null,
                                        new Proof.DataHash(6, List.of(node(6, 1, 1))),
                                        new Proof.DataSeek(44, List.of(node(5, 2, 2))),
                                        null,
                                        null))),
                Map.entry("noData", new ReplicationMessage.NoData(4, ReplicationMessage.NoData.NOT_AVAILABLE)),
                Map.entry("noDataPlain", new ReplicationMessage.NoData(4, 0)),
                Map.entry("want", new ReplicationMessage.Want(2_097_152, 2_097_152, false)),
                Map.entry("wantAny", new ReplicationMessage.Want(5, 100, true)),
                Map.entry("unwant", new ReplicationMessage.Unwant(0, 4096, false)),
                Map.entry("bitfield", new ReplicationMessage.Bitfield(64, new int[] {1, -1, Integer.MIN_VALUE})),
                Map.entry("range", new ReplicationMessage.Range(false, 0, 5)),
                Map.entry("rangeOne", new ReplicationMessage.Range(true, 77, 1)),
                Map.entry(
                        "extension",
                        new ReplicationMessage.Extension("hyperbee", "hello".getBytes(StandardCharsets.US_ASCII))));
    }

    private static Proof blockProof() {
        byte[] value = "bar".getBytes(StandardCharsets.US_ASCII);
        Proof.DataBlock block = new Proof.DataBlock(3, value, List.of(node(4, 3, 1), node(1, 700, 2)));
        return new Proof(0, block, null, null, null, null);
    }

    private static Proof upgradeProof(Manifest manifest) {
        Proof.DataUpgrade upgrade = new Proof.DataUpgrade(
                0, 5, List.of(node(3, 16, 3), node(8, 3, 4)), List.of(node(10, 66_000, 5)), filled(68, 6));
        return new Proof(0, null, null, null, upgrade, manifest);
    }

    @Test
    void shouldWriteTheSameBytesAsStockWhenEncoding() {
        messages()
                .forEach((name, message) ->
                        assertThat(ReplicationCodec.encode(message)).as(name).isEqualTo(vector(name)));
    }

    @Test
    void shouldReadWhatStockWroteWhenDecoding() {
        messages().forEach((name, message) -> {
            ReplicationMessage decoded = ReplicationMessage.decode(message.type(), new CompactDecoder(vector(name)));
            assertThat(decoded).as(name).isNotNull();
            assertThat(ReplicationCodec.encode(Objects.requireNonNull(decoded)))
                    .as(name)
                    .isEqualTo(vector(name));
        });
    }

    @Test
    void shouldKnowAllVectorsOfTheFile() {
        assertThat(VECTORS.keySet())
                .containsAll(messages().keySet())
                .hasSize(messages().size() + 3);
    }

    @Test
    void shouldAgreeOnHandshakeAndCapabilities() {
        ReplicationMessage.Handshake handshake =
                ReplicationCodec.decodeHandshake(new CompactDecoder(vector("handshake")));
        assertThat(handshake.seeks()).isTrue();
        assertThat(handshake.capability()).isEqualTo(filled(32, 7));
        assertThat(ReplicationCodec.encodeHandshake(handshake)).isEqualTo(vector("handshake"));

        CoreKey key = new CoreKey(filled(32, 1));
        byte[] connection = filled(64, 2);
        assertThat(Capability.of(true, key, connection)).isEqualTo(vector("capabilityInitiator"));
        assertThat(Capability.of(false, key, connection)).isEqualTo(vector("capabilityResponder"));
        assertThat(Capability.verify(vector("capabilityResponder"), true, key, connection))
                .isTrue();
        assertThat(Capability.verify(vector("capabilityInitiator"), true, key, connection))
                .isFalse();
    }

    @Test
    void shouldAcceptMessagesOfOlderPeersWhenTheyLackFlags() {
        assertThat(ReplicationMessage.decode(4, new CompactDecoder(new byte[] {4})))
                .isEqualTo(new ReplicationMessage.NoData(4, 0));
        assertThat(ReplicationMessage.decode(5, new CompactDecoder(new byte[] {0, 32})))
                .isEqualTo(new ReplicationMessage.Want(0, 32, false));
    }

    @Test
    void shouldIgnoreTypesItDoesNotKnow() {
        assertThat(ReplicationMessage.decode(10, new CompactDecoder(new byte[] {1})))
                .isNull();
    }

    @Test
    void shouldRefuseListsThatCannotFitWhenDecoding() {
        byte[] endlessBitfield = {0, (byte) 0xfe, -1, -1, -1, 127, 1, 2, 3, 4};
        assertThatThrownBy(() -> ReplicationMessage.decode(7, new CompactDecoder(endlessBitfield)))
                .isInstanceOf(DecodingException.class);
        byte[] endlessNodes = {2, 1, 0, 6, (byte) 0xfe, -1, -1, -1, 127, 1, 2, 3, 4};
        assertThatThrownBy(() -> ReplicationMessage.decode(3, new CompactDecoder(endlessNodes)))
                .isInstanceOf(DecodingException.class);
    }

    @Test
    void shouldThrowNothingButDecodingExceptionsWhenBytesAreDamaged() {
        long seed = 20_261_121;
        Random random = new Random(seed);
        List<byte[]> originals = List.copyOf(VECTORS.values());
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = originals.get(random.nextInt(originals.size())).clone();
            for (int i = random.nextInt(4); i >= 0; i--) bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            int type = random.nextInt(11);
            try {
                ReplicationMessage.decode(type, new CompactDecoder(bytes));
            } catch (DecodingException expected) {
                assertThat(expected.getMessage())
                        .as("seed %d round %d", seed, round)
                        .isNotBlank();
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + " round " + round + " type " + type, e);
            }
        }
    }
}
