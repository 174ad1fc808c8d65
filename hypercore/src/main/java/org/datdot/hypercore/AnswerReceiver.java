package org.datdot.hypercore;

import org.jspecify.annotations.Nullable;

/**
 * Takes one peer's answers: matches them with what was asked, has them verified outside of the core's lock, and hands the
 * outcome to whoever asked. Runs on the connection's thread. Source: _handleData in npm hypercore lib/replicator.js.
 */
final class AnswerReceiver {
    private final Replicator replicator;
    private final ReplicatorPeer peer;
    private final PeerRequests requests;
    private final BlockScheduler scheduler;
    private final CoreState state;

    AnswerReceiver(Replicator replicator, ReplicatorPeer peer, PeerRequests requests, BlockScheduler scheduler) {
        this.replicator = replicator;
        this.peer = peer;
        this.requests = requests;
        this.scheduler = scheduler;
        this.state = replicator.state();
    }

    void receive(ReplicationMessage.Data data) {
        Inflight request = begin(data);
        if (request == null) return;
        Proof proof = data.proof();
        boolean applied = false;
        InvalidProofException invalid = null;
        try {
            PreparedProof prepared = PreparedProof.of(proof);
            applied = request.errand() instanceof ReorgWork reorg
                    ? replicator.forks().received(reorg, prepared)
                    : state.intake().apply(prepared, hurried(request));
            if (applied && proof.block() != null) replicator.received(proof.block(), peer);
        } catch (InvalidProofException e) {
            invalid = e;
        } catch (StorageException e) {
            replicator.failed(e);
            return;
        }
        state.lock().lock();
        try {
            verified(request, proof.fork(), applied, invalid);
        } finally {
            state.lock().unlock();
        }
    }

    /** The request an answer is for, null when there is nothing to verify. */
    private @Nullable Inflight begin(ReplicationMessage.Data data) {
        state.lock().lock();
        try {
            Inflight request = requests.take(data.request());
            if (request == null) return null; // cancelled meanwhile
            if (!request.matches(data.proof())) {
                peer.refused(request);
                return null;
            }
            BlockWork work = request.block();
            Proof.DataBlock block = data.proof().block();
            if (work != null && block != null) {
                work.asked.remove(peer);
                if (work.storing != null) return null; // another peer was faster
                scheduler.storing(work, block.value());
            }
            return request;
        } finally {
            state.lock().unlock();
        }
    }

    /** Whether somebody waits for what was asked for, or the peer owes nothing more. */
    private boolean hurried(Inflight request) {
        state.lock().lock();
        try {
            BlockWork work = request.block();
            return work == null || work.awaited() || requests.count() == 0;
        } finally {
            state.lock().unlock();
        }
    }

    private void verified(Inflight request, long fork, boolean applied, @Nullable InvalidProofException invalid) {
        BlockWork work = request.block();
        if (work != null && applied) scheduler.cancel(work);
        if (work != null && !applied) scheduler.notStored(work);
        boolean stale = !(request.errand() instanceof ReorgWork) && fork != state.fork();
        if (invalid != null && !stale) peer.lied(invalid);
        if (applied) peer.helped();
        else peer.disappointed(request);
        // An answer that came while the core stood still, or moved, says nothing about the peer: it may be asked again.
        boolean refused = invalid != null || (request.errand() instanceof ReorgWork && !applied);
        if (work == null || !applied) replicator.released(request.errand(), peer, refused);
        if (applied) replicator.nodesLearnt();
        replicator.changed(applied ? peer : null);
    }
}
