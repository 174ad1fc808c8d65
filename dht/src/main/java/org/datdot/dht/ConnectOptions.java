package org.datdot.dht;

import java.util.List;
import java.util.function.Predicate;
import org.datdot.crypto.PublicKey;
import org.jspecify.annotations.Nullable;

/**
 * How a peer is connected to (npm {@code hyperdht}, options of {@code connect}).
 *
 * @param relays nodes that are known to pass on handshakes to it; may be empty
 * @param relayThrough a peer that joins the streams when there is no direct way, or is none yet; see {@link PeerNetwork#relays}
 * @param mayPunch decides before a hole is punched; asked with the lock of the DHT: must not block
 */
public record ConnectOptions(
        List<PeerAddress> relays, @Nullable PublicKey relayThrough, Predicate<PunchPlan> mayPunch) {
    /** Nothing known, no relay, holes where they help. */
    public static final ConnectOptions DEFAULT = new ConnectOptions(List.of(), null, _ -> true);

    /** Copies the list. */
    public ConnectOptions {
        relays = List.copyOf(relays);
    }

    /** These with other nodes that pass on handshakes. */
    public ConnectOptions withRelays(List<PeerAddress> nodes) {
        return new ConnectOptions(nodes, relayThrough, mayPunch);
    }

    /** These with another relay of streams, or none. */
    public ConnectOptions withRelayThrough(@Nullable PublicKey relay) {
        return new ConnectOptions(relays, relay, mayPunch);
    }

    /** These with another decision on holes. */
    public ConnectOptions withMayPunch(Predicate<PunchPlan> decision) {
        return new ConnectOptions(relays, relayThrough, decision);
    }
}
