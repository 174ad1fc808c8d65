package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Hash;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.jspecify.annotations.Nullable;

/** The groups of cores in a store, and who is told when one of their cores has changed. */
final class StoreGroups implements CoreListener {
    private static final System.Logger LOG = System.getLogger(StoreGroups.class.getName());

    private final CoreStorage storage;
    private final List<Watch> watches = new CopyOnWriteArrayList<>();

    StoreGroups(CoreStorage storage) {
        this.storage = storage;
    }

    /** Somebody who is told of one group, or of all. */
    private record Watch(@Nullable Hash topic, Consumer<GroupUpdate> watcher) {}

    Subscription watch(@Nullable Hash topic, Consumer<GroupUpdate> watcher) {
        Watch watch = new Watch(topic, watcher);
        watches.add(watch);
        return () -> watches.remove(watch);
    }

    /** The number of a group, -1 when there is none. */
    private long find(Hash topic) {
        byte[] record = storage.get(StorageKeys.groupTopic(topic.bytes()));
        if (record == null) return -1;
        return storage.decoded("group " + topic, () -> new CompactDecoder(record).uint());
    }

    /** The place of a group, which is made when there is none; the caller holds the store's lock. */
    StoreRecord.GroupPlace place(Hash topic, StoreRecord.StoreHead head) {
        long known = find(topic);
        if (known >= 0) return new StoreRecord.GroupPlace(topic, known);
        long fresh = head.groups();
        storage.write(out -> {
            out.put(
                    StorageKeys.storeHead(),
                    new StoreRecord.StoreHead(head.cores(), head.datas(), fresh + 1, head.seed(), head.defaultCore()));
            out.put(
                    StorageKeys.groupTopic(topic.bytes()),
                    new CompactEncoder().uint(fresh).toBytes());
        });
        return new StoreRecord.GroupPlace(topic, fresh);
    }

    /** The cores of a group by the time of their heads, oldest first. */
    List<CoreKey> updates(Hash topic, long sinceMillis, boolean newestFirst) {
        long group = find(topic);
        List<CoreKey> keys = new ArrayList<>();
        if (group < 0) return keys;
        storage.scan(
                StorageKeys.groupEntry(group, sinceMillis, 0),
                StorageKeys.groupEntry(group + 1, 0, 0),
                (_, key) -> keys.add(new CoreKey(key)));
        if (newestFirst) Collections.reverse(keys);
        return keys;
    }

    @Override
    public void onHead(CoreState core, TreeHead previous, boolean local) {
        Hash topic = core.group().topic();
        if (topic == null || watches.isEmpty()) return;
        TreeHead head = core.head();
        GroupUpdate update = new GroupUpdate(topic, core.key(), head.length(), head.fork());
        Thread.ofVirtual().name("datdot-store-event").start(() -> tell(update));
    }

    private void tell(GroupUpdate update) {
        for (Watch watch : watches) {
            if (watch.topic != null && !watch.topic.equals(update.topic())) continue;
            try {
                watch.watcher.accept(update);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "who watches a group failed", e);
            }
        }
    }
}
