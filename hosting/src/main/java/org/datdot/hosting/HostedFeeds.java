package org.datdot.hosting;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.TreeNode;
import org.datdot.hypercore.BlockRange;
import org.datdot.hypercore.CoreImport;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.InvalidProofException;
import org.datdot.hypercore.StorageException;

/**
 * Serves the feeds inside hosted replicas to every Hypercore reader: one core for each feed, made of all replicas that hold
 * a part of it, decoded when somebody reads. For one thread; the served blocks may be read by many.
 */
final class HostedFeeds {
    private static final System.Logger LOG = System.getLogger(HostedFeeds.class.getName());

    private final Corestore store;
    private final Peers peers;
    private final Served counted;
    private final Map<CoreKey, FeedSource> served = new HashMap<>();
    private boolean cleaned;

    /** Readers find this node by the feeds' keys, if the peers have joined a network; what they read is counted. */
    HostedFeeds(Corestore store, Peers peers, Served counted) {
        this.counted = counted;
        this.store = store;
        this.peers = peers;
    }

    /** Serves exactly these replicas: begins with new ones, ends those that are missing. */
    void serve(Collection<Replica> replicas) {
        Map<CoreKey, List<FeedSource.Part>> wanted = new HashMap<>();
        for (Replica replica : replicas) {
            List<ReplicaSegment> segments = replica.spec().segments();
            for (int i = 0; i < segments.size(); i++) {
                wanted.computeIfAbsent(segments.get(i).key(), _ -> new ArrayList<>())
                        .add(new FeedSource.Part(replica, i));
            }
        }
        for (CoreKey key : Set.copyOf(served.keySet())) {
            FeedSource source = served.get(key);
            if (source != null && !wanted.containsKey(key)) end(key, source);
        }
        wanted.forEach(this::serveFeed);
        if (!cleaned) removeForgotten();
        cleaned = true;
    }

    private void serveFeed(CoreKey key, List<FeedSource.Part> parts) {
        FeedSource current = served.get(key);
        Set<FeedSource.Part> wanted = new HashSet<>(parts);
        if (current != null) {
            if (current.parts().equals(wanted)) return;
            if (!wanted.containsAll(current.parts())) end(key, current);
        }
        FeedSource source = new FeedSource(parts, counted);
        try {
            store.host(imported(source), source);
            served.put(key, source);
            peers.announce(key);
            if (current != null) current.close();
            LOG.log(System.Logger.Level.INFO, "serving {0} from {1} replicas", key, parts.size());
        } catch (IOException | StorageException | InvalidProofException e) {
            source.close();
            LOG.log(System.Logger.Level.ERROR, "ALERT: cannot serve feed " + key + ": " + e.getMessage(), e);
        }
    }

    /** The nodes and blocks of all parts under the longest head among them. */
    private static CoreImport imported(FeedSource source) throws IOException {
        ReplicaSegment longest = source.longest();
        List<TreeNode> nodes = new ArrayList<>(longest.head().roots());
        List<BlockRange> held = new ArrayList<>();
        for (FeedSource.Part part : source.parts()) {
            if (part.segment().head().length() != longest.head().length()) {
                // its siblings lead to the roots of another length; readers find it where that length is hosted
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} holds {1} at length {2}, served is length {3} only",
                        part.replica().id(),
                        longest.key(),
                        part.segment().head().length(),
                        longest.head().length());
                continue;
            }
            nodes.addAll(part.replica().treeNodes(part.segmentIndex()));
            held.add(part.segment().range());
        }
        return new CoreImport(longest.key(), longest.manifest(), longest.head(), nodes, held);
    }

    private void end(CoreKey key, FeedSource source) {
        peers.withdraw(key);
        store.unhost(key);
        served.remove(key);
        source.close();
    }

    /** Cores that were hosted when the process ended and are not any more. */
    private void removeForgotten() {
        for (Corestore.CoreInfo core : store.list()) {
            if (core.hosted() && !served.containsKey(core.key())) store.unhost(core.key());
        }
    }
}
