package org.datdot.ledger;

import java.util.List;

/** What became of a call: applied in full, or rejected without a trace in the state. */
public sealed interface DispatchResult {
    /** It applied; what happened, in order. */
    record Applied(List<Event> events) implements DispatchResult {}

    /** It did not; why, and what to do. */
    record Rejected(LedgerError error, String detail) implements DispatchResult {}
}
