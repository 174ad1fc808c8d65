package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Hash;
import org.datdot.crypto.PublicKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What kinds of handles on a core and of sessions of a store there are. */
@Timeout(120)
class HandleTest {
    @TempDir
    private Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void shouldRefuseToChangeTheCoreWhenTheHandleIsReadOnly() {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            Hypercore reading = core.readOnly();
            core.append(bytes("a"));
            assertThat(reading.writable()).isFalse();
            assertThat(core.writable()).isTrue();
            assertThat(reading.get(0)).isEqualTo(bytes("a"));
            assertThatThrownBy(() -> reading.append(bytes("b"))).hasMessageContaining("read-only");
            assertThatThrownBy(() -> reading.submit(List.of(bytes("b")))).hasMessageContaining("read-only");
            assertThatThrownBy(() -> reading.truncate(0)).hasMessageContaining("read-only");
            assertThatThrownBy(() ->
                            reading.encrypted(EncryptionKey.of(new byte[32])).append(bytes("b")))
                    .hasMessageContaining("read-only");
            assertThat(core.length()).isEqualTo(1);
        }
        StoreOptions options = TestStores.options().writable(false);
        try (Corestore store = Corestore.open(directory, options)) {
            assertThatThrownBy(() -> store.get("log").append(bytes("b"))).hasMessageContaining("read-only");
            assertThat(store.get("log").get(0)).isEqualTo(bytes("a"));
        }
    }

    @Test
    void shouldWaitForTheOtherOneWhenAHandleIsExclusive() throws Exception {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            Hypercore first = core.exclusive();
            CompletableFuture<Hypercore> second = new CompletableFuture<>();
            Thread waiting = Thread.ofVirtual().start(() -> second.complete(core.exclusive()));
            while (waiting.getState() != Thread.State.WAITING) Thread.onSpinWait();
            assertThat(second).isNotDone();
            first.append(bytes("a"));
            core.append(bytes("beside them"));
            first.close();
            first.close();
            try (Hypercore next = second.get(60, TimeUnit.SECONDS)) {
                assertThat(next.append(bytes("b"))).isEqualTo(3);
            }
            core.exclusive().close();
        }
    }

    @Test
    void shouldAppendNothingWhenTheCoreWouldBecomeTooLongOrABlockIs() {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            List<byte[]> two = List.of(bytes("a"), bytes("b"));
            assertThat(core.append(two, 2)).isEqualTo(2);
            assertThat(core.append(two, 3)).isEqualTo(2);
            assertThat(core.length()).isEqualTo(2);
            byte[] longest = new byte[Hypercore.MAX_BLOCK_BYTES];
            core.append(longest);
            assertThatThrownBy(() -> core.append(new byte[Hypercore.MAX_BLOCK_BYTES + 1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at most 15728640");
            assertThatThrownBy(() -> core.session("draft").append(new byte[Hypercore.MAX_BLOCK_BYTES + 1]))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(
                            () -> core.encrypted(EncryptionKey.of(new byte[32])).append(longest))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(core.length()).isEqualTo(3);
        }
    }

    @Test
    void shouldReadWithAnEncryptionOfItsOwnOrWithTheKeyOfTheBlocksAlone() {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            EncryptionKey secret = EncryptionKey.of(bytes("0123456789abcdef0123456789abcdef"));
            Hypercore encrypted = core.encrypted(secret);
            encrypted.append(bytes("hidden"));
            EncryptionKey given =
                    EncryptionKey.ofBlocks(secret.ofBlocks(core.key()).toBytes());
            assertThat(core.encrypted(given).get(0)).isEqualTo(bytes("hidden"));
            assertThatThrownBy(() -> given.ofBlocks(core.key())).isInstanceOf(IllegalStateException.class);

            Hypercore other = store.get("other");
            Hypercore turned = other.encrypted(new Turned());
            turned.append(bytes("abc"), bytes(""));
            assertThat(other.get(0)).isEqualTo(new byte[] {0, 'a' + 1, 'b' + 1, 'c' + 1});
            assertThat(turned.get(0)).isEqualTo(bytes("abc"));
            assertThat(turned.byteLength()).isEqualTo(3);
            assertThat(turned.paddingBytes()).isEqualTo(1);
            assertThat(turned.seek(2).join()).isEqualTo(new BytePosition(0, 2));
        }
    }

    /** Adds one to every byte, and the index in front. */
    private static final class Turned implements BlockEncryption {
        @Override
        public int paddingBytes() {
            return 1;
        }

        @Override
        public byte[] encrypt(long index, long fork, byte[] plain) {
            byte[] stored = new byte[plain.length + 1];
            stored[0] = (byte) index;
            for (int i = 0; i < plain.length; i++) stored[i + 1] = (byte) (plain[i] + 1);
            return stored;
        }

        @Override
        public byte[] decrypt(long index, byte[] stored) {
            byte[] plain = Arrays.copyOfRange(stored, 1, stored.length);
            for (int i = 0; i < plain.length; i++) plain[i]--;
            return plain;
        }
    }

    @Test
    void shouldKeepTheMarkedBlocksWhenTheOthersAreSwept() {
        for (long seed = 1; seed <= 3; seed++) {
            Random random = new Random(seed);
            boolean[] kept = new boolean[300];
            Path place = directory.resolve("marks" + seed);
            try (Corestore store = TestStores.open(place)) {
                Hypercore core = store.get("log");
                core.append(TestStores.blocks(random, kept.length));
                core.marks().mark(5); // forgotten by the clearing
                core.marks().clear();
                Hypercore marking = core.marking();
                for (int i = 0; i < 40; i++) {
                    int index = random.nextInt(kept.length);
                    kept[index] = true;
                    assertThat(marking.get(index)).isNotNull();
                    int start = random.nextInt(kept.length);
                    core.get(start);
                }
                core.marks().mark(100, 120);
                Arrays.fill(kept, 100, 120, true);
            }
            try (Corestore store = TestStores.open(place)) {
                Hypercore core = store.get("log");
                long dropped = core.marks().sweep();
                int count = 0;
                for (int i = 0; i < kept.length; i++) {
                    assertThat(core.has(i)).as("seed %d block %d", seed, i).isEqualTo(kept[i]);
                    count += kept[i] ? 1 : 0;
                }
                assertThat(dropped).isEqualTo(kept.length - count);
                assertThat(core.has(100, 120)).isTrue();
                assertThat(core.has(0, kept.length)).isFalse();
                assertThat(core.marks().marked(100)).isFalse();
                assertThat(core.clear(100, 105)).isEqualTo(5);
                assertThat(core.clear(100, 106)).isEqualTo(1);
            }
        }
    }

    @Test
    void shouldSignAndVerifyWhatOthersSeeOfTheCore() {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            core.append(TestStores.blocks(new Random(7), 21));
            Manifest manifest = core.manifest();
            assertThat(manifest).isNotNull();
            if (manifest == null) return;
            byte[] signable = manifest.signable(core.key(), core.headAt(13));
            assertThat(signable).hasSize(112);
            byte[] share = manifest.sign(core.key(), core.headAt(13), store.keyPair("log"))
                    .signature();
            assertThat(Ed25519.verify(
                            signable,
                            new org.datdot.crypto.Signature(share),
                            store.keyPair("log").publicKey()))
                    .isTrue();

            Proof whole = core.proof(ProofRequest.ofUpgrade(0, 21, true));
            assertThat(whole).isNotNull();
            if (whole == null) return;
            assertThat(whole.verify(core.key(), null)).isEqualTo(core.head());
            assertThatThrownBy(() -> whole.verify(new CoreKey(new byte[32]), null))
                    .isInstanceOf(InvalidProofException.class);
            Proof block = core.proof(new ProofRequest(
                    new ProofRequest.BlockRequest(3, 0), null, null, new ProofRequest.UpgradeRequest(0, 21), false));
            assertThat(block).isNotNull();
            if (block == null) return;
            assertThat(block.verify(core.key(), manifest)).isEqualTo(core.head());
            Proof later = core.proof(ProofRequest.ofUpgrade(5, 16, false));
            assertThat(later).isNotNull();
            if (later == null) return;
            assertThatThrownBy(() -> later.verify(core.key(), manifest))
                    .isInstanceOf(InvalidProofException.class)
                    .hasMessageContaining("first block");
        }
    }

    @Test
    void shouldTellWhoReplicatesTheCoreAndWhatWentToAndFro() throws Exception {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 3)) {
            ReplicationTestBed.Node writer = bed.writer(20);
            ReplicationTestBed.Node reader = bed.reader(writer);
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            reader.core.watch(new CoreWatcher() {
                @Override
                public void peerAdded(PublicKey peer) {
                    heard.add("added");
                }

                @Override
                public void peerRemoved(PublicKey peer) {
                    heard.add("removed");
                }

                @Override
                public void received(long index, long byteLength, PublicKey peer) {
                    heard.add("received " + index + " " + byteLength);
                }

                @Override
                public void remoteContiguousLength(long length) {
                    heard.add("remote " + length);
                }
            });
            bed.connect(reader, writer);
            bed.until("the head is known", () -> reader.core.length() == 20);
            Download some = reader.replicator.download(4, 5);
            bed.until("downloaded", () -> some.done().isDone());
            assertThat(reader.core.remoteContiguousLength()).isEqualTo(20);
            reader.replicator.close();
            bed.quiet();
            byte[] block = writer.core.get(4);
            for (String expected : List.of("added", "remote 20", "received 4 " + block.length, "removed")) {
                assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(expected);
            }
        }
    }

    @Test
    void shouldCloseWhatWasOpenedByASessionAndListWhatIsNamedThere() throws Exception {
        try (Corestore store = TestStores.open(directory)) {
            BlockingQueue<Hypercore> opened = new LinkedBlockingQueue<>();
            AutoCloseable watch = store.watch(opened::add);
            Hypercore kept = store.get("kept");
            Hypercore mine;
            Hypercore named;
            try (Corestore session = store.session();
                    Corestore space = store.namespace("space")) {
                mine = session.get("kept");
                named = space.get("other");
                space.get("third").close();
                named.append(bytes("x"));
                assertThat(mine.key()).isEqualTo(kept.key());
                assertThat(space.listNamed())
                        .extracting(Corestore.CoreInfo::name)
                        .containsExactlyInAnyOrder("other", "third");
            }
            assertThatThrownBy(() -> mine.append(bytes("x"))).isInstanceOf(StorageException.class);
            assertThatThrownBy(() -> named.get(0)).isInstanceOf(StorageException.class);
            kept.append(bytes("x"));
            assertThat(store.listNamed()).extracting(Corestore.CoreInfo::name).containsExactly("kept");
            assertThat(store.namespace("space").namespace("space").listNamed()).isEmpty();
            for (int i = 0; i < 3; i++) {
                try (Hypercore weak = opened.poll(60, TimeUnit.SECONDS)) {
                    assertThat(weak).isNotNull();
                }
            }
            watch.close();
            store.get("unwatched");
            assertThat(opened).isEmpty();
        }
    }

    @Test
    void shouldListAndTellOfTheCoresOfAGroupWhenTheyChange() throws Exception {
        AtomicLong millis = new AtomicLong(1_000);
        StoreOptions options = TestStores.options().clock(() -> Instant.ofEpochMilli(millis.get()));
        Hash topic = new Hash(new byte[32]);
        byte[] ones = new byte[32];
        Arrays.fill(ones, (byte) 1);
        Hash other = new Hash(ones);
        CoreKey a;
        CoreKey b;
        try (Corestore store = Corestore.open(directory, options)) {
            BlockingQueue<GroupUpdate> heard = new LinkedBlockingQueue<>();
            BlockingQueue<GroupUpdate> all = new LinkedBlockingQueue<>();
            Subscription one = store.watchGroup(topic, heard::add);
            store.watchGroup(null, all::add);
            Hypercore first = store.get("a");
            Hypercore second = store.get("b");
            Hypercore third = store.get("c");
            a = first.key();
            b = second.key();
            first.append(bytes("before"));
            store.joinGroup(first, topic);
            store.joinGroup(first, topic);
            store.joinGroup(second, topic);
            store.joinGroup(third, other);
            assertThatThrownBy(() -> store.joinGroup(first, other))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("belongs to the group");
            assertThat(store.groupUpdates(topic, 0, true)).isEmpty();
            first.append(bytes("x"));
            assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(new GroupUpdate(topic, a, 2, 0));
            millis.set(2_000);
            second.append(bytes("x"));
            assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(new GroupUpdate(topic, b, 1, 0));
            assertThat(store.groupUpdates(topic, 0, true)).containsExactly(b, a);
            millis.set(3_000);
            first.truncate(1);
            assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(new GroupUpdate(topic, a, 1, 1));
            one.close();
            third.append(bytes("x"));
            for (int i = 0; i < 4; i++)
                assertThat(all.poll(60, TimeUnit.SECONDS)).isNotNull();
            assertThat(heard).isEmpty();
        }
        try (Corestore store = Corestore.open(directory, options)) {
            assertThat(store.groupUpdates(topic, 0, true)).containsExactly(a, b);
            assertThat(store.groupUpdates(topic, 0, false)).containsExactly(b, a);
            assertThat(store.groupUpdates(topic, 2_001, true)).containsExactly(a);
            assertThat(store.groupUpdates(other, 0, true)).hasSize(1);
            millis.set(4_000);
            store.get("b").append(bytes("y"));
            assertThat(store.groupUpdates(topic, 0, true)).containsExactly(b, a);
            store.purge(b);
            assertThat(store.groupUpdates(topic, 0, true)).containsExactly(a);
        }
    }

    @Test
    void shouldLetReadersAndWritersWaitWhenTheStoreIsSuspended() throws Exception {
        try (Corestore store = TestStores.open(directory)) {
            Hypercore core = store.get("log");
            core.append(bytes("a"));
            store.suspend();
            store.suspend();
            CompletableFuture<Long> append = new CompletableFuture<>();
            CompletableFuture<byte[]> read = new CompletableFuture<>();
            Thread writer = Thread.ofPlatform().start(() -> append.complete(core.append(bytes("b"))));
            Thread reader = Thread.ofPlatform().start(() -> read.complete(core.get(0)));
            while (writer.getState() != Thread.State.WAITING || reader.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            assertThat(append).isNotDone();
            assertThat(read).isNotDone();
            store.resume();
            assertThat(append.get(60, TimeUnit.SECONDS)).isEqualTo(2);
            assertThat(read.get(60, TimeUnit.SECONDS)).isEqualTo(bytes("a"));
            store.suspend();
        }
        try (Corestore store = TestStores.open(directory)) {
            assertThat(store.get("log").length()).isEqualTo(2);
        }
    }

    @Test
    void shouldBringNoCoreToAPeerByItselfWhenTheStoreIsNotActive() {
        try (ReplicationTestBed bed = new ReplicationTestBed(directory, 4);
                Corestore store = Corestore.open(
                        directory.resolve("quiet"), TestStores.options().active(false))) {
            Hypercore core = store.get("log");
            core.append(bytes("a"));
            ReplicationTestBed.Link link = bed.link();
            store.replicate(link.duplex.responder());
            assertThat(core.replicator().attached(link.duplex.responder())).isFalse();
            Hypercore later = store.get("later");
            assertThat(later.replicator().attached(link.duplex.responder())).isFalse();
        }
    }
}
