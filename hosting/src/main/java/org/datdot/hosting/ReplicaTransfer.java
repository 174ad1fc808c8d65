package org.datdot.hosting;

import java.io.IOException;
import java.util.function.Consumer;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Signature;

/**
 * Gets a replica from a peer, checks all of it and stores it: what attestor and hoster have in common.
 *
 * @param spec what the replica must hold
 * @param from who has it
 * @param encoder who made it
 * @param store where it goes
 * @param quotaBytes how much may be stored there in all
 * @param durable whether it must survive a power cut once it is stored
 */
record ReplicaTransfer(
        ReplicaSpec spec, Party from, Party encoder, ReplicaStore store, long quotaBytes, boolean durable) {

    /**
     * Asks, waits until the replica is ready, fetches, verifies, stores. Does nothing when it is stored already.
     *
     * @throws InvalidReplicaException when it is not what it must be
     * @throws OutOfSpaceException when it does not fit
     * @throws RefusedException when the peer does not give it
     * @throws IOException when the connection is lost or the disk fails
     */
    void run(ProviderContext context) throws IOException, InterruptedException {
        run(context, _ -> {});
    }

    /** The same; {@code unreachable} is told each time the peer says that it reaches no source. */
    void run(ProviderContext context, Consumer<Signature> unreachable) throws IOException, InterruptedException {
        ReplicaId id = spec.id();
        if (store.find(id) != null) return;
        ReplicaChannel channel = context.peers().replicaChannel(from.address(), from.noiseKey());
        try (ReplicaFetch fetch = new ReplicaFetch(channel, id)) {
            ReplicaOffer offer = fetch.offer(unreachable);
            context.transfers().acquire();
            try {
                receive(context, fetch, offer);
            } finally {
                store.release(id);
                context.transfers().release();
            }
        }
    }

    private void receive(ProviderContext context, ReplicaFetch fetch, ReplicaOffer offer)
            throws IOException, InterruptedException {
        PublicKey signer = encoder.signingKey();
        try (ReplicaVerifier verifier = new ReplicaVerifier(spec, offer, encoder.user(), signer)) {
            store.reserve(spec.id(), offer.statement().encodedBytes(), quotaBytes);
            try (ReplicaWriter writer = new ReplicaWriter(store.directory(), spec, durable)) {
                fetch.read(offer, verifier, writer, context.options().stallTimeout());
                ReplicaTree tree = writer.tree();
                store.add(writer.finish(tree, offer, verifier.finish(tree)));
            }
        }
    }
}
