package org.datdot.interop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.datdot.dht.Dht;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.PeerAddress;

/** A DHT of our nodes. */
final class JavaNet implements AutoCloseable {
    private final List<Dht> nodes = new ArrayList<>();

    JavaNet(int count) throws IOException {
        nodes.add(Dht.bootstrapper(PeerAddress.parse("127.0.0.1:0")));
        while (nodes.size() < count) {
            Dht node = Dht.open(SwarmPeer.options(bootstrap(), DhtOptions.Mode.PERSISTENT), SwarmPeer.anyPort());
            nodes.add(node);
            node.awaitBootstrapped();
        }
    }

    PeerAddress bootstrap() {
        return PeerAddress.of(nodes.getFirst().localAddress());
    }

    @Override
    public void close() {
        nodes.reversed().forEach(Dht::close);
    }
}
