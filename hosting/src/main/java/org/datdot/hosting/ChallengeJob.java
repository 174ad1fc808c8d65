package org.datdot.hosting;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.datdot.chain.LedgerException;
import org.datdot.chain.PoolException;
import org.datdot.ledger.Call;
import org.datdot.ledger.Check;
import org.datdot.ledger.LedgerError;
import org.datdot.ledger.StorageChallenge;
import org.datdot.ledger.StorageProof;

/** Answers a storage challenge: a leaf and its siblings for each check, from the replicas on disk. */
final class ChallengeJob extends Job {
    private final StorageChallenge challenge;

    ChallengeJob(ProviderContext context, StorageChallenge challenge) {
        super(context, "answer to storage challenge " + challenge.id());
        this.challenge = challenge;
    }

    @Override
    void work() throws InterruptedException {
        retry("proving", () -> {
            try {
                List<StorageProof> proofs = new ArrayList<>();
                for (Check check : challenge.checks()) proofs.add(prove(check));
                submit(new Call.SubmitStorageChallenge(challenge.id(), proofs));
            } catch (DamagedReplicaException e) {
                failHere(e.getMessage() + "; check the disk, the ledger will replace this node for all it hosts");
            } catch (LedgerException e) {
                if (e.error() == LedgerError.CHALLENGE_EXPIRED) {
                    // Late, and the ledger has not noticed yet: it takes the same answer for a while (docs/protocol.md
                    // 5.5).
                    throw new IOException("too late for the first deadline: " + e.getMessage(), e);
                }
                failHere("the ledger rejects the proofs: " + e.getMessage());
            } catch (PoolException e) {
                throw new IOException("the ledger does not take the proofs now: " + e.getMessage(), e);
            }
        });
    }

    private StorageProof prove(Check check) throws IOException {
        ReplicaId id = context.view().hosted(check.contract(), check.position(), context.user());
        if (id == null) {
            // It was to be dropped meanwhile: nothing is asked of it any more, but its place in the answer is kept.
            return new StorageProof(check.leafIndex(), new byte[0], List.of());
        }
        Replica replica = context.hosted().find(id);
        if (replica == null) {
            throw new DamagedReplicaException("the replica of position " + check.position() + " of contract "
                    + check.contract() + " is not on this disk");
        }
        return replica.prove(check.leafIndex());
    }
}
