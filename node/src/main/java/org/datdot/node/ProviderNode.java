package org.datdot.node;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.datdot.chain.LedgerClient;
import org.datdot.chain.RpcLedgerClient;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.PublicKey;
import org.datdot.hosting.Peers;
import org.datdot.hosting.Provider;
import org.datdot.hosting.ProviderOptions;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Call;
import org.datdot.ledger.Form;
import org.datdot.ledger.Queries;
import org.datdot.ledger.User;
import org.datdot.swarm.SwarmOptions;

/** One provider: its keys, its folder, its listening socket, its connection to the ledger, and the jobs it does. */
final class ProviderNode implements AutoCloseable {
    private final long user;
    private final AccountKeys keys;
    private final InetSocketAddress address;
    private final Deque<Closeable> resources;

    private ProviderNode(User user, AccountKeys keys, InetSocketAddress address, Deque<Closeable> resources) {
        this.user = user.id();
        this.keys = keys;
        this.address = address;
        this.resources = resources;
    }

    /**
     * Starts a provider in a folder, with a new account when there is none, and makes its offer known.
     *
     * @param path its data directory
     * @param listen where peers reach it; port 0 takes the port of the last time, or any
     * @param network the ledger
     * @param alerts told of what somebody should look at
     */
    static ProviderNode start(Path path, InetSocketAddress listen, URI network, Offer offer, Consumer<String> alerts) {
        Deque<Closeable> resources = new ArrayDeque<>();
        try {
            DataDirectory directory = DataDirectory.open(path);
            resources.push(directory::close);
            AccountKeys keys = AccountFile.openOrCreate(path, Entropy.system());
            Corestore store = Corestore.open(path.resolve("store"), StoreOptions.defaults());
            resources.push(store);
            Peers peers = new Peers(keys.noise(), store, SwarmOptions.defaults());
            resources.push(peers);
            InetSocketAddress bound = listen(path, peers, listen);
            LedgerClient ledger = RpcLedgerClient.connect(network);
            resources.push(ledger);
            User user = Users.enrol(ledger, keys);
            Provider provider = Provider.start(
                    keys,
                    ledger,
                    peers,
                    store,
                    path.resolve("replicas"),
                    ProviderOptions.defaults(offer.storage().bytes()),
                    alerts);
            resources.push(provider);
            register(ledger, keys, offer, bound);
            return new ProviderNode(user, keys, bound, resources);
        } catch (IOException | RuntimeException e) {
            close(resources, e);
            throw Failures.explain(e);
        }
    }

    /** Listens where asked; with port 0, where it listened before, so that what others were told stays true. */
    static InetSocketAddress listen(Path path, Peers peers, InetSocketAddress wanted) throws IOException {
        Path file = path.resolve("port");
        if (wanted.getPort() != 0) {
            return bind(peers, wanted);
        }
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

    private static InetSocketAddress bind(Peers peers, InetSocketAddress wanted) {
        try {
            return peers.listen(wanted);
        } catch (IOException e) {
            throw new NodeException(Exit.NETWORK, String.valueOf(e.getMessage()), e);
        }
    }

    /** Offers on the ledger what is not offered so already. */
    private static void register(LedgerClient ledger, AccountKeys keys, Offer offer, InetSocketAddress bound) {
        String address = Addresses.text(bound);
        User user =
                new Queries(ledger.state()).getUserByAccount(keys.accountId()).orElseThrow();
        long fromMs = user.form()
                .map(Form::fromMs)
                .orElseGet(() -> InstantSource.system().millis());
        Form form = offer.form(address, fromMs);
        boolean paused = user.pausedUntilBlock() > ledger.head().number();
        if (paused || !user.form().equals(java.util.Optional.of(form))) {
            ledger.submit(keys, new Call.RegisterForWork(form));
        }
    }

    /** Its number on the ledger. */
    long user() {
        return user;
    }

    /** Its identity on connections. */
    PublicKey noiseKey() {
        return keys.noise().publicKey();
    }

    /** Its account. */
    AccountKeys keys() {
        return keys;
    }

    /** Where it listens. */
    InetSocketAddress address() {
        return address;
    }

    @Override
    public void close() {
        close(resources, null);
    }

    /** Closes in the reverse order of opening; one failure does not keep the rest open. */
    static void close(Deque<Closeable> resources, @org.jspecify.annotations.Nullable Exception cause) {
        RuntimeException failure = null;
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (IOException | RuntimeException e) {
                if (cause != null) {
                    cause.addSuppressed(e);
                } else if (failure == null) {
                    failure = Failures.explain(e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** The loopback address with a port. */
    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
