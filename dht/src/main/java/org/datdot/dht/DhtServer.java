package org.datdot.dht;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.datdot.crypto.PublicKey;

/** A key under which a node can be connected to. Closing withdraws its announcement; connections live on. */
public final class DhtServer implements AutoCloseable {
    /** What the server is made of, on the side of the network. */
    interface Host {
        List<PeerAddress> relays();

        /** Withdraws the announcement until {@link #resume}; done when that is over. */
        CompletableFuture<Boolean> suspend();

        /** Announces it again; done when that was tried. */
        CompletableFuture<Boolean> resume();

        void close();
    }

    private final PublicKey publicKey;
    private final Host host;

    DhtServer(PublicKey publicKey, Host host) {
        this.publicKey = publicKey;
        this.host = host;
    }

    /** Who listens. */
    public PublicKey publicKey() {
        return publicKey;
    }

    /** The nodes that pass handshakes on to it at present; clients that know them connect sooner. */
    public List<PeerAddress> relays() {
        return host.relays();
    }

    CompletableFuture<Boolean> suspend() {
        return host.suspend();
    }

    CompletableFuture<Boolean> resume() {
        return host.resume();
    }

    /** Ends it, after telling the nodes that passed handshakes on. Closing twice does nothing. */
    @Override
    public void close() {
        host.close();
    }
}
