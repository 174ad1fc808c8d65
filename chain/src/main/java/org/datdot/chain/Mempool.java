package org.datdot.chain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.datdot.chain.PoolException.Kind;
import org.datdot.crypto.Hash;
import org.datdot.ledger.AccountId;
import org.jspecify.annotations.Nullable;

/**
 * Extrinsics waiting for a block: in the order they came, those of one account in the order of its nonces. Nothing replaces
 * what is there. Checking signatures is the caller's duty. Thread-safe; listeners are called on the thread that brought the
 * block, outside the lock, and must not block.
 */
final class Mempool {
    private final PoolLimits limits;
    private final ReentrantLock lock = new ReentrantLock();
    /** In the order of arrival. Everything below is guarded by the lock. */
    private final Map<Hash, Entry> byHash = new LinkedHashMap<>();

    private final Map<AccountId, NavigableMap<Long, Entry>> byAccount = new HashMap<>();
    private long waitingBytes;

    Mempool(PoolLimits limits) {
        this.limits = limits;
    }

    /**
     * Takes an extrinsic.
     *
     * @param accountNonce the signer's next nonce by the state
     * @param blockNumber the best block
     * @param listener told once, what became of the extrinsic
     * @throws PoolException saying why it is not taken
     */
    void add(Extrinsic extrinsic, long accountNonce, long blockNumber, @Nullable Consumer<ExtrinsicStatus> listener) {
        add(extrinsic, accountNonce, blockNumber, 0, Long.MAX_VALUE, listener);
    }

    /**
     * Takes an extrinsic that costs something: an account may have no more waiting than it can pay for all together, or most of it would be dropped unpaid.
     *
     * @param cost units it takes from its account at most
     * @param free units the account has
     */
    void add(
            Extrinsic extrinsic,
            long accountNonce,
            long blockNumber,
            long cost,
            long free,
            @Nullable Consumer<ExtrinsicStatus> listener) {
        requireNonce(extrinsic.nonce(), accountNonce);
        lock.lock();
        try {
            if (byHash.containsKey(extrinsic.hash())) {
                throw new PoolException(Kind.ALREADY_IMPORTED, extrinsic.hash() + " is waiting for a block already");
            }
            NavigableMap<Long, Entry> own = byAccount.getOrDefault(extrinsic.signer(), new TreeMap<>());
            if (own.containsKey(extrinsic.nonce())) {
                throw new PoolException(
                        Kind.NONCE_TAKEN,
                        "another extrinsic with nonce " + extrinsic.nonce()
                                + " is waiting; use the next nonce, waiting ones are not replaced");
            }
            requireRoom(extrinsic, own);
            requirePayable(cost, free, own);
            Entry entry = new Entry(extrinsic, blockNumber, cost, listener);
            byHash.put(extrinsic.hash(), entry);
            own.put(extrinsic.nonce(), entry);
            byAccount.put(extrinsic.signer(), own);
            waitingBytes += extrinsic.encoded().length;
        } finally {
            lock.unlock();
        }
    }

    private void requireNonce(long nonce, long accountNonce) {
        if (nonce < accountNonce) {
            throw new PoolException(
                    Kind.STALE_NONCE, "nonce " + nonce + " was used already, the account's next is " + accountNonce);
        }
        if (nonce - accountNonce >= limits.maxPerAccount()) {
            throw new PoolException(
                    Kind.FUTURE_NONCE,
                    "nonce " + nonce + " is too far ahead, the account's next is " + accountNonce + " and at most "
                            + limits.maxPerAccount() + " may wait");
        }
    }

    private static void requirePayable(long cost, long free, NavigableMap<Long, Entry> own) {
        long left = free;
        for (Entry entry : own.values()) {
            left -= Math.min(left, entry.cost);
        }
        if (!own.isEmpty() && cost > left) {
            throw new PoolException(
                    Kind.CANNOT_PAY,
                    "what the account has waiting already leaves it " + left + " units, and this may cost " + cost
                            + "; send it after the next block");
        }
    }

    private void requireRoom(Extrinsic extrinsic, NavigableMap<Long, Entry> own) {
        int lengthBytes = extrinsic.encoded().length;
        long ownBytes = own.values().stream()
                .mapToLong(entry -> entry.extrinsic.encoded().length)
                .sum();
        if (ownBytes + lengthBytes > limits.maxBytesPerAccount()) {
            throw new PoolException(
                    Kind.ACCOUNT_LIMIT,
                    "the account has " + ownBytes + " bytes waiting already; send more after the next block");
        }
        if (byHash.size() >= limits.maxCount() || waitingBytes + lengthBytes > limits.maxBytes()) {
            throw new PoolException(
                    Kind.POOL_FULL,
                    byHash.size() + " extrinsics of " + waitingBytes
                            + " bytes are waiting; try again after the next block");
        }
    }

    /**
     * The extrinsics for the next block. They stay in the pool until {@link #onBlock} says they are in one.
     *
     * @param nonces the next nonce of an account by the state
     */
    List<Extrinsic> ready(ToLongFunction<AccountId> nonces) {
        List<Extrinsic> chosen = new ArrayList<>();
        Map<AccountId, Long> nextNonces = new HashMap<>();
        long chosenBytes = 0;
        lock.lock();
        try {
            for (Entry entry : byHash.values()) {
                AccountId signer = entry.extrinsic.signer();
                NavigableMap<Long, Entry> own = own(signer);
                long nonce = nextNonces.computeIfAbsent(signer, nonces::applyAsLong);
                // Those of the account which go before this one came later, or they would be chosen already.
                while (nonce <= entry.extrinsic.nonce() && own.containsKey(nonce)) {
                    Extrinsic next = own.get(nonce).extrinsic;
                    chosenBytes += next.encoded().length;
                    if (chosenBytes > limits.maxBlockBytes() || chosen.size() == limits.maxBlockCount()) {
                        return chosen;
                    }
                    chosen.add(next);
                    nonce++;
                }
                nextNonces.put(signer, nonce);
            }
            return chosen;
        } finally {
            lock.unlock();
        }
    }

    private NavigableMap<Long, Entry> own(AccountId signer) {
        return byAccount.getOrDefault(signer, new TreeMap<>());
    }

    /** Forgets what is in a new best block, what that made impossible, and what waited too long. */
    void onBlock(Block block, Hash blockHash, ToLongFunction<AccountId> nonces) {
        List<Runnable> news = new ArrayList<>();
        long number = block.header().number();
        lock.lock();
        try {
            Set<AccountId> signers = new HashSet<>();
            for (int i = 0; i < block.extrinsics().size(); i++) {
                Extrinsic included = block.extrinsics().get(i);
                signers.add(included.signer());
                Entry entry = remove(included.hash());
                if (entry != null) {
                    ExtrinsicStatus status = new ExtrinsicStatus.InBlock(blockHash, number, i);
                    news.add(() -> tell(entry.listener, status));
                }
            }
            for (AccountId signer : signers) {
                long nonce = nonces.applyAsLong(signer);
                for (Entry stale : List.copyOf(own(signer).headMap(nonce).values())) {
                    remove(stale.extrinsic.hash());
                    ExtrinsicStatus status =
                            new ExtrinsicStatus.Invalid(Kind.STALE_NONCE.text() + ": another extrinsic used the nonce");
                    news.add(() -> tell(stale.listener, status));
                }
            }
            dropDead(number + 1, news);
            dropOld(number, news);
        } finally {
            lock.unlock();
        }
        news.forEach(Runnable::run);
    }

    /** Extrinsics that cannot be in the next block: a walk over those that can die. */
    private void dropDead(long nextNumber, List<Runnable> news) {
        for (Entry entry : byHash.values().stream()
                .filter(each -> each.extrinsic.terms().era().death(each.sinceBlock + 1) <= nextNumber)
                .toList()) {
            remove(entry.extrinsic.hash());
            news.add(() -> tell(entry.listener, new ExtrinsicStatus.Invalid("its era is over")));
        }
    }

    private void dropOld(long number, List<Runnable> news) {
        List<Entry> old = new ArrayList<>();
        for (Entry entry : byHash.values()) {
            if (number - entry.sinceBlock < limits.maxWaitBlocks()) {
                break;
            }
            old.add(entry);
        }
        for (Entry entry : old) {
            remove(entry.extrinsic.hash());
            ExtrinsicStatus status = new ExtrinsicStatus.Dropped("it waited " + limits.maxWaitBlocks()
                    + " blocks; an extrinsic with a smaller nonce may be missing");
            news.add(() -> tell(entry.listener, status));
        }
    }

    /** Forgets an extrinsic that cannot be executed. */
    void drop(Extrinsic extrinsic, String reason) {
        Entry entry;
        lock.lock();
        try {
            entry = remove(extrinsic.hash());
        } finally {
            lock.unlock();
        }
        if (entry != null) {
            tell(entry.listener, new ExtrinsicStatus.Invalid(reason));
        }
    }

    private @Nullable Entry remove(Hash hash) {
        Entry entry = byHash.remove(hash);
        if (entry != null) {
            waitingBytes -= entry.extrinsic.encoded().length;
            NavigableMap<Long, Entry> own = own(entry.extrinsic.signer());
            own.remove(entry.extrinsic.nonce());
            if (own.isEmpty()) {
                byAccount.remove(entry.extrinsic.signer());
            }
        }
        return entry;
    }

    /** The first nonce from {@code accountNonce} on that no waiting extrinsic has. */
    long nextNonce(AccountId account, long accountNonce) {
        lock.lock();
        try {
            NavigableMap<Long, Entry> own = own(account);
            long nonce = accountNonce;
            while (own.containsKey(nonce)) {
                nonce++;
            }
            return nonce;
        } finally {
            lock.unlock();
        }
    }

    /** All of them, in the order they came. */
    List<Extrinsic> waiting() {
        lock.lock();
        try {
            return byHash.values().stream().map(Entry::extrinsic).toList();
        } finally {
            lock.unlock();
        }
    }

    /** How many extrinsics wait. */
    int size() {
        lock.lock();
        try {
            return byHash.size();
        } finally {
            lock.unlock();
        }
    }

    private static void tell(@Nullable Consumer<ExtrinsicStatus> listener, ExtrinsicStatus status) {
        if (listener != null) {
            listener.accept(status);
        }
    }

    private record Entry(
            Extrinsic extrinsic,
            long sinceBlock,
            long cost,
            @Nullable Consumer<ExtrinsicStatus> listener) {}
}
