package org.datdot.hypercore;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Hands a core's events on to one handle's own listeners, on threads of their own: they may call back into the core. */
final class HandleListeners implements CoreListener {
    private static final System.Logger LOG = System.getLogger(HandleListeners.class.getName());

    final List<Consumer<TreeHead>> appends = new CopyOnWriteArrayList<>();
    final List<Consumer<TreeHead>> updates = new CopyOnWriteArrayList<>();
    final List<Consumer<CoreConflict>> conflicts = new CopyOnWriteArrayList<>();

    @Override
    public void onHead(CoreState core, TreeHead previous, boolean local) {
        TreeHead head = core.head();
        if (local && head.fork() != previous.fork()) return;
        List<Consumer<TreeHead>> interested = local ? appends : updates;
        if (interested.isEmpty()) return;
        Thread.ofVirtual().name("datdot-core-event").start(() -> tell(interested, head));
    }

    @Override
    public void onConflict(CoreState core, CoreConflict conflict) {
        Thread.ofVirtual().name("datdot-core-event").start(() -> tell(conflicts, conflict));
    }

    private static <T> void tell(List<Consumer<T>> interested, T event) {
        for (Consumer<T> listener : interested) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "a listener failed", e);
            }
        }
    }
}
