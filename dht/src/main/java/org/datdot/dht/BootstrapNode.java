package org.datdot.dht;

import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node to begin with, as the stock packages write it: {@code host:port}, where host is an IPv4 address, a name, or {@code
 * address@name}, of which the name is only looked up when nobody answers at the address.
 *
 * @param address where it is, when that is known
 * @param name its name in DNS, when it has one
 * @param port its UDP port
 */
public record BootstrapNode(
        @Nullable PeerAddress address, @Nullable String name, int port) {
    /** The public network's nodes (npm {@code hyperdht}, {@code lib/constants.js}). */
    public static final List<BootstrapNode> PUBLIC = List.of(
            parse("88.99.3.86@node1.hyperdht.org:49737"),
            parse("142.93.90.113@node2.hyperdht.org:49737"),
            parse("138.68.147.8@node3.hyperdht.org:49737"));

    private static final System.Logger LOG = System.getLogger(BootstrapNode.class.getName());

    /** Refuses a node that is nowhere. */
    public BootstrapNode {
        if (address == null && name == null) throw new IllegalArgumentException("a bootstrap node is somewhere");
    }

    /** A node at a known address. */
    public static BootstrapNode at(PeerAddress address) {
        return new BootstrapNode(address, null, address.port());
    }

    /**
     * Reads {@code 1.2.3.4:49737}, {@code name:49737} or {@code 1.2.3.4@name:49737}.
     *
     * @throws IllegalArgumentException when it is something else
     */
    public static BootstrapNode parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || colon == text.length() - 1) {
            throw new IllegalArgumentException("expected a bootstrap node like 1.2.3.4:49737, found " + text);
        }
        int port = PeerAddress.parse("0.0.0.0" + text.substring(colon)).port();
        String host = text.substring(0, colon);
        int at = host.indexOf('@');
        if (at >= 0) {
            return new BootstrapNode(
                    PeerAddress.parse(host.substring(0, at) + ":" + port), host.substring(at + 1), port);
        }
        boolean isAddress = host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
        return isAddress ? at(PeerAddress.parse(text)) : new BootstrapNode(null, host, port);
    }

    /** The IPv4 addresses DNS has for its name; none when there is no such name, or it has none. */
    List<PeerAddress> resolve() {
        List<PeerAddress> found = new ArrayList<>();
        if (name == null) return found;
        try {
            for (InetAddress host : InetAddress.getAllByName(name)) {
                if (host instanceof Inet4Address) found.add(PeerAddress.of(new InetSocketAddress(host, port)));
            }
        } catch (UnknownHostException e) {
            LOG.log(Level.INFO, () -> "there is no bootstrap node called " + name + " in DNS");
        }
        return found;
    }
}
