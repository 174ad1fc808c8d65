package org.datdot.swarm;

import java.util.function.Predicate;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.PublicKey;

/**
 * How a {@link Hyperswarm} behaves (npm {@code hyperswarm}, {@code index.js}).
 *
 * @param maxPeers with so many peers no more are dialled; those asked for by their key are
 * @param maxClientConnections how many connections may be dialled by this side
 * @param maxParallel how many dials may be under way
 * @param firewall which peers are refused, and from then on banned; asked under a lock: must be quick
 * @param relayThrough names relays for connections that find no direct way
 * @param entropy where jitter and the order of peers come from
 */
public record HyperswarmOptions(
        int maxPeers,
        int maxClientConnections,
        int maxParallel,
        Predicate<PublicKey> firewall,
        RelayChoice relayThrough,
        Entropy entropy) {
    /** Refuses what cannot work. */
    public HyperswarmOptions {
        if (maxPeers < 0 || maxClientConnections < 0 || maxParallel < 1) {
            throw new IllegalArgumentException("limits are not negative, and dialling needs one dial at a time");
        }
    }

    /** The stock ones: 64 peers, 3 dials at a time, everybody welcome, no relays. */
    public static HyperswarmOptions defaults() {
        return new HyperswarmOptions(64, Integer.MAX_VALUE, 3, _ -> false, RelayChoice.NOBODY, Entropy.system());
    }

    /** These with another number of peers. */
    public HyperswarmOptions withMaxPeers(int peers) {
        return new HyperswarmOptions(peers, maxClientConnections, maxParallel, firewall, relayThrough, entropy);
    }

    /** These with other limits on dials: connections dialled, and dials at a time. */
    public HyperswarmOptions withDials(int clientConnections, int parallel) {
        return new HyperswarmOptions(maxPeers, clientConnections, parallel, firewall, relayThrough, entropy);
    }

    /** These with another decision on who is refused. */
    public HyperswarmOptions withFirewall(Predicate<PublicKey> refused) {
        return new HyperswarmOptions(maxPeers, maxClientConnections, maxParallel, refused, relayThrough, entropy);
    }

    /** These with other relays for connections that find no direct way. */
    public HyperswarmOptions withRelayThrough(RelayChoice relays) {
        return new HyperswarmOptions(maxPeers, maxClientConnections, maxParallel, firewall, relays, entropy);
    }

    /** These with another source of randomness. */
    public HyperswarmOptions withEntropy(Entropy source) {
        return new HyperswarmOptions(maxPeers, maxClientConnections, maxParallel, firewall, relayThrough, source);
    }
}
