package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.KeyPair;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writing cores whose manifest asks for more, or for less, than the signature of one key pair. */
class ManifestTest {
    private static final List<KeyPair> PAIRS = Stream.of(1, 2, 3)
            .map(n -> {
                byte[] seed = new byte[32];
                seed[0] = n.byteValue();
                return KeyPair.fromSeed(seed);
            })
            .toList();

    @TempDir
    private Path folder;

    private Manifest twoOfThree = Manifest.single(PAIRS.getFirst().publicKey());

    @BeforeEach
    void drawManifest() {
        twoOfThree = Manifest.multi(PAIRS.stream().map(KeyPair::publicKey).toList(), 2, true);
    }

    private Corestore open() {
        return Corestore.open(folder.resolve("store"), StoreOptions.defaults());
    }

    private static byte[] signed(CoreSession draft, Manifest manifest, long length, long... signedLengths) {
        CoreKey key = manifest.coreKey();
        List<SignatureShare> shares = new ArrayList<>();
        for (int i = 0; i < signedLengths.length; i++) {
            SignatureShare share = manifest.sign(key, draft.headAt(signedLengths[i]), PAIRS.get(2 - i));
            shares.add(share.lifted(length, signedLengths[i], draft.nodes()));
        }
        return manifest.assemble(key, shares);
    }

    @Test
    void shouldAppendOnlyWithTheSignaturesOfAQuorum() {
        List<byte[]> blocks = TestStores.blocks(new Random(4), 40);
        try (Corestore store = open()) {
            Hypercore core = store.get(twoOfThree, PAIRS.getFirst());
            CoreSession draft = core.session("draft");
            draft.append(blocks);
            assertThatThrownBy(draft::commit)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("2 of its 3 signers");
            assertThatThrownBy(() -> core.append(blocks)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> core.truncate(0)).isInstanceOf(IllegalStateException.class);

            byte[] signature = signed(draft, twoOfThree, 23, 23, 40);
            byte[] wrong = signature.clone();
            wrong[10] ^= 1;
            assertThatThrownBy(() -> draft.commit(23, wrong)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> draft.commit(22, signature)).isInstanceOf(IllegalArgumentException.class);
            assertThat(core.length()).isZero();

            assertThat(draft.commit(23, signature)).isTrue();
            assertThat(core.length()).isEqualTo(23);
            assertThat(core.head().signature()).isEqualTo(signature);
            assertThat(twoOfThree.verify(core.head())).isTrue();
            assertThat(draft.length()).isEqualTo(40);
            assertThat(draft.sharedLength()).isEqualTo(23);
            for (int i = 0; i < 40; i++) assertThat(draft.local(i)).isEqualTo(blocks.get(i));

            assertThat(draft.commit(40, signed(draft, twoOfThree, 40, 40, 40))).isTrue();
            List<byte[]> more = List.of(new byte[] {1}, new byte[] {2});
            draft.append(more);
            assertThat(core.append(more, signed(draft, twoOfThree, 42, 42, 42))).isEqualTo(42);
        }
        try (Corestore store = open()) {
            Hypercore core = store.get(twoOfThree.coreKey());
            assertThat(core.head().length()).isEqualTo(42);
            assertThat(twoOfThree.verify(core.head())).isTrue();
            for (int i = 0; i < 40; i++) assertThat(core.local(i)).isEqualTo(blocks.get(i));
            TreeHead cut = core.headAt(30);
            TreeHead forked = new TreeHead(1, cut.length(), cut.roots(), cut.signature());
            byte[] signature = twoOfThree.assemble(
                    core.key(),
                    List.of(
                            twoOfThree.sign(core.key(), forked, PAIRS.get(1)),
                            twoOfThree.sign(core.key(), forked, PAIRS.get(0))));
            assertThatThrownBy(() -> core.truncate(30, 2, signature)).isInstanceOf(IllegalArgumentException.class);
            assertThat(core.fork()).isZero();
            core.truncate(30, 1, signature);
            assertThat(core.length()).isEqualTo(30);
            assertThat(twoOfThree.verify(core.head())).isTrue();
            assertThat(store.audit(core.key()))
                    .isNotNull()
                    .satisfies(report -> assertThat(report.sound()).isTrue());
        }
    }

    @Test
    void shouldSignAloneWhenAnyOfSeveralSignersIsEnough() {
        for (int version : new int[] {0, 1, 2}) {
            Manifest anyone = Manifest.multi(
                    version, PAIRS.stream().map(KeyPair::publicKey).toList(), 1, false);
            try (Corestore store = Corestore.open(folder.resolve("any" + version), StoreOptions.defaults())) {
                Hypercore core = store.get(anyone, PAIRS.get(1));
                core.append(new byte[] {1}, new byte[] {2});
                core.truncate(1);
                assertThat(anyone.verify(core.head())).as("version %d", version).isTrue();
            }
        }
    }

    @Test
    void shouldHoldAFixedCoreOnlyWithItsContent() {
        List<byte[]> blocks = TestStores.blocks(new Random(5), 30);
        try (Corestore store = open()) {
            Hypercore source = store.get("source");
            source.append(blocks);
            source.append(new byte[] {1});
            Manifest manifest = Manifest.fixed(source.headAt(30));
            Hypercore fixed = store.get(manifest);
            assertThat(fixed.writable()).isFalse();
            assertThatThrownBy(() -> fixed.append(blocks.subList(0, 29))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> fixed.append(blocks.reversed())).isInstanceOf(IllegalArgumentException.class);
            assertThat(fixed.append(blocks)).isEqualTo(30);
            assertThat(manifest.verify(fixed.head())).isTrue();
            assertThatThrownBy(() -> fixed.append(new byte[1])).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> fixed.truncate(3)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> source.copyPrologue(fixed)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void shouldCopyAFixedBeginningFromACoreThatHasPartsOfIt() {
        List<byte[]> blocks = TestStores.blocks(new Random(6), 50);
        try (Corestore store = open()) {
            Hypercore source = store.get("source");
            source.append(blocks);
            TreeHead head = source.headAt(33);
            KeyPair owner = PAIRS.getFirst();
            Manifest manifest = Manifest.single(owner.publicKey()).beginning(head);
            Hypercore copy = store.get(manifest, owner);
            Hypercore other = store.get("other");
            other.append(blocks.reversed());
            assertThatThrownBy(() -> copy.copyPrologue(other)).isInstanceOf(IllegalArgumentException.class);
            source.clear(4, 9);
            copy.copyPrologue(source);
            assertThat(copy.length()).isEqualTo(33);
            assertThat(copy.contiguousLength()).isEqualTo(4);
            for (int i = 0; i < 33; i++)
                assertThat(copy.has(i)).as("block %d", i).isEqualTo(source.has(i));
            assertThat(copy.local(20)).isEqualTo(blocks.get(20));
            copy.append(new byte[] {7});
            assertThat(manifest.verify(copy.head())).isTrue();
            assertThatThrownBy(() -> copy.truncate(32)).isInstanceOf(IllegalArgumentException.class);
            copy.truncate(33);
            assertThat(manifest.verify(copy.head())).isTrue();
            assertThat(store.audit(copy.key()))
                    .isNotNull()
                    .satisfies(report -> assertThat(report.sound()).isTrue());
        }
    }
}
