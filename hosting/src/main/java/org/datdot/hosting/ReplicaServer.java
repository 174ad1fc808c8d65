package org.datdot.hosting;

import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Signature;

/**
 * What a node answers on its replica channels; who may ask for what follows from the ledger (docs/protocol.md 4.1). Called
 * from the connections' threads: answers from memory, never waits. Safe for concurrent use.
 */
interface ReplicaServer {

    /** The answer to a request for a replica. */
    sealed interface Answer {
        /** The peer may have it. */
        record Ready(Replica replica) implements Answer {}

        /** The peer may have it once it is made. */
        record Later() implements Answer {}

        /** The peer may have it once it is made; so far no source of its blocks could be reached, as is signed. */
        record Unreachable(Signature signature) implements Answer {}

        /** The ledger, as far as this node has seen it, does not know about it: perhaps one block behind the peer. */
        record Unknown() implements Answer {}

        /** The peer does not get it. */
        record No(ReplicaMessage.Reason reason, String text) implements Answer {}
    }

    /** May the peer have the replica, and is it there? */
    Answer answer(PublicKey remote, ReplicaId id);

    /** A hoster's receipt: whether it is valid and kept. */
    boolean receipt(PublicKey remote, ReplicaId id, Signature signature);
}
