package org.datdot.dht;

import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a node's server socket may be reached in its own networks (npm {@code hyperdht}, {@code lib/holepuncher.js}). */
record LocalAddresses(List<PeerAddress> addresses) {
    private static final System.Logger LOG = System.getLogger(LocalAddresses.class.getName());
    private static final int MAX = 8;

    LocalAddresses {
        addresses = List.copyOf(addresses);
    }

    /** Those of a bound socket: its own, or all of this machine with its port. */
    static LocalAddresses of(InetSocketAddress bound) {
        if (!bound.getAddress().isAnyLocalAddress()) return new LocalAddresses(List.of(PeerAddress.of(bound)));
        List<PeerAddress> found = new ArrayList<>();
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(host -> host instanceof Inet4Address && !host.isLoopbackAddress())
                    .map(host -> PeerAddress.of(new InetSocketAddress(host, bound.getPort())))
                    .limit(MAX)
                    .forEach(found::add);
        } catch (SocketException e) {
            LOG.log(
                    Level.WARNING,
                    "cannot list this machine's addresses; peers in its own network take the long way",
                    e);
        }
        return new LocalAddresses(found);
    }

    /** Which of another node's addresses has most of its front in common with one of these; null when none has any. */
    @Nullable
    PeerAddress nearest(List<PeerAddress> others) {
        PeerAddress best = null;
        int most = 0;
        for (PeerAddress own : addresses) {
            for (PeerAddress other : others) {
                int common = Integer.numberOfLeadingZeros(own.host() ^ other.host()) / 8;
                int bytes = Math.min(common, 3);
                if (bytes > most) {
                    most = bytes;
                    best = other;
                }
            }
        }
        return best;
    }
}
