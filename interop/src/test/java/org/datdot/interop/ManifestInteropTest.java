package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.hypercore.CoreSession;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.Manifest;
import org.datdot.hypercore.SignatureShare;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Cores of all kinds of manifests, written by one side and verified by the other. */
@Timeout(300)
class ManifestInteropTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int LENGTH = 21;

    @TempDir
    private Path folder;

    @Test
    void shouldVerifyStockCoresOfAllKindsOfManifests() {
        try (JavaPeer java = new JavaPeer(folder.resolve("java"));
                NodeProcess node = NodeProcess.start(
                        "core-manifests.js", folder.resolve("manifests").toString())) {
            JsonNode served = node.next();
            java.connect(served.path("port").asInt());
            for (JsonNode expected : served.path("cores")) {
                String kind = expected.path("kind").asString();
                Hypercore core =
                        java.open(new CoreKey(HEX.parseHex(expected.path("key").asString())));
                core.update(SOON);
                long length = expected.path("length").asLong();
                join(core.download(0, length));
                assertThat(core.length()).as(kind).isEqualTo(length);
                assertThat(core.byteLength())
                        .as(kind)
                        .isEqualTo(expected.path("byteLength").asLong());
                assertThat(core.head().treeHash().hex())
                        .as(kind)
                        .isEqualTo(expected.path("treeHash").asString());
                assertThat(HEX.formatHex(core.head().signature()))
                        .as(kind)
                        .isEqualTo(expected.path("signature").asString());
                assertThat(JavaPeer.digest(core, 0, length))
                        .as(kind)
                        .isEqualTo(expected.path("sha256").asString());
            }
            assertThat(served.path("cores")).hasSize(8);
            assertThat(node.finish()).as(node.errorText()).isZero();
        }
    }

    @Test
    void shouldBeVerifiedByStockReadersWhenWeWriteCoresOfAllKindsOfManifests() {
        try (JavaPeer java = new JavaPeer(folder.resolve("java"));
                CorePeer node = new CorePeer(folder.resolve("node"))) {
            Map<String, Hypercore> cores = write(java.store);
            node.connect(java.listen());
            cores.forEach((kind, core) -> {
                CoreKey key = core.key();
                node.ask("open", "key", key);
                node.waitLength(key, core.length());
                node.download(key, 0, core.length());
                JsonNode status = node.status(key);
                assertThat(status.path("treeHash").asString())
                        .as(kind)
                        .isEqualTo(core.head().treeHash().hex());
                assertThat(status.path("signature").asString(""))
                        .as(kind)
                        .isEqualTo(HEX.formatHex(core.head().signature()));
                assertThat(node.digest(key, 0, core.length()))
                        .as(kind)
                        .isEqualTo(JavaPeer.digest(core, 0, core.length()));
            });
            assertThat(cores).hasSize(10);
        }
    }

    private static KeyPair pair(int number) {
        byte[] seed = new byte[32];
        Arrays.fill(seed, (byte) (100 + number));
        return KeyPair.fromSeed(seed);
    }

    private static List<byte[]> blocks(String kind) {
        List<byte[]> blocks = new ArrayList<>();
        for (int i = 0; i < LENGTH; i++) blocks.add(JavaPeer.block(kind, i, 50 * i));
        return blocks;
    }

    private static Map<String, Hypercore> write(Corestore store) {
        Map<String, Hypercore> cores = new LinkedHashMap<>();
        cores.put("compat", store.compat(pair(0)));
        for (int version = 0; version <= 2; version++) {
            KeyPair owner = pair(1 + version);
            cores.put("v" + version, store.get(Manifest.single(version, owner.publicKey()), owner));
        }
        List<PublicKey> three = Stream.of(5, 6, 7).map(i -> pair(i).publicKey()).toList();
        cores.put("one of three", store.get(Manifest.multi(three, 1, false), pair(6)));
        cores.forEach((kind, core) -> core.append(blocks(kind)));
        for (int version = 0; version <= 2; version++) {
            Manifest manifest = Manifest.multi(version, three, 2, true);
            Hypercore core = store.get(manifest);
            commit(core, manifest, blocks("two of three"));
            cores.put("two of three, v" + version, core);
        }
        Hypercore source = store.get("source");
        source.append(blocks("fixed"));
        Hypercore fixed = store.get(Manifest.fixed(source.head()));
        fixed.copyPrologue(source);
        cores.put("fixed", fixed);
        Manifest begun = Manifest.single(pair(5).publicKey()).beginning(source.headAt(8));
        Hypercore goesOn = store.get(begun, pair(5));
        goesOn.copyPrologue(source);
        goesOn.append(blocks("goes on"));
        cores.put("fixed beginning", goesOn);
        return cores;
    }

    /** The third signer signs everything, the first not the last block, which therefore stays a draft. */
    private static void commit(Hypercore core, Manifest manifest, List<byte[]> blocks) {
        CoreSession draft = core.session("draft");
        draft.append(blocks);
        CoreKey key = core.key();
        SignatureShare longer = manifest.sign(key, draft.headAt(LENGTH), pair(7));
        SignatureShare shorter = manifest.sign(key, draft.headAt(LENGTH - 1), pair(5));
        byte[] signature = manifest.assemble(key, List.of(longer.lifted(LENGTH - 1, LENGTH, draft.nodes()), shorter));
        assertThat(draft.commit(LENGTH - 1, signature)).isTrue();
    }

    private static void join(Download download) {
        download.done()
                .orTimeout(Waiting.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }
}
