package org.datdot.chain;

import java.util.ArrayList;
import java.util.List;
import org.datdot.chain.ChainException.Kind;
import org.datdot.crypto.Hash;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Balances;
import org.datdot.ledger.BlockContext;
import org.datdot.ledger.Config;
import org.datdot.ledger.DispatchResult;
import org.datdot.ledger.Event;
import org.datdot.ledger.Fees;
import org.datdot.ledger.MapState;
import org.datdot.ledger.OverlayState;
import org.datdot.ledger.Pallet;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.StateReader;
import org.datdot.ledger.TreeHeadVerifier;

/**
 * Executes blocks, as the crate {@code frame-executive} does: time first, then each extrinsic, fully or with no trace but its nonce and its failure event. Deterministic: the
 * same state and block give the same changes and events on every machine. Changes nothing by itself.
 */
final class Executive {
    /** The state root before genesis. */
    static final Hash NO_STATE = new Hash(new byte[Hash.BYTES]);

    private final Pallet pallet;
    private final Parameters parameters;

    Executive(ChainSpec spec, TreeHeadVerifier treeHeads, Hash genesis) {
        this.parameters = spec.parameters();
        this.pallet = new Pallet(new Config(spec.parameters(), treeHeads, genesis));
    }

    /**
     * What executing a block came to.
     *
     * @param changes what to write to the state
     * @param state the state after it
     * @param events in order
     */
    record Outcome(StateChanges changes, StateTrie state, List<EventRecord> events) {}

    /** The rules failed to execute an extrinsic, which is a mistake in the rules. */
    static final class ExtrinsicFault extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient Extrinsic extrinsic;

        ExtrinsicFault(Extrinsic extrinsic, RuntimeException cause) {
            super("cannot execute " + extrinsic, cause);
            this.extrinsic = extrinsic;
        }

        Extrinsic extrinsic() {
            return extrinsic;
        }
    }

    /** The state of block 0. Its hash does not exist yet, and nothing in it depends on it. */
    static Outcome genesis(ChainSpec spec, TreeHeadVerifier treeHeads) {
        OverlayState overlay = new OverlayState(new MapState());
        new Pallet(new Config(spec.parameters(), treeHeads, NO_STATE)).genesis(overlay, spec.genesis());
        StateChanges changes = changes(overlay);
        return new Outcome(changes, StateTrie.EMPTY.with(changes), List.of());
    }

    /** The number of an account's extrinsics so far. */
    static long nonce(StateReader state, AccountId account) {
        return Balances.nonce(state, account);
    }

    /**
     * Executes a block's content.
     *
     * @param parent the header before
     * @param state the state after the parent
     * @throws ChainException when an extrinsic cannot be in this block at all: its nonce is not the account's next
     */
    Outcome execute(Header parent, StateTrie state, BlockContext context, List<Extrinsic> extrinsics) {
        OverlayState overlay = new OverlayState(state);
        List<EventRecord> events = new ArrayList<>();
        ChainStorage.BLOCK_HASH.put(overlay, parent.number(), parent.hash());
        if (parent.number() >= ChainStorage.BLOCK_HASH_COUNT) {
            ChainStorage.BLOCK_HASH.remove(overlay, parent.number() - ChainStorage.BLOCK_HASH_COUNT);
        }
        add(events, EventRecord.INITIALIZATION, pallet.onInitialize(overlay, context));
        for (int i = 0; i < extrinsics.size(); i++) {
            add(events, i, apply(overlay, context, extrinsics.get(i)));
        }
        ChainStorage.EVENTS.put(overlay, events);
        StateChanges changes = changes(overlay);
        return new Outcome(changes, state.with(changes), events);
    }

    private List<Event> apply(OverlayState block, BlockContext context, Extrinsic extrinsic) {
        long expected = nonce(block, extrinsic.signer());
        if (extrinsic.nonce() != expected) {
            throw new ChainException(
                    Kind.INVALID_BLOCK,
                    extrinsic + " in block " + context.number() + " does not have its account's next nonce "
                            + expected);
        }
        Balances.incrementNonce(block, extrinsic.signer());
        List<Event> events = new ArrayList<>();
        DispatchResult result;
        try {
            if (extrinsic.terms().tip() > 0) {
                switch (pallet.payTip(
                        block, extrinsic.signer(), extrinsic.terms().tip())) {
                    case DispatchResult.Applied applied -> events.addAll(applied.events());
                    case DispatchResult.Rejected rejected -> {
                        return List.of(failed(extrinsic, rejected));
                    }
                }
            }
            result = pallet.apply(block, extrinsic.signer(), extrinsic.call(), context);
        } catch (RuntimeException e) {
            throw new ExtrinsicFault(extrinsic, e);
        }
        switch (result) {
            case DispatchResult.Applied applied -> {
                events.addAll(applied.events());
                events.add(new Event.ExtrinsicSuccess(Fees.info(parameters, extrinsic.call(), true)));
            }
            case DispatchResult.Rejected rejected -> events.add(failed(extrinsic, rejected));
        }
        return events;
    }

    private Event failed(Extrinsic extrinsic, DispatchResult.Rejected rejected) {
        return new Event.ExtrinsicFailed(
                rejected.error(), Fees.info(parameters, extrinsic.call(), false), rejected.detail());
    }

    static StateChanges changes(OverlayState overlay) {
        List<StateChanges.Change> list = new ArrayList<>();
        overlay.changes().forEach((key, value) -> list.add(new StateChanges.Change(key, value.orElse(null))));
        return new StateChanges(list);
    }

    private static void add(List<EventRecord> records, int extrinsicIndex, List<Event> events) {
        for (Event event : events) {
            records.add(new EventRecord(extrinsicIndex, event));
        }
    }
}
