package org.datdot.ledger;

import java.util.Optional;

/** What the ledger does by itself, by blocks. A block does only so much of it; the rest follows in order in the next ones. */
final class Agenda {
    /** Blocks without a task passed over in one block, when catching up. */
    private static final int MOST_EMPTY_BLOCKS = 1_000;

    private final State state;

    Agenda(State state) {
        this.state = state;
    }

    /**
     * A place in the agenda.
     *
     * @param block the block
     * @param index which of its tasks
     */
    record Place(long block, long index) {
        static final Codec<Place> CODEC = Codec.of(Place.class);
    }

    void add(long block, Task task) {
        long count = Storage.AGENDA_COUNT.get(state, block).orElse(0L);
        Storage.AGENDA.put(state, new Place(block, count), task);
        Storage.AGENDA_COUNT.put(state, block, count + 1);
    }

    /** Takes the next task off that is due in a block; none when there is none, or when too many empty blocks lie before it. */
    Optional<Task> next(long now) {
        Place at = Storage.AGENDA_NEXT.get(state).orElse(new Place(now, 0));
        for (int empty = 0; at.block() <= now && empty < MOST_EMPTY_BLOCKS; empty++) {
            long count = Storage.AGENDA_COUNT.get(state, at.block()).orElse(0L);
            if (at.index() < count) {
                Task task = Storage.AGENDA.get(state, at).orElseThrow();
                Storage.AGENDA.remove(state, at);
                Storage.AGENDA_NEXT.put(state, new Place(at.block(), at.index() + 1));
                return Optional.of(task);
            }
            if (count > 0) {
                Storage.AGENDA_COUNT.remove(state, at.block());
            }
            at = new Place(at.block() + 1, 0);
        }
        Storage.AGENDA_NEXT.put(state, at);
        return Optional.empty();
    }
}
