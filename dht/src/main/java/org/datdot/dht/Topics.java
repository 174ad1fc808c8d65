package org.datdot.dht;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.datdot.crypto.KeyPair;

/**
 * What a swarm asks the DHT about a topic: who is announced there, in the same query as its own announcement or withdrawal (npm
 * {@code hyperdht}, {@code index.js}: {@code announce}, {@code lookupAndUnannounce}). Results throw {@link DhtException} when
 * nobody could be asked or told. The nodes closest to a topic are remembered for as long as this is: the next query about it
 * begins with them.
 */
public final class Topics {
    private final Dht dht;
    private final Map<Target, List<PeerAddress>> closest = new ConcurrentHashMap<>();

    /** Asks through a node, which stays the caller's. */
    public Topics(Dht dht) {
        this.dht = dht;
    }

    /** Who is announced: one result for each node that knows somebody, as they answer. */
    public DhtResults<LookupResult> lookup(Target topic) {
        RecordClient records = records(topic);
        return dht.stream((results, now) -> records.lookup(topic, results::add, end(topic, results), now));
    }

    /**
     * Announces a peer, and tells who else is announced. All is said when the results end.
     *
     * @param relays nodes that pass on handshakes to the peer, of which others keep three
     * @param clear whether to withdraw older announcements of the peer from nodes that do not get the new one
     */
    public DhtResults<LookupResult> announce(Target topic, KeyPair keys, List<PeerAddress> relays, boolean clear) {
        List<PeerAddress> copy = List.copyOf(relays);
        RecordClient records = records(topic);
        return dht.stream((results, now) ->
                records.announceAndLookup(topic, keys, copy, clear, results::add, end(topic, results), now));
    }

    /** Withdraws the announcement of a peer from all nodes that are met and have it, and tells who else is announced. */
    public DhtResults<LookupResult> unannounce(Target topic, KeyPair keys) {
        RecordClient records = records(topic);
        return dht.stream((results, now) -> {
            dht.store().forget(topic, keys.publicKey());
            return records.unannounceAndLookup(topic, keys, results::add, end(topic, results), now);
        });
    }

    private RecordClient records(Target topic) {
        return new RecordClient(dht.node(), closest.getOrDefault(topic, List.of()));
    }

    private RecordClient.End end(Target topic, DhtResults<?> results) {
        RecordClient.End told = Dht.end(results);
        return new RecordClient.End() {
            @Override
            public void finished(List<PeerAddress> nodes) {
                closest.put(topic, nodes);
                told.finished(nodes);
            }

            @Override
            public void failed(DhtException.Reason reason) {
                told.failed(reason);
            }
        };
    }
}
