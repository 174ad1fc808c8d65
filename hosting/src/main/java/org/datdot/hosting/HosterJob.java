package org.datdot.hosting;

import java.io.IOException;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Hash;
import org.datdot.crypto.Signature;
import org.datdot.ledger.HosterReceipt;

/**
 * Takes over one position (docs/protocol.md 4): fetches the replica from the attestor, checks everything the attestor
 * checked, stores it durably and only then signs the receipt. Serving begins when the ledger shows the position active.
 */
final class HosterJob extends Job {
    private final AmendmentTask task;
    private final AmendmentTask.Seat seat;

    HosterJob(ProviderContext context, AmendmentTask task, AmendmentTask.Seat seat) {
        super(context, "hoster of " + task.replica(seat));
        this.task = task;
        this.seat = seat;
    }

    @Override
    void work() throws InterruptedException {
        ReplicaTransfer transfer = new ReplicaTransfer(
                task.spec(context.genesis(), seat),
                task.attestor(),
                seat.encoder(),
                context.hosted(),
                context.options().storageBytes(),
                true);
        retry("taking over from the attestor", () -> {
            transfer.run(context);
            deliver();
        });
    }

    /** Gives the receipt, and again when the attestor comes back after a restart; the end of the amendment ends it. */
    private void deliver() throws IOException, InterruptedException {
        ReplicaId id = task.replica(seat);
        Replica replica = context.hosted().find(id);
        if (replica == null) throw new IOException(id + " is not stored any more");
        Hash root = replica.offer().statement().root();
        HosterReceipt receipt = new HosterReceipt(task.contract(), task.id(), seat.position(), context.user(), root);
        Signature signature = Ed25519.sign(
                receipt.signable(context.genesis()), context.keys().signing().secretKey());
        Party attestor = task.attestor();
        ReplicaChannel channel = context.peers().replicaChannel(attestor.address(), attestor.noiseKey());
        try (ReplicaFetch fetch = new ReplicaFetch(channel, id)) {
            if (!fetch.offer().statement().root().equals(root)) {
                context.hosted().drop(id);
                throw new IOException("the attestor has another replica than before, made again by the encoder");
            }
            fetch.deliver(signature, context.options().stallTimeout());
            fetch.awaitClosed();
            throw new IOException("the attestor went away before its report");
        }
    }
}
