package org.datdot.ledger;

import java.util.ArrayList;
import java.util.List;

/** The contracts that wait for providers, oldest first; each once. */
final class Waiting {
    private final State state;

    Waiting(State state) {
        this.state = state;
    }

    static boolean has(StateReader state, long contract) {
        return Storage.WAITING_TICKET.get(state, contract).isPresent();
    }

    /** Puts a contract at the end; whether it was not waiting yet. */
    boolean add(long contract) {
        if (has(state, contract)) {
            return false;
        }
        long ticket = Storage.WAITING_LAST.get(state).orElse(0L) + 1;
        Storage.WAITING_LAST.put(state, ticket);
        Storage.WAITING.put(state, ticket, contract);
        Storage.WAITING_TICKET.put(state, contract, ticket);
        return true;
    }

    void remove(long contract) {
        Storage.WAITING_TICKET.get(state, contract).ifPresent(ticket -> {
            Storage.WAITING.remove(state, ticket);
            Storage.WAITING_TICKET.remove(state, contract);
        });
    }

    /** Takes the oldest off, so many tickets at most; removed ones count as tickets too, so that it is bounded. */
    List<Long> take(long most) {
        long first = Storage.WAITING_FIRST.get(state).orElse(1L);
        long end = Math.min(Storage.WAITING_LAST.get(state).orElse(0L), first + most - 1);
        List<Long> taken = new ArrayList<>();
        for (long ticket = first; ticket <= end; ticket++) {
            Storage.WAITING.get(state, ticket).ifPresent(contract -> {
                taken.add(contract);
                remove(contract);
            });
        }
        if (end >= first) {
            Storage.WAITING_FIRST.put(state, end + 1);
        }
        return taken;
    }
}
