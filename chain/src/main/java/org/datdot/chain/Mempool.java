package org.datdot.chain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.datdot.chain.PoolException.Kind;
import org.datdot.crypto.Hash;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Fees;
import org.datdot.ledger.Parameters;
import org.jspecify.annotations.Nullable;

/**
 * Extrinsics waiting for a block: account by account in turns, in a turn by tip and then as they came, those of one account in the order of its nonces. Nothing takes the nonce of
 * what is there; in a full pool who has most waiting makes room. Checking signatures is the caller's duty. Thread-safe; listeners are called on the thread that brought the
 * block or the extrinsic, outside the lock, and must not block.
 */
final class Mempool {
    /** What an account may have included in a turn: many times a transfer. */
    private static final long TURN_WEIGHT = 200;

    private final PoolLimits limits;
    private final Parameters parameters;
    private final ReentrantLock lock = new ReentrantLock();
    /** In the order of arrival. Everything from here on is guarded by the lock. */
    private final Map<Hash, Entry> byHash = new LinkedHashMap<>();

    private final Map<AccountId, NavigableMap<Long, Entry>> byAccount = new HashMap<>();
    /** The last one of each account; who has to leave first is first. */
    private final NavigableSet<Tail> tails = new TreeSet<>();

    private long waitingBytes;
    private long arrivals;

    Mempool(PoolLimits limits, Parameters parameters) {
        this.limits = limits;
        this.parameters = parameters;
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
        List<Runnable> news = new ArrayList<>();
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
            requireOwnRoom(extrinsic, own);
            requirePayable(cost, free, own);
            for (Entry leaving : leaving(extrinsic, own)) {
                remove(leaving.extrinsic.hash());
                ExtrinsicStatus status = new ExtrinsicStatus.Dropped(
                        "the pool is full, and others have fewer waiting or tip more; send it again later");
                news.add(() -> tell(leaving.listener, status));
            }
            long weight = Fees.extrinsicWeight(parameters, extrinsic.call());
            put(new Entry(extrinsic, arrivals++, blockNumber, cost, weight, listener));
        } finally {
            lock.unlock();
        }
        news.forEach(Runnable::run);
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

    private void requireOwnRoom(Extrinsic extrinsic, NavigableMap<Long, Entry> own) {
        long ownBytes = own.values().stream()
                .mapToLong(entry -> entry.extrinsic.encoded().length)
                .sum();
        if (ownBytes + extrinsic.encoded().length > limits.maxBytesPerAccount()) {
            throw new PoolException(
                    Kind.ACCOUNT_LIMIT,
                    "the account has " + ownBytes + " bytes waiting already; send more after the next block");
        }
    }

    /**
     * Who has to leave so that an extrinsic finds room: of those who have most waiting the last one, among equals the one that pays the least tip, and of these the newest. So nobody
     * fills the pool for others, however much it tips; where all have as many waiting, tips decide.
     *
     * @return nobody, where there is room
     * @throws PoolException when all that wait go before it
     */
    private List<Entry> leaving(Extrinsic extrinsic, NavigableMap<Long, Entry> own) {
        int count = byHash.size();
        long bytes = waitingBytes + extrinsic.encoded().length;
        if (count < limits.maxCount() && bytes <= limits.maxBytes()) {
            return List.of();
        }
        // Of an account that leaves one, the one before may be the next to leave.
        PriorityQueue<Tail> next = new PriorityQueue<>();
        Iterator<Tail> others = tails.iterator();
        int turn = own.headMap(extrinsic.nonce()).size() + 1;
        List<Entry> leaving = new ArrayList<>();
        while (count >= limits.maxCount() || bytes > limits.maxBytes()) {
            if (others.hasNext()) {
                next.add(others.next());
            }
            Tail tail = next.poll();
            if (tail == null || !tail.goesAfter(turn, extrinsic.terms().tip()) || tail.isOf(extrinsic.signer())) {
                throw new PoolException(
                        Kind.POOL_FULL,
                        byHash.size() + " extrinsics of " + waitingBytes
                                + " bytes are waiting that go before it; try again after the next block, or with a"
                                + " higher tip");
            }
            leaving.add(tail.entry);
            count--;
            bytes -= tail.entry.extrinsic.encoded().length;
            if (tail.turn > 1) {
                next.add(new Tail(tail.own, tail.turn - 1));
            }
        }
        return leaving;
    }

    /**
     * The last of an account's extrinsics that is not leaving.
     *
     * @param turn how many there are up to it
     */
    private record Tail(NavigableMap<Long, Entry> own, int turn, Entry entry) implements Comparable<Tail> {
        private static Tail of(NavigableMap<Long, Entry> own) {
            return new Tail(
                    own, own.size(), Objects.requireNonNull(own.lastEntry()).getValue());
        }

        private Tail(NavigableMap<Long, Entry> own, int turn) {
            this(own, turn, own.values().stream().skip(turn - 1L).findFirst().orElseThrow());
        }

        private boolean isOf(AccountId account) {
            return entry.extrinsic.signer().equals(account);
        }

        private boolean goesAfter(int otherTurn, long tip) {
            return turn > otherTurn || (turn == otherTurn && entry.tip() < tip);
        }

        @Override
        public int compareTo(Tail other) {
            int byTurn = Integer.compare(other.turn, turn);
            int byTip = byTurn != 0 ? byTurn : Long.compare(entry.tip(), other.entry.tip());
            return byTip != 0 ? byTip : Long.compare(other.entry.arrival, entry.arrival);
        }
    }

    /**
     * The extrinsics for the next block, as many as are not too many, too long or too heavy together. They stay in the pool until {@link #onBlock} says they are in one.
     *
     * <p>In turns, so that nobody crowds others out: what an account has waiting first goes before what anybody has second, and something heavy counts as several. In a turn
     * the higher tip goes first, among equal ones what came first. Those of one account keep the order of their nonces.
     *
     * @param nonces the next nonce of an account by the state
     */
    List<Extrinsic> ready(ToLongFunction<AccountId> nonces) {
        List<Extrinsic> chosen = new ArrayList<>();
        long bytesLeft = limits.maxBlockBytes();
        long weightLeft = Fees.blockWeight(parameters);
        lock.lock();
        try {
            PriorityQueue<Turn> turns = new PriorityQueue<>();
            byAccount.forEach((signer, own) -> {
                Entry first = own.get(nonces.applyAsLong(signer));
                if (first != null) {
                    turns.add(new Turn(first, 0));
                }
            });
            for (Turn at = turns.poll(); at != null && chosen.size() < limits.maxBlockCount(); at = turns.poll()) {
                Extrinsic extrinsic = at.entry.extrinsic;
                // What does not fit waits, and with it what the account sent after it; others may still fit.
                if (extrinsic.encoded().length <= bytesLeft && at.entry.weight <= weightLeft) {
                    chosen.add(extrinsic);
                    bytesLeft -= extrinsic.encoded().length;
                    weightLeft -= at.entry.weight;
                    Entry next = own(extrinsic.signer()).get(extrinsic.nonce() + 1);
                    if (next != null) {
                        turns.add(new Turn(next, at.number + Math.ceilDiv(at.entry.weight, TURN_WEIGHT)));
                    }
                }
            }
            return chosen;
        } finally {
            lock.unlock();
        }
    }

    /** When an extrinsic's account is to have it included. */
    private record Turn(Entry entry, long number) implements Comparable<Turn> {
        @Override
        public int compareTo(Turn other) {
            int byNumber = Long.compare(number, other.number);
            int byTip = byNumber != 0 ? byNumber : Long.compare(other.entry.tip(), entry.tip());
            return byTip != 0 ? byTip : Long.compare(entry.arrival, other.entry.arrival);
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

    private void put(Entry entry) {
        NavigableMap<Long, Entry> own = byAccount.computeIfAbsent(entry.extrinsic.signer(), _ -> new TreeMap<>());
        if (!own.isEmpty()) {
            tails.remove(Tail.of(own));
        }
        own.put(entry.extrinsic.nonce(), entry);
        tails.add(Tail.of(own));
        byHash.put(entry.extrinsic.hash(), entry);
        waitingBytes += entry.extrinsic.encoded().length;
    }

    private @Nullable Entry remove(Hash hash) {
        Entry entry = byHash.remove(hash);
        if (entry != null) {
            waitingBytes -= entry.extrinsic.encoded().length;
            NavigableMap<Long, Entry> own = own(entry.extrinsic.signer());
            tails.remove(Tail.of(own));
            own.remove(entry.extrinsic.nonce());
            if (own.isEmpty()) {
                byAccount.remove(entry.extrinsic.signer());
            } else {
                tails.add(Tail.of(own));
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
            long arrival,
            long sinceBlock,
            long cost,
            long weight,
            @Nullable Consumer<ExtrinsicStatus> listener) {
        private long tip() {
            return extrinsic.terms().tip();
        }
    }
}
