package org.datdot.node;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.datdot.crypto.Entropy;
import org.datdot.hosting.Peers;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.ledger.AccountKeys;
import org.datdot.swarm.SwarmOptions;

/** A person's own store and connections, for as long as one command runs: what publishes, sponsors and reads. */
final class PersonalNode implements AutoCloseable {
    private final AccountKeys keys;
    private final Corestore store;
    private final Peers peers;
    private final Path folder;
    private final Deque<Closeable> resources;

    private PersonalNode(AccountKeys keys, Path folder, Corestore store, Peers peers, Deque<Closeable> resources) {
        this.keys = keys;
        this.folder = folder;
        this.store = store;
        this.peers = peers;
        this.resources = resources;
    }

    /** Opens the person's store; one process at a time. */
    static PersonalNode open(Home home) {
        return open(home.root().resolve("account"), home.root().resolve("store"));
    }

    /** Opens a store with the account of another folder. */
    static PersonalNode open(Path account, Path storeFolder) {
        Deque<Closeable> resources = new ArrayDeque<>();
        try {
            DataDirectory directory = DataDirectory.open(storeFolder);
            resources.push(directory::close);
            AccountKeys keys = AccountFile.openOrCreate(account, Entropy.system());
            Corestore store = Corestore.open(storeFolder.resolve("cores"), StoreOptions.defaults());
            resources.push(store);
            Peers peers = new Peers(keys.noise(), store, SwarmOptions.defaults());
            resources.push(peers);
            return new PersonalNode(keys, storeFolder, store, peers, resources);
        } catch (RuntimeException e) {
            ProviderNode.close(resources, e);
            throw Failures.explain(e);
        }
    }

    AccountKeys keys() {
        return keys;
    }

    Corestore store() {
        return store;
    }

    Peers peers() {
        return peers;
    }

    /**
     * Accepts connections, so that encoders can fetch from here.
     *
     * @param address with port 0, the port of the last time: a running plan tells encoders that one
     */
    InetSocketAddress listen(InetSocketAddress address) {
        try {
            return ProviderNode.listen(folder, peers, address);
        } catch (IOException e) {
            throw new NodeException(Exit.NETWORK, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        ProviderNode.close(resources, null);
    }
}
