package org.datdot.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.datdot.hosting.Peers;
import org.datdot.swarm.Endpoint;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that let peers in whom no UDP reaches ({@code docs/reach.md}). */
final class ReachOptions {
    private static final int MOST = 4;

    @Option(
            names = "--websocket",
            paramLabel = "[HOST:]PORT",
            description = "Accept peers over WebSocket here as well, for networks that let no UDP through, and for"
                    + " browsers (a bare port: from this machine only; port 0: any). A proxy in front may speak TLS.")
    @Nullable
    String webSocket;

    @Option(
            names = "--reachable",
            paramLabel = "URL",
            description = "Say in the DHT that this node is reached there when UDP fails: wss://host,"
                    + " ws://host:port or tcp://host:port, as others see it; may be repeated.")
    List<String> reachable = new ArrayList<>();

    /**
     * Opens the WebSocket that is asked for, and says in the DHT where this node is reached.
     *
     * @param tcp where it accepts TCP; null for nowhere
     * @return where it accepts WebSockets; null for nowhere
     */
    @Nullable
    InetSocketAddress open(PeerNode node, @Nullable InetSocketAddress tcp) {
        return open(node.peers(), tcp, node.meetsOnThisMachine());
    }

    /** Whether somebody is to be told where this node is reached, for which it takes part in the DHT. */
    boolean tells() {
        return !reachable.isEmpty();
    }

    /**
     * As {@link #open(PeerNode, InetSocketAddress)}.
     *
     * @param onThisMachine whether peers are met through a DHT of this machine alone
     */
    @Nullable
    InetSocketAddress open(Peers peers, @Nullable InetSocketAddress tcp, boolean onThisMachine) {
        Set<Endpoint> endpoints = new LinkedHashSet<>();
        for (String url : reachable) endpoints.add(Arguments.endpoint(url));
        Arguments.require(endpoints.size() <= MOST, "--reachable names at most " + MOST + " addresses");
        InetSocketAddress bound = null;
        String wanted = webSocket;
        try {
            if (wanted != null) bound = peers.listenForWebSockets(Arguments.address(wanted));
        } catch (IOException e) {
            throw new NodeException(Exit.NETWORK, String.valueOf(e.getMessage()), e);
        }
        if (bound != null && seenByOthers(bound, onThisMachine)) endpoints.add(Endpoint.webSocket(bound));
        if (tcp != null && seenByOthers(tcp, onThisMachine)) endpoints.add(new Endpoint.Tcp(tcp));
        peers.advertise(endpoints.stream().limit(MOST).toList());
        return bound;
    }

    /** Whether an address means the same to others: not that of all interfaces, and this machine's only on its own DHT. */
    private static boolean seenByOthers(InetSocketAddress bound, boolean onThisMachine) {
        InetAddress host = bound.getAddress();
        return !host.isAnyLocalAddress() && (!host.isLoopbackAddress() || onThisMachine);
    }
}
