package org.datdot.interop;

import org.datdot.crypto.Blake2b;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.DiscoveryKey;
import org.datdot.crypto.Namespaces;
import org.datdot.encoding.CompactEncoder;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelHandler;
import org.datdot.wire.ChannelSpec;
import org.datdot.wire.Protomux;

/** The dialling end of a core's channel, with a test behind it instead of a replicator. */
final class CoreChannel {
    private CoreChannel() {}

    /** Opens it as somebody who knows the key. */
    static Channel open(Protomux mux, CoreKey key, ChannelHandler handler) {
        return open(mux, key, capability(mux, key), handler);
    }

    static Channel open(Protomux mux, CoreKey key, byte[] capability, ChannelHandler handler) {
        byte[] handshake = new CompactEncoder().uint(1).fixed(capability).toBytes();
        return mux.open(new ChannelSpec("hypercore/alpha", DiscoveryKey.of(key).bytes(), handshake, handler));
    }

    /** What the dialling side proves with that it knows a key: npm hypercore lib/caps.js. */
    static byte[] capability(Protomux mux, CoreKey key) {
        byte[] initiator = Namespaces.derive("hypercore", 1)[0];
        return Blake2b.hash(32, mux.handshakeHash(), initiator, key.bytes());
    }
}
