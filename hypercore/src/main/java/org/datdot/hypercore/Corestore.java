package org.datdot.hypercore;

import java.io.Closeable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.DiscoveryKey;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.wire.Protomux;
import org.jspecify.annotations.Nullable;

/**
 * Many cores in one directory, which npm corestore 7 opens as well. Writable cores are opened by name, their key pairs
 * derived from the store's primary key; other people's cores by key. Thread-safe. One process at a time, and one instance.
 *
 * <p>Failures of the disk are {@link StorageException}s whose message says what to do. Source: npm corestore index.js.
 */
public final class Corestore implements Closeable {
    private static final byte[] DEFAULT_NAMESPACE = new byte[32];

    private final OpenStore store;
    private final byte[] namespace;
    private final boolean root;
    /** The handles opened by this session which are not closed. */
    private final Set<Hypercore> handles = ConcurrentHashMap.newKeySet();

    private final List<Subscription> watches = new CopyOnWriteArrayList<>();

    /**
     * A core in the store.
     *
     * @param key the core's key
     * @param discoveryKey what peers ask for it by
     * @param name the name it was opened by, or null
     * @param lengthBlocks length of the newest signed head
     * @param writable whether the key pair is here
     * @param hosted whether block bytes come from a {@link BlockSource}
     */
    public record CoreInfo(
            CoreKey key,
            DiscoveryKey discoveryKey,
            @Nullable String name,
            long lengthBlocks,
            boolean writable,
            boolean hosted) {}

    private Corestore(OpenStore store, byte[] namespace, boolean root) {
        this.store = store;
        this.namespace = namespace;
        this.root = root;
    }

    /**
     * Opens the store in a directory, or makes one there.
     *
     * @throws StorageException when it is open elsewhere, damaged, of another format, not writable, or the disk is full
     */
    public static Corestore open(Path directory, StoreOptions options) {
        return new Corestore(OpenStore.open(directory, options), DEFAULT_NAMESPACE, true);
    }

    /**
     * A session of the same store, whose names are independent of other namespaces'. Closing it closes the handles of cores
     * that were opened by it, and not the store.
     */
    public Corestore namespace(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return new Corestore(store, Blake2b.hash(namespace, utf8), false);
    }

    /** A session of the same store and namespace; closing it closes the handles of cores that were opened by it. */
    public Corestore session() {
        return new Corestore(store, namespace, false);
    }

    private Hypercore handle(OpenCore core) {
        Hypercore handle = new Hypercore(core, store.writable() ? HandleKind.PLAIN : HandleKind.READ_ONLY);
        if (!root) {
            handles.add(handle);
            handle.onClose = () -> handles.remove(handle);
        }
        return handle;
    }

    /** The writable core of a name, made when it does not exist. */
    public Hypercore get(String name) {
        return handle(store.named(namespace, name));
    }

    /** The core with a key; when it is not in the store, an empty one to be filled by peers. */
    public Hypercore get(CoreKey key) {
        return handle(store.keyed(key, null));
    }

    /**
     * The writable core of a manifest, made when it does not exist; as npm corestore's {@code get({ manifest, keyPair })}.
     *
     * @param signer the key pair of one of the manifest's signers
     */
    public Hypercore get(Manifest manifest, KeyPair signer) {
        return handle(store.signed(manifest.coreKey(), manifest, signer));
    }

    /** The core of a manifest that others sign, or nobody; as npm corestore's {@code get({ manifest })}. */
    public Hypercore get(Manifest manifest) {
        OpenCore core = store.keyed(manifest.coreKey(), manifest);
        core.state().writer().learn(manifest);
        return handle(core);
    }

    /**
     * The writable core whose key is the signer's public key, as releases of the stock software before 11 made them; as
     * npm hypercore's option {@code compat}.
     */
    public Hypercore compat(KeyPair signer) {
        Manifest manifest = Manifest.single(signer.publicKey());
        return handle(store.signed(new CoreKey(signer.publicKey().bytes()), manifest, signer));
    }

    /** The key pair a name stands for in this namespace, as npm corestore's {@code createKeyPair}. */
    public KeyPair keyPair(String name) {
        return store.keyPair(namespace, name);
    }

    /** The cores that were opened by a name in this namespace. */
    public List<CoreInfo> listNamed() {
        return store.listNamed(namespace);
    }

    /**
     * Tells of every core of the store that is opened from now on, by anybody: by name or key, or because a peer asked for
     * it. The handle given is a weak one, see {@link Hypercore#weak()}. Runs on a thread of its own; ends when what is
     * returned, or this session, is closed.
     */
    public Subscription watch(Consumer<Hypercore> watcher) {
        Subscription watch = store.watch(watcher);
        watches.add(watch);
        return watch;
    }

    /**
     * Has a core belong to a group from now on, so that it is told of and listed when it changes. A core belongs to one
     * group at most. The stock packages call this experimental. As npm hypercore's {@code setGroup}.
     *
     * @throws StorageException kind CONFLICT when it belongs to another one
     */
    public void joinGroup(Hypercore core, Hash topic) {
        core.opened().join(topic);
    }

    /**
     * The cores of a group whose head has changed since they belong to it, each once.
     *
     * @param sinceMillis only those that have changed at that time or later, milliseconds since 1970
     * @param newestFirst whether what changed last comes first
     */
    public List<CoreKey> groupUpdates(Hash topic, long sinceMillis, boolean newestFirst) {
        return store.groups().updates(topic, sinceMillis, newestFirst);
    }

    /**
     * Tells whenever a core of a group has another head, of any group when the topic is null; on a thread of its own. Ends
     * when what is returned, or this session, is closed. As npm corestore's {@code notifyGroup} and event
     * {@code group-active}.
     */
    public Subscription watchGroup(@Nullable Hash topic, Consumer<GroupUpdate> watcher) {
        Subscription watch = store.groups().watch(topic, watcher);
        watches.add(watch);
        return watch;
    }

    /**
     * Brings everything to the disk and has the database rest: whoever reads or writes from then on, peers too, waits until
     * {@link #resume}. For when the machine or the application is put to sleep.
     */
    public void suspend() {
        store.storage().suspend();
    }

    /** Ends what {@link #suspend} began. */
    public void resume() {
        store.storage().resume();
    }

    /** All cores in the store. */
    public List<CoreInfo> list() {
        return store.list();
    }

    /**
     * Replicates over a connection: the cores that have open handles at once and as they are opened, the other cores in the
     * store when the remote asks for them.
     */
    public void replicate(Protomux mux) {
        store.replicate(mux);
    }

    /**
     * Serves a core whose blocks are not in this store. Its tree, head and bitfield are stored, the bytes of blocks are
     * read from the source when somebody asks for them and checked against the tree. After a restart the blocks count as
     * not available until this is called again with a source. Parts that are known already are kept.
     *
     * @throws InvalidProofException when the manifest is not the key's or the head is not validly signed
     * @throws StorageException kind CONFLICT when blocks of the core are stored here themselves
     */
    public Hypercore host(CoreImport verified, BlockSource source) {
        if (!verified.manifest().verify(verified.key(), verified.head())) {
            throw new InvalidProofException("the head of core " + verified.key() + " is not signed by its manifest");
        }
        OpenCore core = store.keyed(verified.key(), verified.manifest());
        try {
            serve(core, verified, source);
        } catch (RuntimeException e) {
            core.release();
            throw e;
        }
        return handle(core);
    }

    private static void serve(OpenCore core, CoreImport verified, BlockSource source) {
        CoreState state = core.state();
        if (!state.hosted()) {
            if (state.bitfield().end() > 0) {
                throw new StorageException(
                        StorageException.Kind.CONFLICT,
                        "core " + verified.key() + " has its own blocks in this store; purge it before hosting it");
            }
            state.makeHosted();
        }
        core.replicator().downloading(false);
        state.source(source);
        if (!state.writer().holds(verified)) state.writer().importParts(verified);
    }

    /**
     * Ends the hosting of a core: it is removed from the store.
     *
     * @return false when no such core is hosted
     */
    public boolean unhost(CoreKey key) {
        OpenCore core = store.discovered(DiscoveryKey.of(key));
        return core != null && core.state().hosted() && store.purge(key);
    }

    /**
     * Removes a core with all its blocks; open handles of it are dead afterwards.
     *
     * @return false when no such core is stored
     */
    public boolean purge(CoreKey key) {
        return store.purge(key);
    }

    /**
     * Compares everything stored of a core with its signed head, without changing anything. Open handles of it are dead
     * afterwards. Reads all its blocks; meanwhile who opens the core waits, and the other cores go on.
     *
     * @return null when no such core is stored
     */
    public @Nullable AuditReport audit(CoreKey key) {
        return audit(key, AuditProgress.SILENT);
    }

    /** As {@link #audit(CoreKey)}, and says how far it has come. */
    public @Nullable AuditReport audit(CoreKey key, AuditProgress progress) {
        return store.audit(key, false, progress);
    }

    /**
     * As {@link #audit}, and mends what is wrong: what follows from the blocks is restored, what nothing vouches for is
     * dropped, so that peers can supply it again. Helps as well when the core cannot be opened any more.
     *
     * @return what was wrong; null when no such core is stored
     */
    public @Nullable AuditReport repair(CoreKey key) {
        return repair(key, AuditProgress.SILENT);
    }

    /** As {@link #repair(CoreKey)}, and says how far it has come. */
    public @Nullable AuditReport repair(CoreKey key, AuditProgress progress) {
        return store.audit(key, true, progress);
    }

    /**
     * Gives the space of purged cores and of cleared or cut off blocks back to the disk at once, which happens by and by
     * otherwise. Takes as long as rewriting what the store holds.
     */
    public void compact() {
        store.storage().compact();
    }

    /** What is put into it is written to several cores of this store at once, or not at all. */
    public StoreBatch batch() {
        return new StoreBatch(store.storage());
    }

    /** Closes the store with all its cores; a session or a namespace closes what was opened by it alone. */
    @Override
    public void close() {
        for (Subscription watch : watches) watch.close();
        watches.clear();
        for (Hypercore each : handles) each.close();
        if (root) store.close();
    }
}
