package org.datdot.swarm;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.ConnectOptions;
import org.datdot.dht.DhtException;
import org.datdot.dht.MutableValue;
import org.datdot.dht.Peer;
import org.datdot.dht.PeerNetwork;
import org.jspecify.annotations.Nullable;

/** The ways of a swarm to a peer whose key is known: through the DHT by UDP, and where it accepts TCP and WebSocket. */
final class PeerWays {
    private static final System.Logger LOG = System.getLogger(PeerWays.class.getName());

    private final Swarm swarm;
    private final @Nullable PeerNetwork network;
    private final ConnectOptions usual;

    /**
     * The ways.
     *
     * @param network null when there is no DHT to go through
     * @param usual how peers are connected to through it where nothing else is said
     */
    PeerWays(Swarm swarm, @Nullable PeerNetwork network, ConnectOptions usual) {
        this.swarm = swarm;
        this.network = network;
        this.usual = usual;
    }

    /** Whether there is a DHT to go through. */
    boolean throughDht() {
        return network != null;
    }

    /** Dials in the usual way, see {@link #dial(PublicKey, ConnectOptions, List, Gate)}. */
    Connection dial(PublicKey peer, List<Endpoint> known, Gate gate) throws IOException {
        return dial(peer, usual, known, gate);
    }

    /**
     * Dials by UDP, and when that fails or takes long, everywhere else: at the endpoints that are known, and at those the peer
     * names in the DHT.
     *
     * @param how it is connected to through the DHT
     * @throws IOException of the first way that failed
     */
    Connection dial(PublicKey peer, ConnectOptions how, List<Endpoint> known, Gate gate) throws IOException {
        PeerNetwork through = network;
        KeyDial dial = new KeyDial(gate);
        List<KeyDial.Way> others = ways(known, peer);
        if (through == null) return dial.run(null, others, List::of);
        return dial.run(once -> direct(swarm, through, peer, how, _ -> once), others, () -> {
            List<Endpoint> named = new ArrayList<>(endpoints(peer));
            named.removeAll(known);
            return ways(named, peer);
        });
    }

    private List<KeyDial.Way> ways(List<Endpoint> endpoints, PublicKey peer) {
        List<KeyDial.Way> ways = new ArrayList<>();
        for (Endpoint endpoint : endpoints) ways.add(gate -> swarm.connect(endpoint, peer, gate));
        return ways;
    }

    private static boolean isPublic(Endpoint endpoint) {
        try {
            endpoint.requirePublic();
            return true;
        } catch (IOException e) {
            LOG.log(Level.DEBUG, e::getMessage);
            return false;
        }
    }

    /**
     * Dials through the DHT alone.
     *
     * @param gate made when it is known where the peer is, before the secret stream's headers are exchanged
     */
    static Connection direct(
            Swarm swarm, PeerNetwork through, PublicKey peer, ConnectOptions how, Function<Peer, Gate> gate)
            throws IOException {
        AtomicReference<@Nullable UdxByteStream> stream = new AtomicReference<>();
        Peer found = through.connect(swarm.keys(), peer, how, connected -> {
            UdxByteStream made = new UdxByteStream(connected.stream(), connected.address());
            stream.set(made);
            return made;
        });
        return swarm.join(swarm.begin(Objects.requireNonNull(stream.get()), found.session()), gate.apply(found));
    }

    /**
     * Where the peer says in the DHT that it accepts connections besides UDP; nowhere when it does not, or nobody answers. Only
     * on a DHT of this machine alone may that be in a private network.
     */
    List<Endpoint> endpoints(PublicKey peer) {
        PeerNetwork through = network;
        if (through == null) return List.of();
        try {
            MutableValue value = through.dht().mutableGet(peer, 0);
            if (value == null) return List.of();
            boolean local = through.dht().localAddress().getAddress().isLoopbackAddress();
            return EndpointRecord.decode(value.value()).stream()
                    .filter(endpoint -> local || isPublic(endpoint))
                    .toList();
        } catch (DhtException e) {
            LOG.log(Level.DEBUG, () -> "could not ask where " + peer + " is reached: " + e.getMessage(), e);
            return List.of();
        }
    }
}
