package org.datdot.chain;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.datdot.crypto.Hash;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Call;
import org.datdot.ledger.Event;
import org.jspecify.annotations.Nullable;

/**
 * Brings calls into blocks, exactly once each: signs with the account's next nonce, hands in, looks for the extrinsic in each
 * new block, and hands in the same bytes again when the ledger may have forgotten them. Only when the nonce was used by
 * something else is the call signed anew, so it can never take effect twice. Thread-safe.
 */
final class Submitter {
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** Blocks without the extrinsic after which it is handed in again: the ledger may have been restarted. */
    private static final int RESEND_BLOCKS = 3;

    private static final int MAX_CACHED_BLOCKS = 64;
    private static final int MAX_SIGNINGS = 16;

    /** The ledger, as far as submitting needs it. Reached in any way; every call may be repeated. */
    interface Ledger {
        Hash genesis();

        Header head();

        /** The next nonce, counting what waits. */
        long nextNonce(AccountId account);

        /** Hands in an extrinsic, or throws {@link PoolException}. */
        void handIn(Extrinsic extrinsic);

        /** The hashes of a block's extrinsics, in order; null when there is no such block. */
        @Nullable
        List<Hash> extrinsicsOf(long blockNumber);

        List<EventRecord> eventsOf(long blockNumber);
    }

    private final Ledger ledger;
    private final Duration timeout;
    private final Map<AccountId, Account> accounts = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition newHead = lock.newCondition();
    /** Guarded by the lock: extrinsics of the newest blocks, for all who wait. */
    private final Map<Long, List<Hash>> blocks = new LinkedHashMap<>();

    private boolean closed;

    Submitter(Ledger ledger, Duration timeout) {
        this.ledger = ledger;
        this.timeout = timeout;
    }

    /** What is under way of one account. */
    private static final class Account {
        /** Held from choosing a nonce until the ledger took the extrinsic. */
        final ReentrantLock order = new ReentrantLock();

        final ReentrantLock inFlightLock = new ReentrantLock();
        /** Nonces of extrinsics not yet seen in a block; guarded by the lock above. */
        final NavigableSet<Long> inFlight = new TreeSet<>();

        long choose(long fromNonce) {
            inFlightLock.lock();
            try {
                long nonce = fromNonce;
                while (inFlight.contains(nonce)) {
                    nonce++;
                }
                inFlight.add(nonce);
                return nonce;
            } finally {
                inFlightLock.unlock();
            }
        }

        void done(long nonce) {
            inFlightLock.lock();
            try {
                inFlight.remove(nonce);
            } finally {
                inFlightLock.unlock();
            }
        }
    }

    /** Where an extrinsic is. */
    private record Place(long blockNumber, int index) {}

    /** See {@link LedgerClient#submit}. */
    List<Event> submit(AccountKeys keys, Call call) {
        AccountId id = keys.accountId();
        Account account = accounts.computeIfAbsent(id, _ -> new Account());
        long deadline = System.nanoTime() + timeout.toNanos();
        for (int signings = 0; signings < MAX_SIGNINGS; signings++) {
            Place place = submitOnce(keys, id, account, call, deadline);
            if (place != null) {
                // Whoever reads the state after this call must see what it did.
                awaitHeadAfter(place.blockNumber - 1, deadline, "block " + place.blockNumber + " was not heard of");
                return eventsOf(place, deadline);
            }
        }
        throw new LedgerUnavailableException(
                "the account " + id + " is used by another program at the same time, which took " + MAX_SIGNINGS
                        + " nonces in a row; run one program an account");
    }

    /** Null when something else used the nonce, so that the call has to be signed again. */
    private @Nullable Place submitOnce(AccountKeys keys, AccountId id, Account account, Call call, long deadline) {
        Extrinsic extrinsic;
        long from;
        lockOrFail(account.order, deadline);
        try {
            from = ledger.head().number() + 1;
            long nonce = account.choose(ask(deadline, () -> ledger.nextNonce(id)));
            boolean taken = false;
            try {
                extrinsic = Extrinsic.sign(keys.chain(), nonce, call, ledger.genesis());
                taken = handIn(extrinsic, deadline);
            } finally {
                if (!taken) {
                    account.done(nonce);
                }
            }
            if (!taken) {
                return find(extrinsic.hash(), from, deadline);
            }
        } finally {
            account.order.unlock();
        }
        try {
            return awaitInclusion(extrinsic, from, deadline);
        } finally {
            account.done(extrinsic.nonce());
        }
    }

    /** False when the nonce is used up: by this extrinsic, or by another. */
    private boolean handIn(Extrinsic extrinsic, long deadline) {
        while (true) {
            long head = ledger.head().number();
            try {
                return ask(deadline, () -> {
                    ledger.handIn(extrinsic);
                    return true;
                });
            } catch (PoolException e) {
                switch (e.kind()) {
                    case ALREADY_IMPORTED -> {
                        return true;
                    }
                    case STALE_NONCE -> {
                        return false;
                    }
                    // With another extrinsic waiting, this one could still be the one that is included, had the ledger
                    // taken it before its answer was lost: only a used nonce tells.
                    case NONCE_TAKEN, FUTURE_NONCE, ACCOUNT_LIMIT, POOL_FULL, BLOCK_FULL ->
                        awaitHeadAfter(
                                head, deadline, "the ledger does not take " + extrinsic + " (" + e.getMessage() + ")");
                    case BAD_FORMAT, BAD_SIGNATURE, TOO_LARGE, CANNOT_PAY, FAULT, READ_ONLY -> throw e;
                }
            }
        }
    }

    private @Nullable Place awaitInclusion(Extrinsic extrinsic, long from, long deadline) {
        long next = from;
        int blocksSinceSent = 0;
        while (true) {
            long head = ledger.head().number();
            for (; next <= head; next++, blocksSinceSent++) {
                List<Hash> block = extrinsicsOf(next, deadline);
                if (block != null && block.contains(extrinsic.hash())) {
                    return new Place(next, block.indexOf(extrinsic.hash()));
                }
            }
            if (blocksSinceSent >= RESEND_BLOCKS) {
                blocksSinceSent = 0;
                if (!handIn(extrinsic, deadline)) {
                    return find(extrinsic.hash(), from, deadline);
                }
            }
            awaitHeadAfter(head, deadline, extrinsic + " is in none of the blocks " + from + " to " + head);
        }
    }

    /** Looks through all blocks there are, also those this client has not heard of yet. */
    private @Nullable Place find(Hash hash, long from, long deadline) {
        for (long number = from; ; number++) {
            List<Hash> block = extrinsicsOf(number, deadline);
            if (block == null) {
                return null;
            }
            if (block.contains(hash)) {
                return new Place(number, block.indexOf(hash));
            }
        }
    }

    /** Asks until there is an answer: a question may be repeated, and the ledger may be restarting. */
    private <T extends @Nullable Object> T ask(long deadline, Supplier<T> question) {
        while (true) {
            try {
                return question.get();
            } catch (LedgerUnavailableException e) {
                pauseAfter(e, deadline);
            }
        }
    }

    private void pauseAfter(LedgerUnavailableException failure, long deadline) {
        lock.lock();
        try {
            long left = RETRY_NANOS;
            while (left > 0) {
                if (closed || deadline - System.nanoTime() <= 0) {
                    throw failure;
                }
                left = newHead.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure;
        } finally {
            lock.unlock();
        }
    }

    private List<Event> eventsOf(Place place, long deadline) {
        List<Event> events = ask(deadline, () -> ledger.eventsOf(place.blockNumber)).stream()
                .filter(record -> record.extrinsicIndex() == place.index)
                .map(EventRecord::event)
                .toList();
        for (Event event : events) {
            if (event instanceof Event.ExtrinsicFailed failed) {
                throw new LedgerException(failed.error(), failed.detail());
            }
        }
        return events;
    }

    private @Nullable List<Hash> extrinsicsOf(long number, long deadline) {
        lock.lock();
        try {
            List<Hash> known = blocks.get(number);
            if (known != null) {
                return known;
            }
        } finally {
            lock.unlock();
        }
        List<Hash> loaded = ask(deadline, () -> ledger.extrinsicsOf(number));
        if (loaded == null) {
            return null;
        }
        lock.lock();
        try {
            blocks.put(number, loaded);
            while (blocks.size() > MAX_CACHED_BLOCKS) {
                blocks.remove(blocks.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
        return loaded;
    }

    /** To be called for each new head, after {@link Ledger#head()} gives it. */
    void onHead() {
        lock.lock();
        try {
            newHead.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void awaitHeadAfter(long number, long deadline, String why) {
        lock.lock();
        try {
            while (!closed && ledger.head().number() <= number) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new LedgerUnavailableException(why + " after " + timeout.toSeconds()
                            + " s; check that the ledger runs and makes blocks. The call may still take effect");
                }
                newHead.awaitNanos(left);
            }
            if (closed) {
                throw new LedgerUnavailableException("the connection to the ledger was closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LedgerUnavailableException("interrupted while waiting for a block", e);
        } finally {
            lock.unlock();
        }
    }

    private void lockOrFail(ReentrantLock order, long deadline) {
        try {
            if (!order.tryLock(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                throw new LedgerUnavailableException("earlier calls of this account wait for the ledger since "
                        + timeout.toSeconds() + " s; check that it runs");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LedgerUnavailableException("interrupted while waiting for earlier calls", e);
        }
    }

    /** Makes all who wait fail. */
    void close() {
        lock.lock();
        try {
            closed = true;
            newHead.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
