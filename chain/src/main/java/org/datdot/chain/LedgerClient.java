package org.datdot.chain;

import java.io.Closeable;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.datdot.crypto.Hash;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Call;
import org.datdot.ledger.Event;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;

/**
 * What a participant needs of the ledger, wherever the ledger runs: {@link RpcLedgerClient} reaches one over WebSocket,
 * {@link LocalLedgerClient} uses a {@link Chain} in the same process.
 *
 * <p>All methods may block and may be called from several threads. {@link LedgerUnavailableException} means the ledger
 * could not be asked; nothing is wrong with the question, so trying again later is right.
 */
public interface LedgerClient extends Closeable {
    /** Reads the newest state. Every read sees the block which is best at that moment, at least as new as {@link #head()}. */
    StateReader state();

    /** The hash of the chain's first header: which chain this is. */
    Hash genesis();

    /** The newest header this client has heard of. */
    Header head();

    /**
     * Calls {@code listener} for each new best block, in order and never by two threads at once, on a thread of its own: a
     * slow listener delays nobody, it only misses headers when hundreds are waiting for it.
     *
     * @return closing it ends the calls
     */
    Subscription onHead(Consumer<Header> listener);

    /**
     * Calls {@code listener} for each event of each block after the present {@link #head()}, in order, none left out: what could not be
     * fetched from the ledger comes with a later block. One thread at a time, which a slow listener keeps waiting.
     *
     * @return closing it ends the calls
     */
    default Subscription listenToEvents(Consumer<Event> listener) {
        AtomicLong next = new AtomicLong(head().number() + 1);
        return onHead(header -> {
            try {
                for (long number = next.get(); number <= header.number(); number++) {
                    List<Event> caused = events(number);
                    next.set(number + 1);
                    caused.forEach(listener);
                }
            } catch (LedgerUnavailableException e) {
                System.getLogger(LedgerClient.class.getName())
                        .log(System.Logger.Level.DEBUG, "the events of block " + next.get() + " come later", e);
            }
        });
    }

    /** All events of a block, in order; none for a block that does not exist yet. */
    List<Event> events(long blockNumber);

    /**
     * Signs a call, sends it and waits until it is in a block. Losing the connection meanwhile is no failure: the same bytes
     * are sent again, and a nonce makes sure that they take effect once.
     *
     * @return the events of the extrinsic, without those of its neighbours in the block
     * @throws LedgerException when the call was included and rejected
     * @throws PoolException when the ledger does not take the extrinsic at all
     * @throws LedgerUnavailableException when it was not included in time; it may still be
     */
    List<Event> submit(AccountKeys account, Call call);

    /** What chain this is. */
    ChainSpec spec();

    /** A block, or null when the ledger has none with this number. */
    @Nullable
    Block block(long number);

    /** The parameters the chain was started with. */
    Parameters parameters();

    /** Ends all subscriptions and waiting calls. */
    @Override
    void close();
}
