package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.stream.Stream;
import org.datdot.chain.ChainException.Kind;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.ledger.Balances;
import org.datdot.ledger.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChainTest {
    @TempDir
    Path temporary;

    private static void assertKind(Kind kind, Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        ChainException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private static List<String> headers(Chain chain) {
        List<String> all = new ArrayList<>();
        for (long number = 0; number <= chain.head().number(); number++) {
            all.add(TestChain.block(chain, number).header().hash().hex());
        }
        return all;
    }

    /** Some blocks with transfers, rejected calls and nothing. */
    private static void live(Chain chain, int blocks) {
        for (int i = 0; i < blocks; i++) {
            if (i % 3 != 2) {
                TestChain.submit(chain, TestChain.ALICE, TestChain.transfer(TestChain.BOB, 10 + i));
                TestChain.submit(chain, TestChain.BOB, TestChain.transfer(TestChain.ALICE, 2 * TestChain.RICH));
            }
            TestChain.produce(chain);
        }
    }

    @Test
    void shouldMakeBlocksWhenNothingHappens() {
        try (Chain chain = TestChain.open(temporary)) {
            Header first = TestChain.produce(chain);
            Header second = TestChain.produce(chain);
            assertThat(first.number()).isEqualTo(1);
            assertThat(second.parentHash()).isEqualTo(first.hash());
            assertThat(second.stateRoot()).isNotEqualTo(first.stateRoot());
            assertThat(second.entropy()).isNotEqualTo(first.entropy());
            assertThat(second.verify(TestChain.AUTHORITY.publicKey(), chain.genesis(), first))
                    .isTrue();
            assertThat(second.verify(TestChain.ALICE.chain().publicKey(), chain.genesis(), first))
                    .isFalse();
            assertThat(chain.numberOf(second.hash())).isEqualTo(2);
            assertThat(chain.block(3)).isNull();
        }
    }

    @Test
    void shouldApplyOrRejectAndCountBothWhenExtrinsicsAreIncluded() {
        try (Chain chain = TestChain.open(temporary)) {
            Extrinsic good = TestChain.submit(chain, TestChain.ALICE, TestChain.transfer(TestChain.BOB, 5));
            TestChain.submit(chain, TestChain.ALICE, TestChain.transfer(TestChain.BOB, 2 * TestChain.RICH));
            Header header = TestChain.produce(chain);
            assertThat(TestChain.block(chain, 1).extrinsics())
                    .hasSize(2)
                    .first()
                    .isEqualTo(good);
            List<EventRecord> events = chain.events(header.number());
            assertThat(events.stream()
                            .filter(each -> each.extrinsicIndex() == 0)
                            .map(EventRecord::event))
                    .hasAtLeastOneElementOfType(Event.ExtrinsicSuccess.class);
            assertThat(events.stream()
                            .filter(each -> each.extrinsicIndex() == 1)
                            .map(EventRecord::event))
                    .hasSize(1)
                    .hasOnlyElementsOfType(Event.ExtrinsicFailed.class);
            assertThat(chain.nextNonce(TestChain.id(TestChain.ALICE))).isEqualTo(2);
            assertThat(chain.waitingCount()).isZero();
        }
    }

    @Test
    void shouldContinueAtTheSameHeadWhenOpenedAgain() {
        Header head;
        try (Chain chain = TestChain.open(temporary)) {
            live(chain, 10);
            head = chain.head();
        }
        try (Chain chain = Chain.open(temporary, (key, manifest, at) -> true)) {
            assertThat(chain.head()).isEqualTo(head);
            assertThat(chain.spec()).isEqualTo(TestChain.spec("test"));
            assertThat(TestChain.produce(chain).parentHash()).isEqualTo(head.hash());
            assertThat(chain.verify()).isEqualTo(chain.head());
        }
    }

    @Test
    void shouldFindTheSameHashesWhenExecutedAgainInAnotherLocaleAndZone() {
        Locale locale = Locale.getDefault();
        TimeZone zone = TimeZone.getDefault();
        List<String> first;
        try (Chain chain = TestChain.open(temporary.resolve("one"))) {
            live(chain, 12);
            first = headers(chain);
        }
        try {
            Locale.setDefault(Locale.of("ar", "EG"));
            TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Chatham"));
            try (Chain chain = TestChain.open(temporary.resolve("two"))) {
                live(chain, 12);
                assertThat(headers(chain)).isEqualTo(first);
                chain.verify();
            }
            try (Chain chain = TestChain.open(temporary.resolve("one"))) {
                chain.verify();
            }
        } finally {
            Locale.setDefault(locale);
            TimeZone.setDefault(zone);
        }
    }

    @Test
    void shouldComeToTheSameStatesWhenAnExportIsVerifiedWithTheStateOnTheDisk() throws IOException {
        ByteArrayOutputStream exported = new ByteArrayOutputStream();
        List<Hash> roots = new ArrayList<>();
        Header head;
        try (Chain chain = TestChain.open(temporary.resolve("chain"))) {
            live(chain, 30);
            head = chain.head();
            ChainExport.write(exported, chain.spec(), chain::block, head.number());
        }
        Replay inMemory = new Replay(TestChain.spec("test"), (key, manifest, at) -> true);
        try (Chain chain = TestChain.open(temporary.resolve("chain"))) {
            for (long number = 1; number <= head.number(); number++) {
                inMemory.add(TestChain.block(chain, number));
                roots.add(inMemory.stateRoot());
            }
        }
        List<Hash> verified = new ArrayList<>();
        Path place = temporary.resolve("verify");
        try (Replay replay = ChainExport.verify(
                new ByteArrayInputStream(exported.toByteArray()),
                (key, manifest, at) -> true,
                place,
                block -> verified.add(block.header().stateRoot()))) {
            assertThat(verified).isEqualTo(roots);
            assertThat(replay.head()).isEqualTo(head);
            assertThat(replay.stateRoot()).isEqualTo(inMemory.stateRoot());
            // Nothing of it has to stay in the memory.
            assertThat(replay.onDisk()).isTrue();
            assertThat(inMemory.onDisk()).isFalse();
            Balances.audit(replay.state());
        }
        byte[] cut = Arrays.copyOf(exported.toByteArray(), exported.size() - 9);
        Path other = temporary.resolve("cut");
        assertThatThrownBy(() -> ChainExport.verify(
                        new ByteArrayInputStream(cut), (key, manifest, at) -> true, other, block -> {}))
                .isInstanceOf(ChainException.class);
        // It was closed, or the database would be locked.
        Replay.onDisk(TestChain.spec("test"), (key, manifest, at) -> true, other)
                .close();
    }

    @Test
    void shouldFollowWhenBlocksAreImported() {
        try (Chain author = TestChain.open(temporary.resolve("author"));
                Chain follower = TestChain.open(temporary.resolve("follower"))) {
            live(author, 6);
            for (long number = 1; number <= 6; number++) {
                follower.importBlock(
                        Block.decode(TestChain.block(author, number).encode()));
            }
            assertThat(follower.head()).isEqualTo(author.head());
            assertThat(follower.events(4)).isEqualTo(author.events(4));
        }
    }

    @Test
    void shouldRefuseBlocksWhenAnythingInThemIsFalse() {
        try (Chain author = TestChain.open(temporary.resolve("author"));
                Chain follower = TestChain.open(temporary.resolve("follower"))) {
            live(author, 2);
            Block good = TestChain.block(author, 1);
            Header header = good.header();
            Hash other = new Hash(new byte[32]);
            Hash genesis = author.genesis();
            Header falseState = new Header(
                            header.parentHash(),
                            1,
                            header.timestampMs(),
                            other,
                            header.extrinsicsRoot(),
                            header.entropy(),
                            header.entropySignature(),
                            header.signature())
                    .signedBy(TestChain.AUTHORITY, genesis);
            Header falseEntropy = new Header(
                            header.parentHash(),
                            1,
                            header.timestampMs(),
                            header.stateRoot(),
                            header.extrinsicsRoot(),
                            other,
                            header.entropySignature(),
                            header.signature())
                    .signedBy(TestChain.AUTHORITY, genesis);
            Header stranger = header.signedBy(TestChain.ALICE.chain(), genesis);
            List<Block> bad = List.of(
                    TestChain.block(author, 2),
                    new Block(falseState, good.extrinsics()),
                    new Block(falseEntropy, good.extrinsics()),
                    new Block(stranger, good.extrinsics()),
                    new Block(header, List.of()),
                    new Block(header, good.extrinsics().reversed()));
            for (Block block : bad) {
                assertKind(Kind.INVALID_BLOCK, () -> follower.importBlock(block));
            }
            assertThat(follower.head().number()).isZero();
            follower.importBlock(good);
            assertThat(follower.head()).isEqualTo(header);
        }
    }

    @Test
    void shouldRefuseToProduceWhenTheKeyIsNotTheAuthoritys() {
        try (Chain chain = TestChain.open(temporary)) {
            KeyPair other = TestChain.ALICE.chain();
            assertKind(Kind.INVALID_BLOCK, () -> chain.produce(other, 1));
        }
    }

    @Test
    void shouldRefuseExtrinsicsWhenTheyCannotBeIncluded() {
        PoolLimits small = new PoolLimits(160, 10, 10_000, 1_000, 4, 5, 10, 10_000);
        try (Chain chain = TestChain.open(temporary, small)) {
            Extrinsic other =
                    TestChain.signed(TestChain.ALICE, 0, TestChain.transfer(TestChain.BOB, 1), new Hash(new byte[32]));
            assertPool(PoolException.Kind.BAD_SIGNATURE, () -> chain.submit(other.encode()));
            assertPool(PoolException.Kind.TOO_LARGE, () -> chain.submit(new byte[161]));
            assertPool(PoolException.Kind.BAD_FORMAT, () -> chain.submit(new byte[100]));
            TestChain.submit(chain, TestChain.ALICE, TestChain.transfer(TestChain.BOB, 1));
            TestChain.produce(chain);
            Extrinsic stale =
                    TestChain.signed(TestChain.ALICE, 0, TestChain.transfer(TestChain.BOB, 2), chain.genesis());
            assertPool(PoolException.Kind.STALE_NONCE, () -> chain.submit(stale.encode()));
        }
    }

    private static void assertPool(PoolException.Kind kind, Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void shouldTakeNoMoreOfAnAccountThanItCanPayFor() {
        try (Chain chain = TestChain.open(temporary)) {
            org.datdot.ledger.AccountKeys poor = TestChain.account("poor");
            long fee = org.datdot.ledger.Fees.of(chain.spec().parameters(), TestChain.transfer(TestChain.BOB, 1));
            assertThat(fee).isPositive();
            TestChain.submit(chain, TestChain.ALICE, TestChain.transfer(poor, 2 * fee + fee / 2));
            TestChain.produce(chain);
            TestChain.submit(chain, poor, TestChain.transfer(TestChain.BOB, 0));
            TestChain.submit(chain, poor, TestChain.transfer(TestChain.BOB, 0));
            assertPool(
                    PoolException.Kind.CANNOT_PAY,
                    () -> TestChain.submit(chain, poor, TestChain.transfer(TestChain.BOB, 0)));
            TestChain.produce(chain);
            assertThat(chain.read(state -> Balances.of(state, TestChain.id(poor)))
                            .nonce())
                    .isEqualTo(2);
            assertThat(chain.waitingCount()).isZero();
        }
    }

    @Test
    void shouldBoundABlockWhenMoreWaits() {
        PoolLimits three = new PoolLimits(1_000, 100, 100_000, 100_000, 64, 5, 3, 100_000);
        try (Chain chain = TestChain.open(temporary, three)) {
            for (int i = 0; i < 7; i++) {
                TestChain.submit(chain, TestChain.ALICE, TestChain.transfer(TestChain.BOB, 1));
            }
            assertThat(Stream.of(1, 2, 3, 4).map(_ -> {
                        long number = TestChain.produce(chain).number();
                        return TestChain.block(chain, number).extrinsics().size();
                    }))
                    .containsExactly(3, 3, 1, 0);
        }
    }

    @Test
    void shouldRefuseTheDirectoryWhenAnotherChainOrProcessHasIt() {
        try (Chain chain = TestChain.open(temporary)) {
            assertThat(chain.head().number()).isZero();
            assertKind(Kind.IN_USE, () -> TestChain.open(temporary).close());
        }
        assertThatThrownBy(() -> Chain.open(temporary, TestChain.spec("other"), (key, manifest, head) -> true))
                .isInstanceOfSatisfying(
                        ChainException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OTHER_CHAIN))
                .hasMessageContaining("another genesis");
        assertKind(
                Kind.NOT_FOUND,
                () -> Chain.open(temporary.resolve("none"), (key, manifest, head) -> true)
                        .close());
        assertThat(temporary.resolve("none")).doesNotExist();
        try (Chain chain = TestChain.open(temporary)) {
            assertThat(chain.head().number()).isZero();
        }
    }

    @Test
    void shouldRefuseTheStoreOfAnOlderFormatWithAdvice() throws Exception {
        TestChain.open(temporary).close();
        byte[] key = "m-spec".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        byte[] record = new org.datdot.encoding.ScaleEncoder()
                .u8(1)
                .bytes(TestChain.spec("test").encode())
                .toBytes();
        byte[] check = org.datdot.crypto.Blake2b.hash(key, record);
        byte[] value = java.util.Arrays.copyOf(record, record.length + check.length);
        System.arraycopy(check, 0, value, record.length, check.length);
        try (org.rocksdb.RocksDB db = org.rocksdb.RocksDB.open(temporary.toString())) {
            db.put(key, value);
        }
        assertThatThrownBy(() -> TestChain.open(temporary))
                .isInstanceOfSatisfying(
                        ChainException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNKNOWN_VERSION))
                .hasMessageContaining("format 1")
                .hasMessageContaining("older program")
                .hasMessageContaining("start a new chain");
    }

    @Test
    void shouldBeginWithASnapshotAndFollowFromThere() throws Exception {
        try (Chain author = TestChain.open(temporary.resolve("author"))) {
            live(author, 6);
            StateSnapshot snapshot = author.snapshot();
            live(author, 3);
            Path place = temporary.resolve("joiner");
            ChainRestore.begin(place, snapshot, (key, manifest, head) -> true);
            assertKind(Kind.OTHER_CHAIN, () -> ChainRestore.begin(place, snapshot, (key, manifest, head) -> true));
            try (Chain joiner = Chain.open(place, (key, manifest, head) -> true)) {
                assertThat(joiner.head().number()).isEqualTo(6);
                assertThat(joiner.genesis()).isEqualTo(author.genesis());
                for (long number = 7; number <= 9; number++) {
                    joiner.importBlock(TestChain.block(author, number));
                }
                assertThat(joiner.head()).isEqualTo(author.head());
                assertThat(joiner.block(3)).isNull();
                assertKind(Kind.NOT_FOUND, joiner::verify);
            }
            Header head = snapshot.block().header();
            StateSnapshot forged = new StateSnapshot(
                    snapshot.spec(),
                    new Block(
                            head.signedBy(TestChain.BOB.chain(), author.genesis()),
                            snapshot.block().extrinsics()),
                    snapshot.events(),
                    snapshot.trie());
            assertKind(
                    Kind.INVALID_BLOCK,
                    () -> ChainRestore.begin(temporary.resolve("forged"), forged, (key, manifest, head2) -> true));
        }
    }

    @Test
    void shouldSayDamagedAndKeepTheFilesWhenTheyWereChanged() throws IOException {
        try (Chain chain = TestChain.open(temporary)) {
            live(chain, 20);
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(temporary)) {
            files = all.filter(file -> file.toString().matches(".*\\.(log|sst)"))
                    .sorted()
                    .toList();
        }
        assertThat(files).isNotEmpty();
        for (Path file : files) {
            long length = Files.size(file);
            if (length < 1_000) {
                continue;
            }
            flip(file, length / 3);
            assertThatThrownBy(() -> {
                        try (Chain chain = TestChain.open(temporary)) {
                            chain.verify();
                        }
                    })
                    .as(file.toString())
                    .isInstanceOfSatisfying(
                            ChainException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DAMAGED))
                    .hasMessageContaining("Restore");
            flip(file, length / 3);
        }
        try (Chain chain = TestChain.open(temporary)) {
            assertThat(chain.verify().number()).isEqualTo(20);
        }
    }

    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(at);
            int value = access.read();
            access.seek(at);
            access.write(value ^ 0xff);
        }
    }

    @Test
    void shouldConserveUnitsWhenTransfersAreMade() {
        try (Chain chain = TestChain.open(temporary)) {
            live(chain, 9);
            chain.read(state -> {
                Balances.audit(state);
                return true;
            });
        }
    }
}
