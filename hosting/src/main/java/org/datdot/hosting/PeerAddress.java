package org.datdot.hosting;

import java.net.InetSocketAddress;
import org.datdot.crypto.PublicKey;
import org.jspecify.annotations.Nullable;

/**
 * Where a peer can be reached.
 *
 * @param address host and port
 * @param key the key it must prove to hold, or null to take whoever answers: blocks are verified anyway
 */
public record PeerAddress(
        InetSocketAddress address, @Nullable PublicKey key) {}
