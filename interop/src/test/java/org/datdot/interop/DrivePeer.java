package org.datdot.interop;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.BootstrapNode;
import org.datdot.dht.DhtOptions;
import org.datdot.dht.PeerNetwork;
import org.datdot.drive.FolderImport;
import org.datdot.drive.Hyperdrive;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.Endpoint;
import org.datdot.swarm.SwarmOptions;
import tools.jackson.databind.ObjectMapper;

/**
 * Serves a folder as a drive until its standard input ends, by UDP and by WebSocket, and says so in the DHT: {@code FOLDER STORE
 * HOST BOOTSTRAP}. Prints {@code {"key","websocket"}} when both are known there.
 */
final class DrivePeer {
    private DrivePeer() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        InetAddress host = InetAddress.ofLiteral(arguments[2]);
        DhtOptions options = DhtOptions.joining(List.of(BootstrapNode.parse(arguments[3])));
        KeyPair keys = KeyPair.generate(Entropy.system());
        try (Corestore store = Corestore.open(Path.of(arguments[1]), StoreOptions.defaults());
                PeerNetwork network = PeerNetwork.open(options, new InetSocketAddress(host, 0));
                org.datdot.hosting.Peers peers = new org.datdot.hosting.Peers(keys, store, SwarmOptions.defaults());
                Hyperdrive drive = Hyperdrive.open(store, "served")) {
            FolderImport.run(Path.of(arguments[0]), drive, FolderImport.Options.DEFAULT, (_, _, _, _) -> {});
            network.dht().awaitBootstrapped();
            peers.join(network);
            peers.announce(drive.key());
            InetSocketAddress webSocket = peers.listenForWebSockets(new InetSocketAddress(host, 0));
            peers.advertise(List.of(Endpoint.webSocket(webSocket)));
            if (!peers.awaitAnnounced()) throw new IllegalStateException("the drive was not announced");
            // What is said of the WebSocket takes a query of its own.
            while (peers.endpoints(keys.publicKey()).isEmpty()) Thread.onSpinWait();
            System.out.println(new ObjectMapper()
                    .writeValueAsString(Map.of(
                            "key", drive.key().toString(),
                            "websocket", Endpoint.webSocket(webSocket).toString())));
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
