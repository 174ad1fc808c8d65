package org.datdot.hypercore;

import java.time.InstantSource;
import org.datdot.crypto.Hash;
import org.jspecify.annotations.Nullable;

/**
 * The group a core belongs to, if any, and its place in the group's list of newest updates: one entry by the time of the
 * core's head, which moves with it. Written by the commit queue, one thread at a time. Source: setGroup and
 * updateGroupIndex in npm hypercore lib/core.js and lib/session-state.js.
 */
final class CoreGroup {
    private final CoreStorage.Pointers pointers;
    private final InstantSource clock;
    private volatile StoreRecord.@Nullable GroupPlace place;
    private long headMillis;

    CoreGroup(CoreStorage storage, CoreStorage.Pointers pointers) {
        this.pointers = pointers;
        this.clock = storage.clock();
        long data = pointers.dataPointer();
        this.headMillis = StoredCore.storedHead(storage, data).millis();
        byte[] record = storage.get(StorageKeys.group(pointers.corePointer()));
        if (record != null) {
            place = storage.decoded(
                    "group of core " + pointers.corePointer(), () -> StoreRecord.GroupPlace.decode(record));
        }
    }

    /** The group's topic, null when it belongs to none. */
    @Nullable
    Hash topic() {
        StoreRecord.GroupPlace known = place;
        return known == null ? null : known.topic();
    }

    /** Has the core belong to a group; durable when it returns. */
    void join(CoreState core, StoreRecord.GroupPlace group) {
        StoreRecord.GroupPlace known = place;
        if (known != null && known.topic().equals(group.topic())) return;
        if (known != null) {
            throw new StorageException(
                    StorageException.Kind.CONFLICT,
                    "core " + core.key() + " belongs to the group " + known.topic() + " already");
        }
        core.tip()
                .commit(CoreChange.barrier(core)
                        .with(out -> out.put(StorageKeys.group(pointers.corePointer()), group)));
        place = group;
    }

    /** What is stored of a new head, with the core's new place in the list of its group. */
    StoreRecord.StoredHead moved(CoreStorage.Writer out, CoreState core, TreeHead head) {
        StoreRecord.GroupPlace known = place;
        if (known == null) return StoreRecord.StoredHead.of(head);
        leave(out);
        headMillis = Math.max(1, clock.millis());
        out.put(
                StorageKeys.groupEntry(known.pointer(), headMillis, pointers.corePointer()),
                core.key().bytes());
        return StoreRecord.StoredHead.of(head, headMillis);
    }

    /** Takes the core out of the list of its group. */
    void leave(CoreStorage.Writer out) {
        StoreRecord.GroupPlace known = place;
        if (known != null) out.delete(StorageKeys.groupEntry(known.pointer(), headMillis, pointers.corePointer()));
    }
}
