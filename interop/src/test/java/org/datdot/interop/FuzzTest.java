package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.datdot.interop.Rendering.fields;
import static org.datdot.interop.Rendering.hex;
import static org.datdot.interop.Rendering.list;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.DhtDecoders;
import org.datdot.drive.CorruptDriveException;
import org.datdot.drive.DriveDecoders;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.FlatTree;
import org.datdot.encoding.IndexDecoder;
import org.datdot.hypercore.FuzzTrees;
import org.datdot.hypercore.HypercoreDecoders;
import org.datdot.hypercore.StorageException;
import org.datdot.wire.NoiseHandshake;
import org.datdot.wire.WireException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Stock decoders and ours read the same made-up bytes and come to the same value, or both refuse. The system properties interop.seed and
 * interop.fuzz (number of cases) choose others.
 */
@Timeout(36_000)
class FuzzTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long SEED = Long.getLong("interop.seed", 1);
    private static final int CASES = Integer.getInteger("interop.fuzz", 72_000);
    private static final int AT_A_TIME = 500;
    private static final List<String> MESSAGES =
            List.of("sync", "request", "cancel", "data", "noData", "want", "unwant", "bitfield", "range", "extension");

    /**
     * The stock decoders of these read past the end of a message that is cut short, into whatever stands there or into nothing. Ours refuse that,
     * and nothing well-formed is refused.
     */
    private static final List<String> OVERREADING = List.of("beeNode", "beeHeader", "beeHint");

    private static final Map<String, Function<byte[], String>> TYPES = types();

    private static Map<String, Function<byte[], String>> types() {
        Map<String, Function<byte[], String>> types = new LinkedHashMap<>();
        types.put("uint", reading(in -> String.valueOf(in.uint())));
        types.put("int", reading(in -> String.valueOf(in.sint())));
        types.put("uint16", reading(in -> String.valueOf(in.uint16())));
        types.put("uint24", reading(in -> String.valueOf(in.uint24())));
        types.put("uint32", reading(in -> String.valueOf(in.uint32())));
        types.put("uint64", reading(in -> String.valueOf(in.uint64())));
        types.put("biguint64", reading(in -> Long.toUnsignedString(in.biguint64())));
        types.put("bool", reading(in -> fields(in.bool())));
        types.put("buffer", reading(in -> hex(in.buffer())));
        types.put("optionalBuffer", reading(in -> {
            byte[] bytes = in.optionalBuffer();
            return bytes == null ? "none" : hex(bytes);
        }));
        types.put("string", reading(in -> hex(in.string().getBytes(StandardCharsets.UTF_8))));
        types.put("fixed32", reading(in -> hex(in.fixed(32))));
        types.put("handshake", HypercoreDecoders::handshake);
        for (int i = 0; i < MESSAGES.size(); i++) {
            int type = i;
            types.put(MESSAGES.get(i), bytes -> HypercoreDecoders.message(type, bytes));
        }
        types.put("manifest", HypercoreDecoders::manifest);
        types.put("multisig", HypercoreDecoders::multisig);
        for (String record : FuzzCases.RECORDS) types.put(record, bytes -> HypercoreDecoders.record(record, bytes));
        types.put("flatTree", FuzzTest::flatTree);
        types.put("iterator", FuzzTrees::iterator);
        types.put("proof", FuzzTrees::proof);
        types.put("verify", FuzzTrees::verify);
        types.put("signature", FuzzTrees::signature);
        types.put("indexUint", bytes -> String.valueOf(new IndexDecoder(bytes).uint()));
        types.put("indexString", bytes -> hex(new IndexDecoder(bytes).buffer()));
        types.put("noise", FuzzTest::noise);
        types.put("beeNode", DriveDecoders::node);
        types.put("beeHeader", DriveDecoders::header);
        types.put("beeHint", DriveDecoders::hint);
        types.put("blockMap", DriveDecoders::blockMap);
        types.put("driveEntry", DriveDecoders::entry);
        types.put("drivePath", DriveDecoders::path);
        types.putAll(DhtDecoders.all());
        return types;
    }

    private static Function<byte[], String> reading(Function<CompactDecoder, String> read) {
        return bytes -> read.apply(new CompactDecoder(bytes));
    }

    private static String flatTree(byte[] bytes) {
        long index = 0;
        for (int i = 0; i < Math.min(6, bytes.length); i++) index = index * 256 + (bytes[i] & 0xff);
        boolean leaf = index % 2 == 0;
        return fields(
                FlatTree.depth(index),
                FlatTree.offset(index),
                FlatTree.parent(index),
                FlatTree.sibling(index),
                FlatTree.leftSpan(index),
                FlatTree.rightSpan(index),
                FlatTree.count(index),
                leaf ? null : FlatTree.leftChild(index),
                leaf ? null : FlatTree.rightChild(index),
                leaf ? list(Arrays.stream(FlatTree.fullRoots(index)).boxed().toList(), String::valueOf) : null);
    }

    /** The first message of a handshake that knows the responder's key: payload and sender. */
    private static String noise(byte[] bytes) {
        NoiseHandshake responder = new NoiseHandshake(
                NoiseHandshake.Pattern.IK, false, FuzzCases.RESPONDER, new byte[0], null, Entropy.system());
        try {
            byte[] payload = responder.receive(bytes);
            PublicKey sender = responder.remotePublicKey();
            return fields(hex(payload), sender == null ? null : hex(sender.bytes()));
        } catch (WireException e) {
            throw new DecodingException(String.valueOf(e.getMessage()));
        }
    }

    @Test
    void shouldDecodeOrRefuseAsTheStockPackagesDo() {
        compare(CASES);
    }

    @Test
    @Tag("slow")
    void shouldDecodeOrRefuseAsTheStockPackagesDoAMillionTimes() {
        compare(Integer.getInteger("interop.fuzz", 1_000_000));
    }

    private static void compare(int all) {
        List<String> differences = new ArrayList<>();
        Map<String, Integer> accepted = new LinkedHashMap<>();
        int refused = 0;
        try (NodeProcess node = NodeProcess.start("fuzz.js")) {
            int each = Math.max(1, all / TYPES.size());
            for (Map.Entry<String, Function<byte[], String>> type : TYPES.entrySet()) {
                FuzzCases cases = new FuzzCases(SEED ^ ((long) type.getKey().hashCode() << 32));
                int found = 0;
                for (int done = 0; done < each && found < 3; done += AT_A_TIME) {
                    List<FuzzCases.Case> batch = new ArrayList<>();
                    for (int i = 0; i < Math.min(AT_A_TIME, each - done); i++) batch.add(cases.next(type.getKey()));
                    JsonNode answers = ask(node, type.getKey(), batch);
                    for (int i = 0; i < batch.size() && found < 3; i++) {
                        String theirs =
                                answers.get(i).isNull() ? null : answers.get(i).asString();
                        String ours = decode(type.getValue(), batch.get(i).bytes());
                        if (theirs == null) refused++;
                        else accepted.merge(type.getKey(), 1, Integer::sum);
                        if (ours == null
                                && OVERREADING.contains(type.getKey())
                                && !batch.get(i).wellFormed()) continue;
                        if (String.valueOf(theirs).equals(String.valueOf(ours))) continue;
                        found++;
                        differences.add(type.getKey() + " " + hex(batch.get(i).bytes()) + "\n  stock: " + theirs
                                + "\n  ours:  " + ours);
                    }
                }
            }
        }
        assertThat(differences)
                .as(() -> "seed " + SEED + ": differences of decoders\n" + String.join("\n", differences))
                .isEmpty();
        int enough = all / TYPES.size() / 20;
        assertThat(TYPES.keySet())
                .as(() -> "cases that both accepted: " + accepted)
                .allMatch(type -> accepted.getOrDefault(type, 0) >= enough);
        assertThat(refused).as("cases both refused").isGreaterThan(all / 10);
    }

    private static JsonNode ask(NodeProcess node, String type, List<FuzzCases.Case> cases) {
        node.send(JSON.writeValueAsString(PeerProcess.object(
                "type",
                type,
                "cases",
                cases.stream().map(one -> hex(one.bytes())).toList())));
        return node.next();
    }

    /** The decoded value, null when the bytes are refused in the way the decoders promise. */
    private static @Nullable String decode(Function<byte[], String> decoder, byte[] bytes) {
        try {
            return decoder.apply(bytes);
        } catch (DecodingException | CorruptDriveException | StorageException e) {
            return null;
        }
    }
}
