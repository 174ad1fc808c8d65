package org.datdot.ledger.example;

import java.util.ArrayList;
import java.util.List;
import org.datdot.ledger.BlockContext;
import org.datdot.ledger.DispatchResult;
import org.datdot.ledger.Event;
import org.datdot.ledger.Pallet;
import org.datdot.ledger.State;

// begin README
/** A chain around the pallet: its own state, and blocks of calls whose signatures it has checked. */
record ExampleChain(Pallet pallet, State state) {
    List<Event> execute(BlockContext block, List<SignedCall> calls) {
        List<Event> events = new ArrayList<>(pallet.onInitialize(state, block));
        for (SignedCall one : calls) {
            DispatchResult result = pallet.apply(state, one.origin(), one.call(), block);
            if (result instanceof DispatchResult.Applied applied) events.addAll(applied.events());
        }
        return events;
    }
}
// end README
