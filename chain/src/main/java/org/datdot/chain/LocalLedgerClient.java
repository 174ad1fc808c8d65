package org.datdot.chain;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.datdot.crypto.Hash;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Call;
import org.datdot.ledger.Event;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;

/** Uses a chain in the same process. Closing it leaves the chain open. */
public final class LocalLedgerClient implements LedgerClient {
    private final Chain chain;
    private final Submitter submitter;
    private final Subscription heads;

    /**
     * A client.
     *
     * @param submitTimeout how long {@link #submit} waits for a block
     */
    public LocalLedgerClient(Chain chain, Duration submitTimeout) {
        this.chain = chain;
        this.submitter = new Submitter(new Port(), submitTimeout);
        this.heads = chain.onHead(header -> submitter.onHead());
    }

    @Override
    public StateReader state() {
        return chain.state();
    }

    @Override
    public Hash genesis() {
        return chain.genesis();
    }

    @Override
    public Header head() {
        return chain.head();
    }

    @Override
    public Subscription onHead(Consumer<Header> listener) {
        return chain.onHead(listener);
    }

    @Override
    public List<Event> events(long blockNumber) {
        return chain.events(blockNumber).stream().map(EventRecord::event).toList();
    }

    @Override
    public List<Event> submit(AccountKeys account, Call call) {
        return submitter.submit(account, call);
    }

    @Override
    public ChainSpec spec() {
        return chain.spec();
    }

    @Override
    public @Nullable Block block(long number) {
        return chain.block(number);
    }

    @Override
    public Parameters parameters() {
        return chain.spec().parameters();
    }

    @Override
    public void close() {
        heads.close();
        submitter.close();
    }

    private final class Port implements Submitter.Ledger {
        @Override
        public Hash genesis() {
            return chain.genesis();
        }

        @Override
        public Header head() {
            return chain.head();
        }

        @Override
        public long nextNonce(AccountId account) {
            return chain.nextNonce(account);
        }

        @Override
        public void handIn(Extrinsic extrinsic) {
            try {
                chain.submit(extrinsic.encode());
            } catch (ChainException e) {
                throw new LedgerUnavailableException(String.valueOf(e.getMessage()), e);
            }
        }

        @Override
        public @Nullable List<Hash> extrinsicsOf(long blockNumber) {
            Block block = chain.block(blockNumber);
            return block == null
                    ? null
                    : block.extrinsics().stream().map(Extrinsic::hash).toList();
        }

        @Override
        public List<EventRecord> eventsOf(long blockNumber) {
            return chain.events(blockNumber);
        }
    }
}
