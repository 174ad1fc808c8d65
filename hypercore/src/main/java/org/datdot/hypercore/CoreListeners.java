package org.datdot.hypercore;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Who hears of a core's commits. One that throws is reported in the log and does not keep the others from hearing. */
final class CoreListeners {
    private static final System.Logger LOG = System.getLogger(CoreListeners.class.getName());

    private final CoreState state;
    private final List<CoreListener> listeners = new CopyOnWriteArrayList<>();

    CoreListeners(CoreState state) {
        this.state = state;
    }

    void add(CoreListener listener) {
        listeners.add(listener);
    }

    void remove(CoreListener listener) {
        listeners.remove(listener);
    }

    void clear() {
        listeners.clear();
    }

    void tell(Consumer<CoreListener> event) {
        for (CoreListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "a listener of core " + state.key() + " failed", e);
            }
        }
    }

    /** Tells of stored and dropped blocks, neighbouring changes as one range. */
    void tellBlocks(List<CoreChange> changes) {
        long start = 0;
        long end = 0;
        for (CoreChange change : changes) {
            if (change.end() <= change.start) continue;
            if (!change.local && !change.values.isEmpty()) {
                tell(listener -> listener.onDownload(state, change.start, change.end()));
            }
            if (change.drops()) {
                tellRange(start, end);
                start = 0;
                end = 0;
                tell(listener -> listener.onDrop(state, change.start, change.end()));
            } else if (change.start == end && end > start) {
                end = change.end();
            } else {
                tellRange(start, end);
                start = change.start;
                end = change.end();
            }
        }
        tellRange(start, end);
    }

    void tellRange(long start, long end) {
        if (end > start) tell(listener -> listener.onBlocks(state, start, end));
    }
}
