package org.datdot.hypercore;

import java.nio.charset.StandardCharsets;
import org.datdot.wire.Channel;

/**
 * The names of extensions as they go over one channel: a name that repeats is sent empty. Source: extension and onextension
 * in npm hypercore lib/replicator.js.
 */
final class PeerExtensions {
    private String lastSent = "";
    private String lastReceived = "";

    /** Sends a message; guarded by the core's lock. */
    boolean send(Channel channel, String name, byte[] message) {
        ReplicationMessage.Extension extension =
                new ReplicationMessage.Extension(name.equals(lastSent) ? "" : name, message);
        lastSent = name;
        return channel.send(extension.type(), ReplicationCodec.encodeParts(extension));
    }

    /** Hands a message on; guarded by the mux lock. */
    void receive(ReplicationMessage.Extension extension, Replicator replicator, ReplicatorPeer from) {
        String name = extension.name().isEmpty() ? lastReceived : extension.name();
        CoreExtension known = replicator.extensions().get(name);
        // a name longer than any can be is not worth remembering
        boolean sane = name.getBytes(StandardCharsets.UTF_8).length <= CoreExtension.MAX_NAME_BYTES;
        lastReceived = sane ? name : "";
        if (known != null) known.receive(from, extension.message());
    }
}
