package org.datdot.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.datdot.crypto.Entropy;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.PeerNetwork;
import org.datdot.hosting.Peers;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.ledger.AccountKeys;
import org.datdot.swarm.SwarmOptions;
import org.jspecify.annotations.Nullable;

/** What every participant runs: its account, its store of cores, and its connections to peers. */
final class PeerNode implements AutoCloseable {
    private final Path folder;
    private final AccountKeys keys;
    private final Corestore store;
    private final Peers peers;
    private final @Nullable PeerNetwork network;
    private final Resources resources;

    private PeerNode(
            Path folder,
            AccountKeys keys,
            Corestore store,
            Peers peers,
            @Nullable PeerNetwork network,
            Resources resources) {
        this.folder = folder;
        this.keys = keys;
        this.store = store;
        this.peers = peers;
        this.network = network;
        this.resources = resources;
    }

    /** Opens the store of the person whose home this is, without a network; one process at a time. */
    static PeerNode open(Home home) {
        return open(home, List.of());
    }

    /** Opens the store of the person whose home this is, and meets peers through the DHT; one process at a time. */
    static PeerNode open(Home home, List<BootstrapNode> bootstrap) {
        return open(home.root().resolve("account"), home.root().resolve("store"), bootstrap);
    }

    /** Opens a store, below {@code cores} in its folder, with the account of another folder. */
    static PeerNode open(Path account, Path folder, List<BootstrapNode> bootstrap) {
        return open(account, folder, folder.resolve("cores"), bootstrap, false);
    }

    /**
     * Opens a store, with a new account when there is none.
     *
     * @param account the folder of the account
     * @param folder what this process locks, and where the port of the last time is kept
     * @param cores the Corestore
     * @param bootstrap where the DHT begins through which peers are met; none for no DHT
     * @param lasting whether this is meant to run for long, so that other nodes of the DHT may rely on it
     */
    static PeerNode open(Path account, Path folder, Path cores, List<BootstrapNode> bootstrap, boolean lasting) {
        Resources resources = new Resources();
        try {
            DataDirectory directory = DataDirectory.open(folder);
            resources.add(directory::close);
            AccountKeys keys = AccountFile.openOrCreate(account, Entropy.system());
            Corestore store = resources.add(Corestore.open(cores, StoreOptions.defaults()));
            PeerNetwork network = bootstrap.isEmpty() ? null : DhtNetwork.join(bootstrap, lasting);
            if (network != null) resources.add(network::close);
            Peers peers = resources.add(new Peers(keys.noise(), store, SwarmOptions.defaults()));
            if (network != null) peers.join(network);
            return new PeerNode(folder, keys, store, peers, network, resources);
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
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

    /** Whether peers are met through the DHT. */
    boolean meets() {
        return network != null;
    }

    /** Whether they are met through a DHT of this machine alone. */
    boolean meetsOnThisMachine() {
        return network != null && network.dht().localAddress().getAddress().isLoopbackAddress();
    }

    /** Leaves the DHT without a word, as when all of it ends: then nobody is there to be told. */
    void leaveNetwork() {
        if (network != null) network.dht().close();
    }

    /**
     * Accepts connections.
     *
     * @param wanted where; with port 0 where it listened before, so that what others were told stays true, else any port
     */
    InetSocketAddress listen(InetSocketAddress wanted) {
        try {
            return wanted.getPort() == 0 ? listenWhereBefore(wanted) : peers.listen(wanted);
        } catch (IOException e) {
            throw new NodeException(Exit.NETWORK, String.valueOf(e.getMessage()), e);
        }
    }

    private InetSocketAddress listenWhereBefore(InetSocketAddress wanted) throws IOException {
        Path file = folder.resolve("port");
        int before = 0;
        try {
            before = Integer.parseInt(
                    Files.readString(file, StandardCharsets.US_ASCII).strip());
        } catch (NoSuchFileException | NumberFormatException _) {
            // the first start, or a file cut short by a power failure: any port will do
        }
        if (before != 0) {
            try {
                return peers.listen(new InetSocketAddress(wanted.getAddress(), before));
            } catch (IOException _) {
                return peers.listen(wanted); // taken by somebody else meanwhile; perhaps not so the next time
            }
        }
        InetSocketAddress bound = peers.listen(wanted);
        Files.writeString(file, bound.getPort() + "\n", StandardCharsets.US_ASCII);
        return bound;
    }

    @Override
    public void close() {
        resources.close();
    }
}
