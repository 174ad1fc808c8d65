package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.datdot.crypto.Blake2b;
import org.junit.jupiter.api.Test;

class StorageKeysTest {
    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** Prefixes every Substrate chain has, as polkadot.js shows them. */
    @Test
    void shouldHashNamesAsSubstrateDoes() {
        assertThat(hex(StorageKeys.twox128("System"))).isEqualTo("26aa394eea5630e07c48ae0c9558cef7");
        assertThat(hex(StorageKeys.twox128("Account"))).isEqualTo("b99d880ec681799c0cf30e8886371da9");
        assertThat(hex(StorageKeys.twox128("Number"))).isEqualTo("02a5c1b19ab7a04f536c519aca4983ac");
        assertThat(hex(StorageKeys.twox128("Balances"))).isEqualTo("c2261276cc9d1f8598ea4b6a74b15c2f");
        assertThat(hex(StorageKeys.twox128("TotalIssuance"))).isEqualTo("57c875e4cff74148e4628f264b974c80");
        assertThat(hex(StorageKeys.twox128("Timestamp"))).isEqualTo("f0c365c3cf59d671eb72da0e7a4113c4");
    }

    /** Test vectors of xxHash's own specification and its command-line tool. */
    @Test
    void shouldHashAllLengthsAsXxHash() {
        assertThat(XxHash64.hash(new byte[0], 0)).isEqualTo(0xEF46DB3751D8E999L);
        assertThat(XxHash64.hash("a".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0))
                .isEqualTo(0xD24EC4F1A98C6E5BL);
        assertThat(XxHash64.hash("abc".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0))
                .isEqualTo(0x44BC2CF5AD770999L);
        // 39 bytes take the path with four lanes.
        assertThat(XxHash64.hash(
                        "Nobody inspects the spammish repetition".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                        0))
                .isEqualTo(0xFBCEA83C8A378BF1L);
    }

    @Test
    void shouldPutHashAndKeyAfterThePrefixWhenAMapIsMeant() {
        AccountId account = World.TREASURY;
        byte[] key = Balances.ACCOUNTS.key(account);
        assertThat(hex(key))
                .isEqualTo("26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9"
                        + hex(Blake2b.hash(16, null, account.bytes()))
                        + account.hex());
    }

    @Test
    void shouldShowAllEntriesOfAMapAndOnlyThose() {
        MapState state = new MapState();
        for (long id = 1; id <= 50; id++) {
            Storage.JOBS.put(state, id, Jobs.NONE.withAmendments(List.of(id)));
            Storage.CHALLENGE_DUE.put(state, id, id);
        }
        List<Long> seen = new ArrayList<>();
        Storage.JOBS.forEach(state, (id, jobs) -> {
            assertThat(jobs.amendments()).containsExactly(id);
            seen.add(id);
        });
        assertThat(seen).hasSize(50).doesNotHaveDuplicates();
    }

    @Test
    void shouldShowTheMembersOfOneKeyAloneAndWriteOneEntryForEach() {
        MapState state = new MapState();
        for (long plan = 1; plan <= 90; plan++) {
            Storage.PLANS_OF_FEED.put(state, plan % 3, plan, 100 + plan);
        }
        assertThat(state.size()).isEqualTo(90);
        List<Long> seen = new ArrayList<>();
        Storage.PLANS_OF_FEED.forEach(state, 2L, (plan, since) -> {
            assertThat(since).isEqualTo(100 + plan);
            seen.add(plan);
        });
        assertThat(seen).hasSize(30).allMatch(plan -> plan % 3 == 2).doesNotHaveDuplicates();
        Storage.PLANS_OF_FEED.remove(state, 2L, 5L);
        assertThat(Storage.PLANS_OF_FEED.get(state, 2L, 5L)).isEmpty();
        assertThat(Storage.PLANS_OF_FEED.get(state, 2L, 8L)).contains(108L);
        assertThat(hex(Storage.PLANS_OF_FEED.key(2L, 8L)))
                .as("each key hashed by itself, as in Substrate's double maps")
                .isEqualTo(hex(StorageKeys.entry(
                        StorageKeys.entry(StorageKeys.item("DatDot", "PlansOfFeed"), new byte[] {2 << 2}),
                        new byte[] {8 << 2})));
    }
}
