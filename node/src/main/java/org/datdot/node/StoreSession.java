package org.datdot.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.PeerNetwork;
import org.datdot.drive.Hyperdrive;
import org.datdot.hosting.PeerAddress;
import org.datdot.hosting.Peers;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.EncryptionKey;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.Manifest;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.Connection;
import org.datdot.swarm.SwarmOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A store that a command works on, and the peers it may ask for what the store does not have. */
final class StoreSession implements AutoCloseable {
    /** How long to wait for a first answer of a peer. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final String OWN = "own";
    private static final String NAMED = "name:";

    /** What is named by the parameters of {@code drive}, {@code bee} and {@code core}. */
    static final String WHICH = "a key, 'own' for the store's own one, or name:NAME for one it has by that name";

    private final Corestore store;
    private final Peers peers;
    private final AutoCloseable resources;
    private final boolean connected;
    private final BlockSecret secret;
    private final PublicKey publicKey;
    private @Nullable PeerNetwork network;

    /** The options that name the store and the peers. */
    static final class Choice {
        @Mixin
        GlobalOptions global = new GlobalOptions();

        @Option(
                names = "--store",
                paramLabel = "FOLDER",
                description = "The Corestore folder to work on, of this or a stock program that is not running"
                        + " (default: the store of the home).")
        @Nullable
        Path store;

        @Option(
                names = "--peer",
                paramLabel = "ADDRESS",
                description = "Ask this peer for what the store does not have, and for the newest version; may be"
                        + " repeated.")
        List<String> peers = new ArrayList<>();

        @Mixin
        BlockSecret secret = new BlockSecret();

        /** Opens the store to read from it. */
        StoreSession open() {
            return StoreSession.open(this, false);
        }

        /** Opens the store to write to it; it is made when there is none. */
        StoreSession openToWrite() {
            return StoreSession.open(this, true);
        }
    }

    private StoreSession(
            Corestore store,
            Peers peers,
            PublicKey publicKey,
            AutoCloseable resources,
            boolean connected,
            BlockSecret secret) {
        this.publicKey = publicKey;
        this.secret = secret;
        this.store = store;
        this.peers = peers;
        this.resources = resources;
        this.connected = connected;
    }

    private static StoreSession open(Choice choice, boolean create) {
        choice.secret.key(); // so that a wrong one is refused before anything is opened
        List<PeerAddress> known = Arguments.peers(choice.peers);
        Path folder = choice.store;
        if (folder == null) {
            PeerNode node = PeerNode.open(choice.global.home());
            PublicKey self = node.keys().noise().publicKey();
            return connect(
                    new StoreSession(node.store(), node.peers(), self, node, !known.isEmpty(), choice.secret), known);
        }
        if (!create && known.isEmpty() && !Files.isDirectory(folder)) {
            throw new NodeException(
                    Exit.NOT_FOUND,
                    "there is no store at " + folder.toAbsolutePath() + ": name the folder of a Corestore, or a peer");
        }
        Resources resources = new Resources();
        try {
            Corestore store = resources.add(Corestore.open(folder, StoreOptions.defaults()));
            KeyPair self = KeyPair.generate(Entropy.system());
            Peers peers = resources.add(new Peers(self, store, SwarmOptions.defaults()));
            return connect(
                    new StoreSession(store, peers, self.publicKey(), resources, !known.isEmpty(), choice.secret),
                    known);
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
    }

    private static StoreSession connect(StoreSession session, List<PeerAddress> known) {
        List<String> failures = new ArrayList<>();
        for (PeerAddress peer : known) {
            try {
                session.peers.connect(peer.endpoints());
            } catch (IOException | RuntimeException e) {
                failures.add(peer + " (" + Failures.explain(e).getMessage() + ")");
            }
        }
        if (!known.isEmpty() && failures.size() == known.size()) {
            session.close();
            throw new NodeException(Exit.NETWORK, "no peer can be reached: " + String.join("; ", failures));
        }
        return session;
    }

    Corestore store() {
        return store;
    }

    /** Listens for peers, which may read whatever key they know that is in the store. */
    InetSocketAddress listen(InetSocketAddress address) {
        try {
            return peers.listen(address);
        } catch (IOException e) {
            throw new NodeException(Exit.NETWORK, String.valueOf(e.getMessage()), e);
        }
    }

    /** Who this is to its peers. */
    PublicKey publicKey() {
        return publicKey;
    }

    /** Lets readers of a core find this store through the DHT, too, and waits until they do. */
    void announce(List<BootstrapNode> bootstrap, CoreKey core) {
        PeerNetwork joined = DhtNetwork.join(bootstrap, false);
        network = joined;
        peers.join(joined);
        peers.announce(core);
        if (!peers.awaitAnnounced()) {
            throw new NodeException(
                    Exit.NETWORK, "no node of the DHT answers: check --bootstrap, or serve without the DHT");
        }
    }

    /** Also lets peers in whom no UDP reaches. Returns where it accepts WebSockets; null for nowhere. */
    @Nullable
    InetSocketAddress open(ReachOptions reach, InetSocketAddress tcp) {
        PeerNetwork joined = network;
        boolean onThisMachine =
                joined != null && joined.dht().localAddress().getAddress().isLoopbackAddress();
        return reach.open(peers, tcp, onThisMachine);
    }

    /** Bytes received from peers so far. */
    long received() {
        return peers.connections().stream().mapToLong(Connection::bytesRead).sum();
    }

    /** Whether a word of the command line names a drive or a bee, and not a folder. */
    static boolean isName(String word) {
        return word.equals(OWN) || word.startsWith(NAMED) || (!word.contains("/") && isKey(word));
    }

    private static boolean isKey(String word) {
        try {
            CoreKey.parse(word);
            return true;
        } catch (RuntimeException _) {
            return false; // then it is the name of a folder
        }
    }

    /** The drive of that name, at its newest version; reads ask peers only if some were named. */
    Hyperdrive drive(String name) {
        Hyperdrive drive;
        if (name.equals(OWN)) {
            drive = Hyperdrive.open(store, secret.ofDrive());
        } else if (name.startsWith(NAMED)) {
            drive = Hyperdrive.open(store.namespace(name.substring(NAMED.length())), secret.ofDrive());
        } else {
            drive = Hyperdrive.open(store, Arguments.key(name), secret.ofDrive());
        }
        update(drive.dbCore());
        return drive.within(connected ? PATIENCE : Duration.ZERO);
    }

    /** The core of that name, at its newest length. */
    Hypercore core(String name) {
        Hypercore core;
        if (name.equals(OWN)) {
            core = store.get("db");
        } else if (name.startsWith(NAMED)) {
            core = store.get(name.substring(NAMED.length()));
        } else {
            core = store.get(Arguments.key(name));
        }
        update(core);
        EncryptionKey key = secret.key();
        if (key == null) {
            return core;
        }
        try (core) {
            return core.encrypted(key);
        }
    }

    /** The key a word of the command line stands for; the core need not be in the store, nor be readable. */
    CoreKey key(String name) {
        String called = name.equals(OWN) ? "db" : name.startsWith(NAMED) ? name.substring(NAMED.length()) : null;
        if (called == null) {
            return Arguments.key(name);
        }
        CoreKey derived = Manifest.single(store.keyPair(called).publicKey()).coreKey();
        List<CoreKey> known = store.list().stream()
                .filter(core -> core.key().equals(derived) || called.equals(core.name()))
                .map(Corestore.CoreInfo::key)
                .toList();
        return known.size() == 1 ? known.getFirst() : derived;
    }

    /** A block of a core, from the store or in good time from a peer. */
    byte[] block(Hypercore core, long index) {
        byte[] local = core.local(index);
        if (local != null) {
            return local;
        }
        if (!connected) {
            throw new NodeException(
                    Exit.NOT_FOUND,
                    "block " + index + " of core " + core.key() + " is not in the store: name a peer with --peer");
        }
        return core.get(index, PATIENCE);
    }

    /** How long reads wait. */
    Duration patience() {
        return connected ? PATIENCE : Duration.ZERO;
    }

    private void update(Hypercore core) {
        if (core.writable()) {
            return;
        }
        if (connected) {
            core.update(PATIENCE);
        }
        if (core.length() == 0) {
            throw new NodeException(
                    Exit.NOT_FOUND,
                    "nothing is known of " + core.key() + ": check the key"
                            + (connected ? ", or name another peer" : " and --store, or name a peer with --peer"));
        }
    }

    @Override
    public void close() {
        PeerNetwork joined = network;
        try {
            resources.close();
        } catch (Exception e) {
            throw Failures.explain(e);
        } finally {
            if (joined != null) joined.close();
        }
    }
}
