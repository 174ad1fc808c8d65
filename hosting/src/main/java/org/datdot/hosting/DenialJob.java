package org.datdot.hosting;

import java.io.IOException;
import org.datdot.chain.LedgerException;
import org.datdot.chain.PoolException;
import org.datdot.ledger.Call;

/** Contradicts an accusation, where this node did its part of the setup; says nothing where it did not. */
final class DenialJob extends Job {
    private final long accusation;
    private final boolean innocent;

    DenialJob(ProviderContext context, long accusation, boolean innocent) {
        super(context, "answer to accusation " + accusation);
        this.accusation = accusation;
        this.innocent = innocent;
    }

    @Override
    void work() throws InterruptedException {
        if (!innocent) return;
        retry("contradicting", () -> {
            try {
                submit(new Call.ContradictAccusation(accusation));
            } catch (LedgerException e) {
                failHere("the ledger does not take the contradiction: " + e.getMessage());
            } catch (PoolException e) {
                throw new IOException("the ledger does not take the contradiction now: " + e.getMessage(), e);
            }
        });
    }
}
