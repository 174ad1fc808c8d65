package org.datdot.hosting;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.datdot.chain.LedgerException;
import org.datdot.chain.LedgerUnavailableException;
import org.datdot.chain.PoolException;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Signature;
import org.datdot.ledger.Call;
import org.datdot.ledger.HosterReceipt;
import org.datdot.ledger.LedgerError;
import org.datdot.ledger.Outcome;
import org.datdot.ledger.UnreachableStatement;
import org.jspecify.annotations.Nullable;

/**
 * Checks an amendment (docs/protocol.md 4): fetches and verifies the replica of every position, hands it on to the
 * position's hoster, collects receipts, and reports each position's outcome: as soon as all are settled, at the latest
 * some blocks before the deadline. Receipts are not kept on disk: a hoster whose attestor was restarted gives its receipt
 * again, as long as the amendment lasts.
 */
final class AttestorJob extends Job {
    private static final System.Logger LOG = System.getLogger(AttestorJob.class.getName());

    private final AmendmentTask task;
    private final List<FetchJob> fetches = new ArrayList<>();
    private final Map<Integer, Signature> receipts = new ConcurrentHashMap<>();
    private final Map<Integer, Signature> unreachable = new ConcurrentHashMap<>();

    AttestorJob(ProviderContext context, AmendmentTask task) {
        super(context, "attestor of amendment " + task.id());
        this.task = task;
        for (AmendmentTask.Seat seat : task.positions()) fetches.add(new FetchJob(seat));
    }

    /** Fetches and verifies the replica of one position. */
    private final class FetchJob extends Job {
        private final AmendmentTask.Seat seat;

        FetchJob(AmendmentTask.Seat seat) {
            super(AttestorJob.this.context, "attestor of " + task.replica(seat));
            this.seat = seat;
        }

        @Override
        void work() throws InterruptedException {
            ReplicaTransfer transfer = new ReplicaTransfer(
                    task.spec(context.genesis(), seat),
                    seat.encoder(),
                    seat.encoder(),
                    context.attested(),
                    Long.MAX_VALUE,
                    false);
            if (retry("fetching from the encoder", () -> transfer.run(context, this::unreachable))) context.changed();
        }

        private void unreachable(Signature signature) {
            UnreachableStatement statement = new UnreachableStatement(
                    task.contract(), task.id(), seat.position(), seat.encoder().user());
            if (Ed25519.verify(
                    statement.signable(context.genesis()),
                    signature,
                    seat.encoder().signingKey())) {
                unreachable.put(seat.position(), signature);
            }
        }
    }

    /** What to answer a hoster that asks for its replica. */
    ReplicaServer.Answer answer(AmendmentTask.Seat seat) {
        Replica replica = context.attested().find(task.replica(seat));
        if (replica != null) return new ReplicaServer.Answer.Ready(replica);
        for (FetchJob fetch : fetches) {
            String failure = fetch.failure();
            if (fetch.seat.equals(seat) && failure != null) {
                return new ReplicaServer.Answer.No(ReplicaMessage.Reason.FAILED, "the encoder's replica is not good");
            }
        }
        return new ReplicaServer.Answer.Later();
    }

    /** Takes a hoster's receipt, if it is one. */
    boolean receipt(AmendmentTask.Seat seat, Signature signature) {
        Replica replica = context.attested().find(task.replica(seat));
        if (replica == null) return false;
        HosterReceipt receipt = new HosterReceipt(
                task.contract(),
                task.id(),
                seat.position(),
                seat.hoster().user(),
                replica.offer().statement().root());
        if (!Ed25519.verify(
                receipt.signable(context.genesis()), signature, seat.hoster().signingKey())) {
            return false;
        }
        receipts.put(seat.position(), signature);
        context.wakeJobs();
        return true;
    }

    @Override
    void work() throws InterruptedException {
        try {
            fetches.forEach(Job::start);
            long reportBlock = task.deadlineBlock() - context.options().reportMarginBlocks();
            // Nobody may be accused before its time is over, however clear the case is.
            while (context.blockNumber() < earliest() || (!settled() && context.blockNumber() < reportBlock)) {
                context.awaitChange(context.options().retryDelay());
            }
            if (fetches.stream().anyMatch(Job::ownFault)) {
                failHere("this node could not check it, so it reports nobody");
                return;
            }
            report();
        } finally {
            for (FetchJob fetch : fetches) fetch.cancel();
            for (FetchJob fetch : fetches) fetch.awaitEnd();
        }
    }

    /** The block after which what would be reported now may be reported. */
    private long earliest() {
        long earliest = 0;
        for (AmendmentTask.Seat seat : task.positions()) {
            earliest = Math.max(
                    earliest,
                    switch (outcome(seat)) {
                        case Outcome.EncoderFailed _ -> task.encodedByBlock();
                        case Outcome.HosterFailed _ -> task.attestedByBlock();
                        case Outcome.Hosted _, Outcome.SourceUnreachable _ -> 0;
                    });
        }
        return earliest;
    }

    private boolean settled() {
        for (FetchJob fetch : fetches) {
            if (fetch.failure() == null && !receipts.containsKey(fetch.seat.position())) return false;
        }
        return true;
    }

    private void report() throws InterruptedException {
        while (true) {
            List<Outcome> outcomes = new ArrayList<>();
            for (AmendmentTask.Seat seat : task.positions()) outcomes.add(outcome(seat));
            try {
                submit(new Call.AmendmentReport(task.id(), outcomes));
                return;
            } catch (LedgerException e) {
                // a report of ours from before a restart may have come first: the amendment is over then
                if (e.error() == LedgerError.AMENDMENT_EXPIRED) return;
                failHere("the ledger rejects the report: " + e.getMessage());
                return;
            } catch (LedgerUnavailableException | PoolException e) {
                if (Thread.interrupted()) throw new InterruptedException();
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the report of amendment {0} waits: {1}",
                        task.id(),
                        e.getMessage());
            }
            context.awaitChange(context.options().retryDelay());
        }
    }

    private Outcome outcome(AmendmentTask.Seat seat) {
        @Nullable Replica replica = context.attested().find(task.replica(seat));
        if (replica == null) {
            @Nullable Signature away = unreachable.get(seat.position());
            return away == null
                    ? new Outcome.EncoderFailed(seat.position())
                    : new Outcome.SourceUnreachable(seat.position(), away);
        }
        Outcome.SignedStatement made = new Outcome.SignedStatement(
                replica.offer().statement(), replica.offer().signature());
        @Nullable Signature receipt = receipts.get(seat.position());
        return receipt == null
                ? new Outcome.HosterFailed(seat.position(), Optional.of(made))
                : new Outcome.Hosted(seat.position(), made, receipt);
    }
}
