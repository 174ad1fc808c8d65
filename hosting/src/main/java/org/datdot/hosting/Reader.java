package org.datdot.hosting;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.datdot.chain.LedgerClient;
import org.datdot.crypto.CoreKey;
import org.datdot.drive.Hyperdrive;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.Corestore;
import org.datdot.ledger.Contract;
import org.datdot.ledger.Feed;
import org.datdot.ledger.Plan;
import org.datdot.ledger.PlanStatus;
import org.datdot.ledger.Queries;
import org.datdot.ledger.Segment;

/**
 * Reads drives from whoever hosts them: finds the hosters of a key on the ledger, connects to several at once, and opens
 * the drive. A dead hoster costs nothing as long as another answers. Every block is verified by Hypercore. Thread-safe.
 */
public final class Reader {
    private static final int MOST_PEERS = 64;

    private final Peers peers;
    private final Corestore store;
    private final Duration timeout;

    /**
     * A reader.
     *
     * @param peers the connections, which replicate the store
     * @param store where blocks are kept
     * @param timeout the longest wait for a first peer, and for the drive's first block
     */
    public Reader(Peers peers, Corestore store, Duration timeout) {
        this.peers = peers;
        this.store = store;
        this.timeout = timeout;
    }

    /**
     * The active hosters of all contracts that hold a part of the feed, those of running plans only: first one of each
     * contract, then another of each, so that the first few have all blocks.
     */
    public static List<PeerAddress> hosters(LedgerClient ledger, CoreKey key) {
        LedgerView view = new LedgerView(ledger);
        Queries queries = view.queries();
        Optional<Feed> feed = queries.getFeedByKey(key);
        if (feed.isEmpty()) return List.of();
        List<List<PeerAddress>> byContract = new ArrayList<>();
        for (Plan plan : queries.getPlansByFeed(feed.get().id())) {
            if (plan.status() == PlanStatus.ENDED) continue;
            for (long id : plan.contracts()) {
                queries.getContractByID(id)
                        .filter(contract -> holds(contract, feed.get().id()))
                        .ifPresent(contract -> byContract.add(view.hosters(queries, contract)));
            }
        }
        int most = byContract.stream().mapToInt(List::size).max().orElse(0);
        Set<PeerAddress> found = new LinkedHashSet<>();
        for (int rank = 0; rank < most; rank++) {
            for (List<PeerAddress> hosters : byContract) if (rank < hosters.size()) found.add(hosters.get(rank));
        }
        return List.copyOf(found);
    }

    private static boolean holds(Contract contract, long feed) {
        return contract.segments().stream().map(Segment::feed).anyMatch(id -> id == feed);
    }

    /**
     * Opens a drive that is hosted by the ledger's providers.
     *
     * @throws IOException when nobody hosts it, or none of its hosters can be reached
     */
    public Hyperdrive open(LedgerClient ledger, CoreKey driveKey) throws IOException, InterruptedException {
        List<PeerAddress> hosters = hosters(ledger, driveKey);
        if (hosters.isEmpty()) {
            throw new IOException("nobody hosts " + driveKey + " on this ledger: check the key, or wait until its setup"
                    + " is done, or name a peer that has it");
        }
        return open(driveKey, hosters);
    }

    /**
     * Opens a drive from peers that are known to have it, and those that are found if a network was joined, and asks them for
     * its newest version.
     *
     * @param known may be empty when a network was joined
     * @throws IOException when none of them can be reached, or none has the drive
     */
    public Hyperdrive open(CoreKey driveKey, List<PeerAddress> known) throws IOException, InterruptedException {
        List<PeerAddress> dialled = known.subList(0, Math.min(MOST_PEERS, known.size()));
        Dialer.connectAny(peers, dialled, List.of(driveKey), timeout);
        Hyperdrive drive = Hyperdrive.open(store, driveKey);
        try {
            drive.update(timeout);
            if (drive.dbCore().length() == 0) {
                throw new IOException("no peer that was reached has drive " + driveKey);
            }
            drive.dbCore().get(0, timeout);
            return drive;
        } catch (BlockNotAvailableException e) {
            drive.close();
            throw new IOException("no peer sends the beginning of drive " + driveKey + ": " + e.getMessage(), e);
        } catch (IOException e) {
            drive.close();
            throw e;
        }
    }
}
