package org.datdot.hypercore;

import java.util.List;

/**
 * An application's own messages between the peers of a core, told apart by a name that both sides register. Opened with
 * {@link Replicator#registerExtension}. Thread-safe. Source: registerExtension in npm hypercore index.js and message 9 of
 * lib/messages.js.
 */
public final class CoreExtension implements AutoCloseable {
    /** The longest name, UTF-8 bytes. */
    public static final int MAX_NAME_BYTES = 1024;

    private static final System.Logger LOG = System.getLogger(CoreExtension.class.getName());

    private final Replicator replicator;
    private final String name;
    private final ExtensionListener listener;

    CoreExtension(Replicator replicator, String name, ExtensionListener listener) {
        this.replicator = replicator;
        this.name = name;
        this.listener = listener;
    }

    /** The name both sides know it by. */
    public String name() {
        return name;
    }

    /** The peers whose channel is open, whether they know the extension or not. */
    public List<ExtensionPeer> peers() {
        return replicator.openPeers().stream()
                .map(peer -> new ExtensionPeer(peer, this))
                .toList();
    }

    /** Sends a message to every peer whose channel is open. */
    public void broadcast(byte[] message) {
        for (ExtensionPeer peer : peers()) peer.send(message);
    }

    boolean send(ReplicatorPeer peer, byte[] message) {
        return peer.sendExtension(name, message.clone());
    }

    void receive(ReplicatorPeer from, byte[] message) {
        try {
            listener.onMessage(message, new ExtensionPeer(from, this));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "the listener of extension " + name + " failed", e);
        }
    }

    /** Ends it: later messages are ignored. */
    @Override
    public void close() {
        replicator.extensions().remove(this);
    }
}
