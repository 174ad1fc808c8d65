package org.datdot.chain;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Call;
import org.datdot.ledger.Genesis;
import org.datdot.ledger.Parameters;

/** A chain with an authority and some rich accounts, the same ones each time. */
final class TestChain {
    static final KeyPair AUTHORITY = KeyPair.fromSeed(seed("authority"));
    static final AccountKeys ALICE = account("alice");
    static final AccountKeys BOB = account("bob");
    static final long START_MS = 1_790_000_000_000L;
    static final long RICH = 1_000_000_000_000L;
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private TestChain() {}

    static AccountKeys account(String name) {
        return AccountKeys.fromSeed(seed(name));
    }

    static byte[] seed(String name) {
        return Blake2b.hash(name.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    static AccountId id(AccountKeys keys) {
        return AccountId.of(keys.chain().publicKey());
    }

    static ChainSpec spec(String name) {
        AccountId treasury = id(account("treasury"));
        List<Genesis.Endowment> endowments = List.of(
                new Genesis.Endowment(treasury, RICH),
                new Genesis.Endowment(id(ALICE), RICH),
                new Genesis.Endowment(id(BOB), RICH));
        return new ChainSpec(
                name, START_MS, AUTHORITY.publicKey(), Parameters.devnet(), new Genesis(treasury, endowments));
    }

    static Chain open(Path directory) {
        return open(directory, PoolLimits.defaults());
    }

    static Chain open(Path directory, PoolLimits limits) {
        return Chain.open(directory, spec("test"), (key, manifest, head) -> true, limits);
    }

    /** Makes a block some seconds after the last one. */
    static Header produce(Chain chain) {
        return chain.produce(AUTHORITY, chain.head().timestampMs() + 6_000);
    }

    static Block block(Chain chain, long number) {
        return Objects.requireNonNull(chain.block(number), "there is no block " + number);
    }

    static Call transfer(AccountKeys to, long units) {
        return new Call.Transfer(id(to), units);
    }

    static Extrinsic signed(AccountKeys from, long nonce, Call call, Hash genesis) {
        return Extrinsic.sign(from.chain(), nonce, call, genesis);
    }

    static Extrinsic submit(Chain chain, AccountKeys from, Call call) {
        return chain.submit(
                signed(from, chain.nextNonce(id(from)), call, chain.genesis()).encode());
    }

    /** Waits for a head. */
    static Header awaitHead(LedgerClient client, Predicate<Header> wanted) throws Exception {
        CompletableFuture<Header> found = new CompletableFuture<>();
        Subscription subscription = client.onHead(header -> {
            if (wanted.test(header)) {
                found.complete(header);
            }
        });
        try {
            if (wanted.test(client.head())) {
                return client.head();
            }
            return found.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            subscription.close();
        }
    }
}
