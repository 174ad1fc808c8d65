package org.datdot.hypercore;

/** What a request to a peer is for: it decides what happens when the answer comes, or does not. */
sealed interface Errand permits BlockWork, SeekWork, ReorgWork, Errand.Plain {

    /** Requests of which a peer has at most one at a time. */
    enum Plain implements Errand {
        /** A newer head. */
        HEAD,
        /** The manifest of a core that is empty so far. */
        MANIFEST
    }
}
