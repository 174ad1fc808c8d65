package org.datdot.hosting;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Signature;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.InvalidProofException;
import org.datdot.hypercore.RangeProof;
import org.datdot.hypercore.StoreOptions;
import org.datdot.ledger.UnreachableStatement;
import org.datdot.swarm.SwarmOptions;

/**
 * Makes the replica of one position (docs/protocol.md 4): fetches the contract's blocks as an ordinary Hypercore reader
 * into a temporary store, encodes them in order, signs. The replica then waits in the staging area for the attestor until
 * the amendment is over.
 */
final class EncoderJob extends Job {
    static final String TEMPORARY = "fetching-";
    private static final int MOST_SOURCES = 8;

    private final AmendmentTask task;
    private final AmendmentTask.Seat seat;
    private volatile boolean sourceMissed;

    EncoderJob(ProviderContext context, AmendmentTask task, AmendmentTask.Seat seat) {
        super(context, "encoder of " + task.replica(seat));
        this.task = task;
        this.seat = seat;
    }

    /** What to answer the attestor. */
    ReplicaServer.Answer answer() {
        Replica replica = context.encoded().find(task.replica(seat));
        if (replica != null) return new ReplicaServer.Answer.Ready(replica);
        if (failure() == null && sourceMissed) return new ReplicaServer.Answer.Unreachable(unreachable());
        return failure() == null
                ? new ReplicaServer.Answer.Later()
                : new ReplicaServer.Answer.No(ReplicaMessage.Reason.FAILED, "the replica could not be made");
    }

    /** Whether the replica was made: what an accusation may be contradicted with. */
    boolean delivered() {
        return context.encoded().find(task.replica(seat)) != null;
    }

    private Signature unreachable() {
        UnreachableStatement statement =
                new UnreachableStatement(task.contract(), task.id(), seat.position(), context.user());
        return Ed25519.sign(
                statement.signable(context.genesis()), context.keys().signing().secretKey());
    }

    @Override
    void work() throws InterruptedException {
        if (context.encoded().find(task.replica(seat)) != null) return;
        try {
            if (retry("fetching and encoding", this::encode)) context.changed();
        } catch (InvalidProofException e) {
            fail("the feed is not what the ledger says: " + e.getMessage());
        }
    }

    private void encode() throws IOException, InterruptedException {
        ReplicaId id = task.replica(seat);
        context.transfers().acquire();
        Path temporary = context.directory().resolve(TEMPORARY + id.fileName());
        try {
            context.encoded().reserve(id, 2 * estimatedBytes(), Long.MAX_VALUE); // the fetched and the encoded ones
            FileTree.delete(temporary);
            // a throw-away key: sources see a reader like any other, and never take this connection for the provider's
            KeyPair reader = KeyPair.generate(context.options().entropy());
            try (Corestore store =
                            Corestore.open(temporary, StoreOptions.defaults().sync(false));
                    Peers sources = new Peers(reader, store, SwarmOptions.defaults())) {
                context.peers().network().ifPresent(sources::join);
                List<PeerAddress> addresses = context.view().sources(task);
                reach(sources, addresses.subList(0, Math.min(MOST_SOURCES, addresses.size())));
                encodeFrom(store);
            } catch (BlockNotAvailableException e) {
                throw new IOException("the sources do not send all blocks: " + e.getMessage(), e);
            }
        } finally {
            context.transfers().release();
            context.encoded().release(id);
            FileTree.delete(temporary);
        }
    }

    /** Connects to a source; where there is none, the attestor is told, so that it accuses nobody. */
    private void reach(Peers sources, List<PeerAddress> addresses) throws IOException, InterruptedException {
        try {
            List<CoreKey> cores =
                    task.segments().stream().map(ReplicaSegment::key).distinct().toList();
            Dialer.connectAny(sources, addresses, cores, context.options().stallTimeout());
        } catch (IOException e) {
            sourceMissed = true;
            context.changed();
            throw e;
        }
    }

    /** The segments' share of their feeds' bytes. */
    private long estimatedBytes() {
        double bytes = 0;
        for (ReplicaSegment segment : task.segments()) {
            bytes += (double) segment.head().byteLength()
                    * segment.lengthBlocks()
                    / segment.head().length();
        }
        return (long) bytes;
    }

    private void encodeFrom(Corestore store) throws IOException {
        ReplicaSpec spec = task.spec(context.genesis(), seat);
        try (ReplicaEncoder encoder = new ReplicaEncoder(
                context.encoded().directory(), spec, context.options().entropy())) {
            List<RangeProof> proofs = new ArrayList<>();
            for (ReplicaSegment segment : spec.segments()) proofs.add(encodeSegment(store, segment, encoder));
            Replica replica =
                    encoder.finish(proofs, context.user(), context.keys().signing());
            context.encoded().add(replica);
        }
    }

    private RangeProof encodeSegment(Corestore store, ReplicaSegment segment, ReplicaEncoder encoder)
            throws IOException {
        Duration blockTimeout = context.options().blockTimeout();
        try (Hypercore core = store.get(segment.key());
                Download download = download(core, segment)) {
            for (long index = segment.start(); index < segment.end(); index++) {
                encoder.add(core.get(index, blockTimeout), core.nodes().require(2 * index));
            }
            if (download.heldBlocks() < segment.lengthBlocks()) throw new IOException("blocks are missing");
            return RangeProof.create(segment.head(), core.nodes(), segment.start(), segment.end());
        }
    }

    private Download download(Hypercore core, ReplicaSegment segment) throws IOException {
        core.update(context.options().blockTimeout());
        if (core.length() < segment.head().length()) {
            throw new IOException("the sources have " + core.length() + " of the "
                    + segment.head().length() + " blocks of " + segment.key());
        }
        if (core.fork() != segment.head().fork()) {
            throw new InvalidProofException("the feed is at fork " + core.fork() + ", the ledger at fork "
                    + segment.head().fork());
        }
        return core.download(segment.start(), segment.end());
    }
}
