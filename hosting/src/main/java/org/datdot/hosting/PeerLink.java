package org.datdot.hosting;

import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.swarm.Connection;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelHandler;
import org.datdot.wire.ChannelSpec;
import org.datdot.wire.Protomux;
import org.jspecify.annotations.Nullable;

/**
 * A connection and the replica channel on it. The lock of a link is taken before the mux lock and never by a handler.
 */
final class PeerLink {
    private final Connection connection;
    private final ReplicaServer server;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable ReplicaChannel current;

    PeerLink(Connection connection, ReplicaServer server) {
        this.connection = connection;
        this.server = server;
    }

    Connection connection() {
        return connection;
    }

    PublicKey remote() {
        return connection.remotePublicKey();
    }

    /** Opens our end when the peer opens its own. */
    void attach() {
        connection.mux().pair(ReplicaChannel.PROTOCOL, (_, _) -> open());
    }

    /** The channel, or null when nobody has asked for it. */
    @Nullable
    ReplicaChannel opened() {
        return current;
    }

    /** The channel, opened when it is not. */
    ReplicaChannel open() {
        lock.lock();
        try {
            ReplicaChannel open = current;
            if (open != null && !open.isClosed()) return open;
            Protomux mux = connection.mux();
            Ends ends = new Ends();
            ReplicaChannel made = new ReplicaChannel(remote(), server, ends, Peers.tasks());
            ends.replicas = made;
            byte[] handshake = new CompactEncoder().uint(ReplicaChannel.VERSION).toBytes();
            Channel channel = mux.tryOpen(new ChannelSpec(ReplicaChannel.PROTOCOL, null, handshake, ends));
            if (channel == null) made.onClosed(); // the connection is over: whoever asks on it is told so
            else ends.channel = channel;
            current = made;
            return made;
        } finally {
            lock.unlock();
        }
    }

    /** Between protomux's channel and ours. */
    private static final class Ends implements ChannelHandler, ReplicaChannel.Outlet {
        private volatile @Nullable Channel channel;
        private volatile @Nullable ReplicaChannel replicas;

        @Override
        public void onOpen(Channel opened, CompactDecoder handshake) {
            channel = opened;
            long version = handshake.uint();
            if (version != ReplicaChannel.VERSION) {
                throw new ReplicaChannelException("version " + version + " of the replica channel is not known here");
            }
        }

        @Override
        public void onMessage(Channel opened, int type, CompactDecoder payload) {
            channel = opened;
            ReplicaChannel target = replicas;
            if (target != null) target.onMessage(type, payload);
        }

        @Override
        public void onClose(Channel closed, boolean byRemote) {
            ReplicaChannel target = replicas;
            if (target != null) target.onClosed();
        }

        @Override
        public void onDrain(Channel drained) {
            ReplicaChannel target = replicas;
            if (target != null) target.onDrain();
        }

        @Override
        public void send(int type, byte[]... payload) {
            Channel target = channel;
            if (target != null) target.send(type, payload);
        }

        @Override
        public boolean writable() {
            Channel target = channel;
            return target != null && target.writable();
        }
    }
}
