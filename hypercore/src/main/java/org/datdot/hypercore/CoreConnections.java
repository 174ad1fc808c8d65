package org.datdot.hypercore;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelSpec;
import org.datdot.wire.Protomux;

/**
 * The connections a core is replicated over, and its channel on each. Thread-safe; its methods take the core's lock, and
 * those that open or close channels must not be called while holding it.
 */
final class CoreConnections {
    private final CoreState state;
    private final Function<Protomux, ReplicatorPeer> handlers;
    /** One entry per connection, from before the channel is opened until it is closed. */
    private final Map<Protomux, ReplicatorPeer> attached = new HashMap<>();

    private final Map<Protomux, Channel> channels = new HashMap<>();
    private boolean closed;

    CoreConnections(CoreState state, Function<Protomux, ReplicatorPeer> handlers) {
        this.state = state;
        this.handlers = handlers;
    }

    void attach(Protomux mux) {
        ReplicatorPeer peer;
        state.lock().lock();
        try {
            if (closed || attached.containsKey(mux)) return;
            peer = handlers.apply(mux);
            attached.put(mux, peer);
        } finally {
            state.lock().unlock();
        }
        byte[] capability = Capability.of(mux.initiator(), state.key(), mux.handshakeHash());
        byte[] handshake = ReplicationCodec.encodeHandshake(new ReplicationMessage.Handshake(true, capability));
        Channel channel = mux.tryOpen(new ChannelSpec(
                Replicator.PROTOCOL, List.of("hypercore"), state.discoveryKey().bytes(), handshake, peer));
        boolean unwanted;
        state.lock().lock();
        try {
            unwanted = closed;
            boolean current = attached.get(mux) == peer;
            if (channel == null) attached.remove(mux, peer);
            else if (current) channels.put(mux, channel);
        } finally {
            state.lock().unlock();
        }
        if (unwanted && channel != null) channel.close();
    }

    boolean contains(Protomux mux) {
        state.lock().lock();
        try {
            return attached.containsKey(mux);
        } finally {
            state.lock().unlock();
        }
    }

    /** How many connections there are; the caller holds the lock. */
    int count() {
        return attached.size();
    }

    /** A channel is closed; the caller holds the lock. */
    void closed(ReplicatorPeer peer) {
        attached.remove(peer.mux(), peer);
        channels.remove(peer.mux());
    }

    /** Closes all channels and opens none from now on. */
    void close() {
        List<Channel> open;
        state.lock().lock();
        try {
            closed = true;
            open = List.copyOf(channels.values());
        } finally {
            state.lock().unlock();
        }
        for (Channel channel : open) channel.close();
    }
}
