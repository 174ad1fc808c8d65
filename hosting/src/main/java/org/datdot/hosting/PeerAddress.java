package org.datdot.hosting;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Collectors;
import org.datdot.crypto.PublicKey;
import org.datdot.swarm.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Where a peer can be reached.
 *
 * @param endpoints at least one
 * @param key the key it must prove to hold, or null to take whoever answers: blocks are verified anyway
 */
public record PeerAddress(
        List<Endpoint> endpoints, @Nullable PublicKey key) {
    /** Takes a copy. */
    public PeerAddress {
        endpoints = List.copyOf(endpoints);
    }

    /** A peer that accepts TCP. */
    public PeerAddress(InetSocketAddress address, @Nullable PublicKey key) {
        this(List.of(new Endpoint.Tcp(address)), key);
    }

    @Override
    public String toString() {
        return endpoints.stream().map(Endpoint::toString).collect(Collectors.joining(", "));
    }
}
