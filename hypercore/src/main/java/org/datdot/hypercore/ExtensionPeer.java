package org.datdot.hypercore;

import org.datdot.crypto.PublicKey;

/** A peer of a core as a {@link CoreExtension} sees it: one open channel. Dead when the channel closes. Thread-safe. */
public final class ExtensionPeer {
    private final ReplicatorPeer peer;
    private final CoreExtension extension;

    ExtensionPeer(ReplicatorPeer peer, CoreExtension extension) {
        this.peer = peer;
        this.extension = extension;
    }

    /** The peer's Noise key. */
    public PublicKey publicKey() {
        return peer.mux().remotePublicKey();
    }

    /**
     * Sends a message to this peer; it is dropped when the channel is closed.
     *
     * @return whether the connection takes more at once; who goes on regardless may lose it
     */
    public boolean send(byte[] message) {
        return extension.send(peer, message);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ExtensionPeer that && peer == that.peer;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(peer);
    }
}
