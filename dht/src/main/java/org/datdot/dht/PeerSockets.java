package org.datdot.dht;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.datdot.udx.Udx;
import org.datdot.udx.UdxSocket;
import org.jspecify.annotations.Nullable;

/**
 * All sockets of a {@link PeerNetwork}: the two of the node, and those to punch holes with, which stay open for as long as a
 * punch or a stream needs them (npm {@code hyperdht}, {@code lib/socket-pool.js}). Any thread may call.
 */
final class PeerSockets implements PunchSockets {
    /** One punch with random ports takes 256, others one each. */
    static final int MAX_PUNCHING = 768;

    private static final System.Logger LOG = System.getLogger(PeerSockets.class.getName());
    private static final long LINGER_MS = 6_000;

    /** What a socket belongs to. */
    interface Owner {
        /** A datagram of the DHT came. */
        void received(LocalSocket socket, byte[] datagram, InetSocketAddress from);

        /** Something is to be told as an event of the node. */
        void run(Consumer<Long> event);
    }

    private static final class Punch {
        final SharedPort port;
        boolean wanted = true;
        int streams;

        Punch(SharedPort port) {
            this.port = port;
        }
    }

    private final Udx udx;
    private final SharedPort server;
    private final SharedPort client;
    private final InetAddress host;
    private final Map<LocalSocket, Punch> punches = new HashMap<>();
    private final Map<UdxSocket, LocalSocket> names = new HashMap<>();
    private int wanted;
    private volatile @Nullable Owner owner;
    private volatile @Nullable RelayDialer relays;

    private PeerSockets(Udx udx, SharedPort server, SharedPort client, InetAddress host) {
        this.udx = udx;
        this.server = server;
        this.client = client;
        this.host = host;
    }

    /** Binds the two of the node; see {@link PeerNetwork#open}. */
    static PeerSockets bind(Udx udx, InetSocketAddress address) throws IOException {
        SharedPort server = DhtPorts.bindServer(address, one -> SharedPort.bind(udx, one));
        SharedPort client = SharedPort.bind(udx, new InetSocketAddress(address.getAddress(), 0));
        return new PeerSockets(udx, server, client, address.getAddress());
    }

    void belongTo(Owner newOwner) {
        owner = newOwner;
    }

    void relays(RelayDialer dialer) {
        relays = dialer;
    }

    synchronized boolean relaysIfNobody(RelayDialer dialer) {
        if (relays != null) return false;
        relays = dialer;
        return true;
    }

    @Nullable
    RelayDialer relays() {
        return relays;
    }

    Udx udx() {
        return udx;
    }

    SharedPort server() {
        return server;
    }

    SharedPort client() {
        return client;
    }

    /** Does something as an event of the node. */
    void tell(Runnable event) {
        Owner told = owner;
        if (told != null) told.run(now -> event.run());
    }

    @Override
    public @Nullable LocalSocket open(Listener listener) {
        SharedPort port;
        synchronized (this) {
            if (wanted >= MAX_PUNCHING) return null;
            wanted++;
        }
        try {
            port = SharedPort.bind(udx, new InetSocketAddress(host, 0));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot open a socket to punch a hole with", e);
            synchronized (this) {
                wanted--;
            }
            return null;
        }
        LocalSocket socket = LocalSocket.forPunching(port.localAddress().getPort());
        synchronized (this) {
            punches.put(socket, new Punch(port));
            names.put(port.socket(), socket);
        }
        port.listen((datagram, from) -> received(socket, listener, datagram, from));
        return socket;
    }

    private void received(LocalSocket socket, Listener listener, byte[] datagram, InetSocketAddress from) {
        Owner told = owner;
        if (told == null || !(from.getAddress() instanceof Inet4Address) || from.getPort() == 0) return;
        if (datagram.length > 1) told.received(socket, datagram, from);
        else told.run(now -> listener.probed(socket, PeerAddress.of(from)));
    }

    @Override
    public void close(LocalSocket socket) {
        synchronized (this) {
            Punch punch = punches.get(socket);
            if (punch == null || !punch.wanted) return;
            punch.wanted = false;
            wanted--;
            closeIfUnused(socket, punch);
        }
    }

    /** What streams are connected through; null when it is closed. */
    @Nullable
    UdxSocket socket(LocalSocket socket) {
        SharedPort port = port(socket);
        return port == null ? null : port.socket();
    }

    private @Nullable SharedPort port(LocalSocket socket) {
        if (socket == LocalSocket.SERVER) return server;
        if (socket == LocalSocket.CLIENT) return client;
        synchronized (this) {
            Punch punch = punches.get(socket);
            return punch == null ? null : punch.port;
        }
    }

    /** A stream goes through it. */
    synchronized void hold(UdxSocket socket) {
        Punch punch = punch(socket);
        if (punch != null) punch.streams++;
    }

    /** A stream no longer goes through it. */
    synchronized void letGo(UdxSocket socket) {
        Punch punch = punch(socket);
        LocalSocket name = names.get(socket);
        if (punch == null || name == null) return;
        punch.streams--;
        // The stream's last packets are still to go out, and maybe to be repeated.
        CompletableFuture.delayedExecutor(LINGER_MS, TimeUnit.MILLISECONDS).execute(() -> {
            synchronized (this) {
                closeIfUnused(name, punch);
            }
        });
    }

    private @Nullable Punch punch(UdxSocket socket) {
        LocalSocket name = names.get(socket);
        return name == null ? null : punches.get(name);
    }

    private void closeIfUnused(LocalSocket socket, Punch punch) {
        if (punch.wanted || punch.streams > 0 || punches.remove(socket) == null) return;
        names.remove(punch.port.socket());
        punch.port.close();
    }

    /** Closes those that were opened to punch, with the streams that go through them. */
    synchronized void endPunches() {
        punches.values().forEach(punch -> punch.port.close());
        punches.clear();
        names.clear();
        wanted = 0;
    }

    /** How many are open to punch, or because a stream came through them. */
    synchronized int punching() {
        return punches.size();
    }

    /**
     * Sends a datagram of the node. The JDK cannot limit how far a single one travels, so that one which is {@linkplain
     * Outgoing#near meant} to die on the way arrives at the peer's router, which drops what it does not expect.
     */
    void send(Outgoing datagram) {
        SharedPort port = port(datagram.socket());
        if (port != null) port.send(datagram.datagram(), datagram.to().toSocketAddress());
    }
}
