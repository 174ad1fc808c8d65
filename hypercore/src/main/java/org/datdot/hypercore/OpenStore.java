package org.datdot.hypercore;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.DiscoveryKey;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Namespaces;
import org.datdot.wire.Protomux;
import org.jspecify.annotations.Nullable;

/**
 * What all namespaces of an open store share: the database, the primary key, the cores that are open and the connections
 * they are replicated over. Source of the rules: npm corestore index.js and hypercore-storage index.js.
 */
final class OpenStore implements AutoCloseable {
    /** The protocol and its older name. */
    private static final List<String> PROTOCOLS = List.of(Replicator.PROTOCOL, "hypercore");

    private static final byte[] CORESTORE = Namespaces.derive("corestore", 0)[0];

    private final CoreStorage storage;
    private final byte[] primaryKey;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<DiscoveryKey, OpenCore> cores = new HashMap<>();
    private final List<Protomux> connections = new CopyOnWriteArrayList<>();
    /** Cores that are looked through or removed now. */
    private final Set<DiscoveryKey> reserved = new HashSet<>();

    private final List<Consumer<Hypercore>> watches = new CopyOnWriteArrayList<>();
    private final boolean writable;
    private final boolean active;
    private final StoreGroups groups;

    private final Condition freed = lock.newCondition();
    private boolean closed;

    private OpenStore(CoreStorage storage, byte[] primaryKey, StoreOptions options) {
        this.storage = storage;
        this.primaryKey = primaryKey;
        this.writable = options.writable();
        this.active = options.active();
        this.groups = new StoreGroups(storage);
    }

    Subscription watch(Consumer<Hypercore> watcher) {
        watches.add(watcher);
        return () -> watches.remove(watcher);
    }

    /** Whether handles may append and truncate. */
    boolean writable() {
        return writable;
    }

    static OpenStore open(Path directory, StoreOptions options) {
        CoreStorage storage = CoreStorage.open(directory, options);
        try {
            return new OpenStore(storage, primaryKey(storage, options), options);
        } catch (RuntimeException e) {
            storage.close();
            throw e;
        }
    }

    private static byte[] primaryKey(CoreStorage storage, StoreOptions options) {
        StoreRecord.StoreHead head = head(storage);
        byte[] stored = head.seed();
        byte[] wanted = options.primaryKey();
        if (stored != null) {
            if (wanted == null || Arrays.equals(stored, wanted)) return stored;
            throw new StorageException(
                    StorageException.Kind.CONFLICT,
                    "the store " + storage.directory()
                            + " belongs to another identity; use its recovery phrase, or another" + " directory");
        }
        byte[] seed = wanted;
        if (seed == null) {
            seed = new byte[32];
            options.entropy().fill(seed);
        }
        byte[] fresh = seed;
        storage.write(out -> out.put(
                StorageKeys.storeHead(),
                new StoreRecord.StoreHead(head.cores(), head.datas(), head.groups(), fresh, head.defaultCore())));
        return fresh;
    }

    private static StoreRecord.StoreHead head(CoreStorage storage) {
        byte[] value = storage.get(StorageKeys.storeHead());
        if (value == null) return new StoreRecord.StoreHead(0, 0, 0, null, null);
        return storage.decoded("store head", () -> StoreRecord.StoreHead.decode(value));
    }

    CoreStorage storage() {
        return storage;
    }

    StoreGroups groups() {
        return groups;
    }

    /** The place of a group, made when there is none. */
    StoreRecord.GroupPlace group(Hash topic) {
        lock.lock();
        try {
            requireOpen();
            return groups.place(topic, head(storage));
        } finally {
            lock.unlock();
        }
    }

    /** The key pair of a name: {@code BLAKE2b(NS || namespace || name, key = primaryKey)} as seed. */
    KeyPair keyPair(byte[] namespace, String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return KeyPair.fromSeed(Blake2b.hash(32, primaryKey, CORESTORE, namespace, utf8));
    }

    OpenCore named(byte[] namespace, String name) {
        KeyPair pair = keyPair(namespace, name);
        OpenCore core;
        lock.lock();
        try {
            requireOpen();
            byte[] aliased = storage.get(StorageKeys.alias(namespace, name));
            Manifest manifest = Manifest.single(pair.publicKey());
            CoreKey key = manifest.coreKey();
            OpenCore known = find(aliased != null ? new DiscoveryKey(aliased) : DiscoveryKey.of(key));
            if (known == null) core = create(key, manifest, pair, name, namespace);
            else core = known;
        } finally {
            lock.unlock();
        }
        core.state().writer().adopt(pair);
        return retained(core);
    }

    OpenCore signed(CoreKey key, Manifest manifest, KeyPair pair) {
        OpenCore core;
        lock.lock();
        try {
            requireOpen();
            OpenCore known = find(DiscoveryKey.of(key));
            core = known != null ? known : create(key, manifest, pair, null, null);
        } finally {
            lock.unlock();
        }
        core.state().writer().adopt(pair);
        return retained(core);
    }

    OpenCore keyed(CoreKey key, @Nullable Manifest manifest) {
        OpenCore core;
        lock.lock();
        try {
            requireOpen();
            OpenCore known = find(DiscoveryKey.of(key));
            core = known != null ? known : create(key, manifest, null, null, null);
        } finally {
            lock.unlock();
        }
        return retained(core);
    }

    /** Counts a handle and brings the core to every connection. Never called with a lock held. */
    private OpenCore retained(OpenCore core) {
        core.retain();
        for (Protomux mux : active ? connections : List.<Protomux>of()) {
            if (!mux.closed()) core.replicator().attach(mux);
        }
        return core;
    }

    /** An open or stored core, null when there is none, or it is being looked through. */
    @Nullable
    OpenCore discovered(DiscoveryKey discoveryKey) {
        lock.lock();
        try {
            return closed || reserved.contains(discoveryKey) ? null : find(discoveryKey);
        } finally {
            lock.unlock();
        }
    }

    /** An open or stored core, null when there is none; waits while it is reserved. */
    private @Nullable OpenCore find(DiscoveryKey discoveryKey) {
        awaitFree(discoveryKey);
        OpenCore open = cores.get(discoveryKey);
        if (open != null) return open;
        byte[] pointers = storage.get(StorageKeys.core(discoveryKey.bytes()));
        return pointers == null ? null : open(discoveryKey, pointers);
    }

    private OpenCore open(DiscoveryKey discoveryKey, byte[] pointers) {
        StoreRecord.CorePointers record = pointers(pointers);
        record.requireConverted();
        // All that was changed by version 2 is written so with the next change; the stock software marks cores when
        // opened.
        if (record.version() < StoreRecord.VERSION) {
            storage.write(out -> out.put(StorageKeys.core(discoveryKey.bytes()), record));
        }
        StoredCore stored = StoredCore.load(storage, record);
        if (stored.auth().keyPair() != null) stored.removeUnfinished(storage);
        OpenCore core = new OpenCore(this, new CoreState(storage, stored));
        core.state().addListener(groups);
        cores.put(discoveryKey, core);
        for (Consumer<Hypercore> watch : watches) {
            Thread.ofVirtual()
                    .name("datdot-store-event")
                    .start(() -> watch.accept(new Hypercore(core, HandleKind.WEAK)));
        }
        return core;
    }

    private OpenCore create(
            CoreKey key,
            @Nullable Manifest manifest,
            @Nullable KeyPair pair,
            @Nullable String alias,
            byte @Nullable [] namespace) {
        StoreRecord.StoreHead head = head(storage);
        DiscoveryKey discoveryKey = DiscoveryKey.of(key);
        byte[] defaultCore = head.defaultCore() == null ? discoveryKey.bytes() : head.defaultCore();
        StoreRecord.CorePointers core = new StoreRecord.CorePointers(head.cores(), head.datas(), alias, namespace);
        storage.write(out -> {
            out.put(
                    StorageKeys.storeHead(),
                    new StoreRecord.StoreHead(
                            head.cores() + 1, head.datas() + 1, head.groups(), head.seed(), defaultCore));
            out.put(StorageKeys.core(discoveryKey.bytes()), core);
            if (alias != null && namespace != null) {
                out.put(StorageKeys.alias(namespace, alias), discoveryKey.bytes());
            }
            out.put(
                    StorageKeys.auth(core.corePointer()),
                    new StoreRecord.CoreAuth(key, discoveryKey, manifest, pair, null));
        });
        return open(discoveryKey, core.encode());
    }

    /** Closes a core, if it is open; its handles are dead then. Null when there is none in the store. */
    private StoreRecord.@Nullable CorePointers shut(DiscoveryKey discoveryKey) {
        OpenCore open;
        byte[] record;
        lock.lock();
        try {
            requireOpen();
            record = storage.get(StorageKeys.core(discoveryKey.bytes()));
            open = cores.remove(discoveryKey);
        } finally {
            lock.unlock();
        }
        if (open != null) open.close();
        if (record == null) return null;
        StoreRecord.CorePointers core = pointers(record);
        core.requireConverted();
        return core;
    }

    private StoreRecord.CorePointers pointers(byte[] record) {
        return storage.decoded("place of a core", () -> StoreRecord.CorePointers.decode(record));
    }

    /** Looks through everything stored for a core, and mends it when asked to; null when there is none. */
    @Nullable
    AuditReport audit(CoreKey key, boolean repair, AuditProgress progress) {
        DiscoveryKey discoveryKey = DiscoveryKey.of(key);
        reserve(discoveryKey);
        try {
            StoreRecord.CorePointers core = shut(discoveryKey);
            if (core == null) return null;
            CoreStorage.Pointers pointers = storage.pointers(core.corePointer(), core.dataPointer());
            return new CoreAudit(storage, pointers, progress).run(repair);
        } finally {
            giveBack(discoveryKey);
        }
    }

    /** Has those wait who open a core, until it is given back; the others go on. Called without the lock. */
    private void reserve(DiscoveryKey discoveryKey) {
        lock.lock();
        try {
            requireOpen();
            awaitFree(discoveryKey);
            reserved.add(discoveryKey);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nobody has reserved a core; the caller holds the lock, which others get meanwhile. */
    private void awaitFree(DiscoveryKey discoveryKey) {
        while (reserved.contains(discoveryKey)) freed.awaitUninterruptibly();
        requireOpen();
    }

    private void giveBack(DiscoveryKey discoveryKey) {
        lock.lock();
        try {
            reserved.remove(discoveryKey);
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Removes a core and everything stored for it; false when there is none. */
    boolean purge(CoreKey key) {
        DiscoveryKey discoveryKey = DiscoveryKey.of(key);
        reserve(discoveryKey);
        try {
            return purge(discoveryKey);
        } finally {
            giveBack(discoveryKey);
        }
    }

    private boolean purge(DiscoveryKey discoveryKey) {
        StoreRecord.CorePointers core = shut(discoveryKey);
        if (core == null) return false;
        List<Long> datas = new ArrayList<>(List.of(core.dataPointer()));
        for (StoreRecord.Sessions.Named each : sessions(core.corePointer()).all()) datas.add(each.dataPointer());
        storage.write(out -> {
            out.delete(StorageKeys.core(discoveryKey.bytes()));
            String alias = core.alias();
            byte[] namespace = core.aliasNamespace();
            if (alias != null && namespace != null) out.delete(StorageKeys.alias(namespace, alias));
            long pointer = core.corePointer();
            new CoreGroup(storage, storage.pointers(pointer, core.dataPointer())).leave(out);
            out.deleteRange(StorageKeys.coreStart(pointer), StorageKeys.coreStart(pointer + 1));
            for (long data : datas) out.deleteRange(StorageKeys.dataStart(data), StorageKeys.dataStart(data + 1));
        });
        return true;
    }

    StoreRecord.Sessions sessions(long corePointer) {
        return storage.decoded(
                "sessions of core " + corePointer,
                () -> StoreRecord.Sessions.decode(storage.get(StorageKeys.sessions(corePointer))));
    }

    /** Where a core's named session keeps its data; made, as a copy of the core's head, when it does not exist. */
    CoreStorage.Pointers session(CoreState core, String name) {
        long corePointer = core.pointers().corePointer();
        lock.lock();
        try {
            requireOpen();
            StoreRecord.Sessions known = sessions(corePointer);
            long existing = known.find(name);
            if (existing >= 0) return storage.pointers(corePointer, existing);
            StoreRecord.StoreHead head = head(storage);
            long data = head.datas();
            storage.write(out -> {
                out.put(
                        StorageKeys.storeHead(),
                        new StoreRecord.StoreHead(
                                head.cores(), data + 1, head.groups(), head.seed(), head.defaultCore()));
                out.put(StorageKeys.sessions(corePointer), known.with(name, data));
                SessionState.begin(out, core, data, core.head());
            });
            return storage.pointers(corePointer, data);
        } finally {
            lock.unlock();
        }
    }

    /** Removes a session and its data; false when there is none of that name. */
    boolean deleteSession(long corePointer, String name) {
        lock.lock();
        try {
            requireOpen();
            StoreRecord.Sessions known = sessions(corePointer);
            long data = known.find(name);
            if (data < 0) return false;
            StoreRecord.Sessions rest = known.without(name);
            for (StoreRecord.Sessions.Named other : rest.all()) {
                for (StoreRecord.Dependency older :
                        storage.pointers(corePointer, other.dataPointer()).dependencies()) {
                    if (older.dataPointer() != data) continue;
                    throw new StorageException(
                            StorageException.Kind.CONFLICT,
                            "session " + name + " is continued by session " + other.name() + ": delete that one first");
                }
            }
            storage.write(out -> {
                out.put(StorageKeys.sessions(corePointer), rest);
                out.deleteRange(StorageKeys.dataStart(data), StorageKeys.dataStart(data + 1));
            });
            return true;
        } finally {
            lock.unlock();
        }
    }

    List<Corestore.CoreInfo> list() {
        List<Corestore.CoreInfo> infos = new ArrayList<>();
        storage.scan(StorageKeys.coresStart(), StorageKeys.coresEnd(), (key, value) -> infos.add(info(value)));
        return infos;
    }

    List<Corestore.CoreInfo> listNamed(byte[] namespace) {
        List<Corestore.CoreInfo> infos = new ArrayList<>();
        storage.scan(StorageKeys.aliasesStart(namespace), StorageKeys.aliasesEnd(namespace), (_, discoveryKey) -> {
            byte[] record = storage.get(StorageKeys.core(discoveryKey));
            if (record != null) infos.add(info(record));
        });
        return infos;
    }

    private Corestore.CoreInfo info(byte[] record) {
        StoreRecord.CorePointers core = pointers(record);
        StoreRecord.CoreAuth keys = StoredCore.auth(storage, core.corePointer());
        long data = core.dataPointer();
        long length = StoredCore.storedHead(storage, data).length();
        boolean hosted = storage.get(StorageKeys.userData(data, StoredCore.HOSTED)) != null;
        return new Corestore.CoreInfo(
                keys.key(), keys.discoveryKey(), core.alias(), length, keys.keyPair() != null, hosted);
    }

    /** Replicates the cores with handles over a connection, and others when the remote asks for them. */
    void replicate(Protomux mux) {
        List<OpenCore> open;
        lock.lock();
        try {
            requireOpen();
            connections.removeIf(Protomux::closed);
            connections.add(mux);
            open = List.copyOf(cores.values());
        } finally {
            lock.unlock();
        }
        for (String protocol : PROTOCOLS) mux.pair(protocol, this::asked);
        mux.cork();
        try {
            for (OpenCore core : open) {
                if (active && core.wanted()) core.replicator().attach(mux);
            }
        } finally {
            mux.uncork();
        }
    }

    /** The remote opened a core which is not replicated over this connection yet; doing nothing rejects it. */
    private void asked(Protomux mux, byte @Nullable [] id) {
        if (id == null || id.length != 32) return;
        OpenCore core = discovered(new DiscoveryKey(id));
        if (core != null) core.replicator().attach(mux);
    }

    private void requireOpen() {
        if (closed) throw new StorageException(StorageException.Kind.CLOSED, "the store is closed");
    }

    @Override
    public void close() {
        List<OpenCore> open;
        lock.lock();
        try {
            if (closed) return;
            closed = true;
            open = List.copyOf(cores.values());
            cores.clear();
        } finally {
            lock.unlock();
        }
        for (OpenCore core : open) core.close();
        storage.close();
    }
}
