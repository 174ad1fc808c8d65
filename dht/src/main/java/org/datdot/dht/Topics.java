package org.datdot.dht;

import java.util.List;
import org.datdot.crypto.KeyPair;

/**
 * What a swarm asks the DHT about a topic: who is announced there, in the same query as its own announcement or withdrawal (npm
 * {@code hyperdht}, {@code index.js}: {@code announce}, {@code lookupAndUnannounce}). Results throw {@link DhtException} when
 * nobody could be asked or told.
 */
public final class Topics {
    private final Dht dht;

    /** Asks through a node, which stays the caller's. */
    public Topics(Dht dht) {
        this.dht = dht;
    }

    /** Who is announced: one result for each node that knows somebody, as they answer. */
    public DhtResults<LookupResult> lookup(Target topic) {
        return dht.lookup(topic);
    }

    /**
     * Announces a peer, and tells who else is announced. All is said when the results end.
     *
     * @param relays nodes that pass on handshakes to the peer, of which others keep three
     * @param clear whether to withdraw older announcements of the peer from nodes that do not get the new one
     */
    public DhtResults<LookupResult> announce(Target topic, KeyPair keys, List<PeerAddress> relays, boolean clear) {
        List<PeerAddress> copy = List.copyOf(relays);
        RecordClient records = new RecordClient(dht.node());
        return dht.stream((results, now) ->
                records.announceAndLookup(topic, keys, copy, clear, results::add, Dht.end(results), now));
    }

    /** Withdraws the announcement of a peer from all nodes that are met and have it, and tells who else is announced. */
    public DhtResults<LookupResult> unannounce(Target topic, KeyPair keys) {
        RecordClient records = new RecordClient(dht.node());
        return dht.stream((results, now) -> {
            dht.store().forget(topic, keys.publicKey());
            return records.unannounceAndLookup(topic, keys, results::add, Dht.end(results), now);
        });
    }
}
