package org.datdot.hypercore;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * Turns a group of a core's changes into records: tree nodes and blocks each, but the head, the hints and every touched
 * page of the bitfield once per group. Source of the records: npm hypercore lib/session-state.js.
 */
final class ChangeWriter {
    private final CoreStorage.Writer out;
    private final long data;
    private final long core;
    private final Bitfield committed;
    private final CoreState state;
    private final Map<Long, Bitfield> pages = new HashMap<>();

    ChangeWriter(CoreStorage.Writer out, CoreState state, Bitfield committed) {
        CoreStorage.Pointers pointers = state.pointers();
        this.out = out;
        this.state = state;
        this.data = pointers.dataPointer();
        this.core = pointers.corePointer();
        this.committed = committed;
    }

    /**
     * Writes them.
     *
     * @param storedRemote the remote contiguous length as it is on disk
     */
    void write(List<CoreChange> changes, StoreRecord.CoreAuth auth, StoreRecord.CoreHints hints, long storedRemote) {
        BlockRows rows = BlockRows.of(changes);
        TreeHead newest = null;
        boolean keys = false;
        long contiguous = hints.contiguousLength();
        long remote = hints.remoteContiguousLength();
        for (CoreChange change : changes) {
            if (change.truncates()) {
                out.cutTree(data, change.start, change.cutLength);
                remote = Math.min(remote, Objects.requireNonNull(change.head).length());
            }
            for (TreeNode node : change.nodes) out.treeNode(data, node);
            if (change.drops()) {
                out.deleteRange(StorageKeys.block(data, change.start), StorageKeys.block(data, change.end()));
                contiguous = Math.min(contiguous, change.start);
            } else {
                if (rows == null) putBlocks(change);
                if (change.start <= contiguous) contiguous = Math.max(contiguous, change.end());
            }
            markPages(change);
            CoreStorage.WriteAction extra = change.extra();
            if (extra != null) extra.fill(out);
            if (change.head != null) newest = change.head;
            keys |= change.manifest;
        }
        if (rows != null) rows.write(out, data);
        for (Map.Entry<Long, Bitfield> page : pages.entrySet()) {
            out.put(
                    StorageKeys.bitfieldPage(data, page.getKey()),
                    page.getValue().pageBytes(page.getKey()));
        }
        writeState(newest, keys ? auth : null);
        if (contiguous != hints.contiguousLength() || remote != storedRemote) {
            out.put(StorageKeys.hints(data), new StoreRecord.CoreHints(contiguous, remote, hints.recovering()));
        }
    }

    private void writeState(@Nullable TreeHead newest, StoreRecord.@Nullable CoreAuth auth) {
        if (newest != null) out.put(StorageKeys.head(data), state.group().moved(out, state, newest));
        if (auth != null) out.put(StorageKeys.auth(core), auth);
    }

    private void putBlocks(CoreChange change) {
        for (int i = 0; i < change.values.size(); i++) {
            out.put(StorageKeys.block(data, change.start + i), change.values.get(i));
        }
    }

    private void markPages(CoreChange change) {
        if (change.end() <= change.start) return;
        long last = Bitfield.pageNumber(change.end() - 1);
        for (long number = Bitfield.pageNumber(change.start); number <= last; number++) {
            Bitfield page = pages.computeIfAbsent(number, committed::copyOfPage);
            long base = number * Bitfield.BITS_PER_PAGE;
            page.setRange(
                    Math.max(base, change.start),
                    Math.min(base + Bitfield.BITS_PER_PAGE, change.end()),
                    !change.drops());
        }
    }
}
