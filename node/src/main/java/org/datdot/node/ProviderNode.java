package org.datdot.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.datdot.chain.LedgerClient;
import org.datdot.chain.RpcLedgerClient;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.BootstrapNode;
import org.datdot.hosting.BlindPeer;
import org.datdot.hosting.BlindPeerOptions;
import org.datdot.hosting.Provider;
import org.datdot.hosting.ProviderOptions;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Call;
import org.datdot.ledger.Form;
import org.datdot.ledger.Queries;
import org.datdot.ledger.User;
import org.jspecify.annotations.Nullable;

/** One provider: its keys, its folder, its listening socket, its connection to the ledger, and the jobs it does. */
final class ProviderNode implements AutoCloseable {
    private final long user;
    private final PeerNode node;
    private final InetSocketAddress address;
    private final Resources resources;

    private ProviderNode(User user, PeerNode node, InetSocketAddress address, Resources resources) {
        this.user = user.id();
        this.node = node;
        this.address = address;
        this.resources = resources;
    }

    /**
     * Starts a provider in a folder, with a new account when there is none, and makes its offer known.
     *
     * @param path its data directory
     * @param listen where peers reach it; port 0 takes the port of the last time, or any
     * @param network the ledger
     * @param bootstrap where the DHT begins through which readers find it, as far as the ledger says; none for no DHT
     * @param alerts told of what somebody should look at
     */
    static ProviderNode start(
            Path path,
            InetSocketAddress listen,
            URI network,
            Function<RpcLedgerClient, List<BootstrapNode>> bootstrap,
            Offer offer,
            Consumer<String> alerts) {
        Resources resources = new Resources();
        try {
            RpcLedgerClient ledger = resources.add(RpcLedgerClient.connect(network));
            PeerNode node = PeerNode.open(path, path, path.resolve("store"), bootstrap.apply(ledger), true);
            resources.add(node::close);
            InetSocketAddress bound = node.listen(listen);
            User user = Users.enrol(ledger, node.keys());
            resources.add(Provider.start(
                    node.keys(),
                    ledger,
                    node.peers(),
                    node.store(),
                    path.resolve("replicas"),
                    ProviderOptions.defaults(offer.storage().bytes()),
                    alerts));
            register(ledger, node.keys(), offer, bound);
            return new ProviderNode(user, node, bound, resources);
        } catch (IOException | RuntimeException e) {
            throw resources.closeAfter(e);
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
        if (!user.form().equals(Optional.of(form))) {
            ledger.submit(keys, new Call.RegisterForWork(form));
        }
    }

    /** Its number on the ledger. */
    long user() {
        return user;
    }

    /** Its identity on connections. */
    PublicKey noiseKey() {
        return keys().noise().publicKey();
    }

    /** Its account. */
    AccountKeys keys() {
        return node.keys();
    }

    /** Where it listens. */
    InetSocketAddress address() {
        return address;
    }

    /** Also lets peers in whom no UDP reaches. Returns where it accepts WebSockets; null for nowhere. */
    @Nullable
    InetSocketAddress open(ReachOptions reach) {
        return reach.open(node, address);
    }

    /** Also keeps cores for apps that ask for it, unpaid. */
    BlindPeer keepCores(BlindPeerOptions options) {
        return resources.add(BlindPeer.start(noiseKey(), node.store(), node.peers(), options));
    }

    /** Leaves the DHT without a word, as when all of it ends. */
    void leaveNetwork() {
        node.leaveNetwork();
    }

    @Override
    public void close() {
        resources.close();
    }

    /** The loopback address with a port. */
    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
