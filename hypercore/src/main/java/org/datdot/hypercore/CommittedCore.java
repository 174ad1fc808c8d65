package org.datdot.hypercore;

import java.util.List;

/**
 * What of a core is on disk: the signed head, which blocks are held and the hints about them. Changes move it when they
 * are written, in the order they were accepted. The head and the contiguous length are read without the core's lock, all
 * else with it. Source of the rules: npm hypercore lib/session-state.js.
 */
final class CommittedCore {
    private final CoreState core;
    private final CoreListeners listeners;
    private final Bitfield bitfield;
    private volatile TreeHead head;
    private volatile long contiguousLength;
    private volatile StoreRecord.CoreHints hints;
    /** Of the hints as they are on disk; what peers say is written along with the next change. */
    private long storedRemoteContiguous;

    CommittedCore(CoreState core, CoreListeners listeners, StoredCore stored) {
        this.core = core;
        this.listeners = listeners;
        this.head = stored.head();
        this.bitfield = stored.bitfield();
        this.contiguousLength = bitfield.firstUnset(stored.hints().contiguousLength());
        this.hints = stored.hints();
        this.storedRemoteContiguous = hints.remoteContiguousLength();
    }

    TreeHead head() {
        return head;
    }

    long contiguousLength() {
        return contiguousLength;
    }

    Bitfield bitfield() {
        return bitfield;
    }

    StoreRecord.CoreHints hints() {
        return hints;
    }

    /** Takes what a peer says it holds from the first block on; whether that is more than any did before. */
    boolean remoteContiguous(long length) {
        if (length <= hints.remoteContiguousLength()) return false;
        hints = new StoreRecord.CoreHints(hints.contiguousLength(), length, hints.recovering());
        return true;
    }

    /** Puts a group of changes into a write batch. One thread at a time, without the lock. */
    void write(CoreStorage.Writer out, List<CoreChange> changes) {
        StoreRecord.CoreHints now = hints.withContiguousLength(contiguousLength);
        new ChangeWriter(out, core, bitfield).write(changes, core.keys().record(), now, storedRemoteContiguous);
        storedRemoteContiguous = now.remoteContiguousLength();
    }

    /** Makes written changes visible and tells the listeners. */
    void take(List<CoreChange> changes) {
        TreeHead previous = head;
        boolean local = false;
        boolean learnt = false;
        boolean upgraded = false;
        CoreChange cut = null;
        for (CoreChange change : changes) {
            core.tip().forget(change.nodes);
            if (change.end() > change.start) bitfield.setRange(change.start, change.end(), !change.drops());
            if (change.drops()) contiguousLength = Math.min(contiguousLength, change.start);
            if (change.truncates()) cut = change;
            if (change.head != null) head = change.head;
            upgraded |= change.head != null;
            local |= change.head != null && change.local;
            learnt |= change.manifest;
        }
        if (cut != null) core.cut();
        contiguousLength = bitfield.firstUnset(contiguousLength);
        boolean byUs = local;
        if (learnt) listeners.tell(listener -> listener.onManifest(core));
        if (cut != null) {
            long ancestors = cut.start;
            hints = hints.cutTo(head.length());
            listeners.tell(listener -> listener.onTruncate(core, previous, ancestors));
            listeners.tellBlocks(changes);
        }
        if (upgraded) listeners.tell(listener -> listener.onHead(core, previous, byUs));
        if (cut == null) listeners.tellBlocks(changes);
    }
}
