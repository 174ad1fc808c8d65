package org.datdot.swarm;

import org.datdot.crypto.PublicKey;

/** Hears what changes in a {@link Hyperswarm}. Called by its threads, which wait meanwhile. */
public interface HyperswarmListener {
    /** Hears nothing. */
    HyperswarmListener NONE = new HyperswarmListener() {};

    /** A dial or a connection began or ended. */
    default void onUpdate() {}

    /** A peer is refused from now on. */
    default void onBan(PublicKey peer) {}
}
