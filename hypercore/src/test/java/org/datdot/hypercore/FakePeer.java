package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.DiscoveryKey;
import org.datdot.encoding.CompactDecoder;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelHandler;
import org.datdot.wire.ChannelSpec;
import org.datdot.wire.Protomux;

/** The other end of a core's channel under a test's control: it says what the test says. */
final class FakePeer implements ChannelHandler {
    final List<ReplicationMessage> received = new ArrayList<>();
    final Channel channel;

    FakePeer(Protomux mux, CoreKey key) {
        this(mux, key, key);
    }

    FakePeer(Protomux mux, CoreKey capabilityOf, CoreKey key) {
        byte[] capability = Capability.of(mux.initiator(), capabilityOf, mux.handshakeHash());
        channel = mux.open(new ChannelSpec(
                Replicator.PROTOCOL,
                DiscoveryKey.of(key).bytes(),
                ReplicationCodec.encodeHandshake(new ReplicationMessage.Handshake(true, capability)),
                this));
    }

    @Override
    public void onMessage(Channel from, int type, CompactDecoder payload) {
        ReplicationMessage message = ReplicationMessage.decode(type, payload);
        if (message != null) received.add(message);
    }

    void send(ReplicationMessage message) {
        channel.send(message.type(), ReplicationCodec.encodeParts(message));
    }

    <T extends ReplicationMessage> List<T> received(Class<T> type) {
        return received.stream().filter(type::isInstance).map(type::cast).toList();
    }

    ReplicationMessage.Request lastRequest() {
        return received(ReplicationMessage.Request.class).getLast();
    }
}
