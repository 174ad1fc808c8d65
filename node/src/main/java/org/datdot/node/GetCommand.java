package org.datdot.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.datdot.chain.RpcLedgerClient;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.BootstrapNode;
import org.datdot.drive.FolderExport;
import org.datdot.drive.Hyperdrive;
import org.datdot.hosting.PeerAddress;
import org.datdot.hosting.Reader;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Endpoint;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code datdot get KEY DEST}: downloads a drive into a folder. */
@Command(
        name = "get",
        mixinStandardHelpOptions = true,
        description = {
            "Download a drive into a folder, every block verified against the key.",
            "Whoever has it is found by its key through the DHT: no address and no account is needed. The ledger is",
            "asked for hosters that are not found so. With --bootstrap or --peer no ledger is needed."
        })
final class GetCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration STALL = Duration.ofSeconds(30);
    private static final Duration ASKING = Duration.ofSeconds(3);
    private static final int MOST_REMEMBERED = 8;

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Parameters(index = "0", paramLabel = "KEY", description = "The drive's key.")
    String key = "";

    @Parameters(index = "1", paramLabel = "DEST", description = "The folder to make; it must be empty when it exists.")
    Path destination = Path.of(".");

    @Option(
            names = "--merge",
            description = "Write into a folder that is not empty; files of the same name are replaced.")
    boolean merge;

    @Option(
            names = "--peer",
            paramLabel = "ADDRESS",
            description = "Ask this peer, at host:port, or at a WebSocket as wss://host; may be repeated.")
    List<String> peers = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        CoreKey driveKey = Arguments.key(key);
        Found found = found(driveKey);
        Path reading = global.home().root().resolve("reading").resolve(driveKey.toString());
        List<PeerAddress> ask = new ArrayList<>(found.hosters());
        ask.addAll(remembered(driveKey));
        FolderExport.Result result;
        try (PeerNode node = PeerNode.open(global.home().root().resolve("account"), reading, found.bootstrap())) {
            result = download(global.console(), node, driveKey, ask, destination, merge);
            knownPeers().remember(driveKey, reachable(node));
        }
        delete(reading);
        if (global.json) {
            Json.print(Json.object(
                    "key", driveKey.toString(),
                    "files", result.files(),
                    "bytes", result.byteLength(),
                    "folder", destination.toAbsolutePath().toString()));
        } else {
            global.console()
                    .line(result.files() + " files, " + new ByteSize(result.byteLength()) + " in "
                            + destination.toAbsolutePath());
        }
        return Exit.OK.code();
    }

    /** Where to look. */
    private record Found(List<PeerAddress> hosters, List<BootstrapNode> bootstrap) {}

    private Found found(CoreKey driveKey) {
        if (!peers.isEmpty()) {
            return new Found(Arguments.peers(peers), global.namesBootstrap() ? global.bootstrap() : List.of());
        }
        if (global.namesBootstrap()) return new Found(List.of(), global.bootstrap());
        try (RpcLedgerClient ledger = global.ledger()) {
            List<PeerAddress> hosters = Reader.hosters(ledger, driveKey);
            List<BootstrapNode> bootstrap = global.bootstrap(ledger);
            if (hosters.isEmpty() && bootstrap.isEmpty() && remembered(driveKey).isEmpty()) {
                throw new NodeException(Exit.NOT_FOUND, nobody(driveKey));
            }
            return new Found(hosters, bootstrap);
        }
    }

    private KnownPeers knownPeers() {
        return new KnownPeers(global.home().root().resolve("peers"));
    }

    private List<PeerAddress> remembered(CoreKey driveKey) {
        return knownPeers().of(driveKey);
    }

    /** Where the peers that sent something say they are reached without UDP; asked all at once, and not waited for for long. */
    private static List<PeerAddress> reachable(PeerNode node) throws InterruptedException {
        List<PeerAddress> known = Collections.synchronizedList(new ArrayList<>());
        List<Thread> asking = new ArrayList<>();
        for (Connection connection : node.peers().connections()) {
            if (connection.bytesRead() == 0 || asking.size() == MOST_REMEMBERED) continue;
            PublicKey key = connection.remotePublicKey();
            asking.add(Thread.ofVirtual().name("datdot-reachable").start(() -> {
                List<Endpoint> endpoints = node.peers().endpoints(key);
                if (!endpoints.isEmpty()) known.add(new PeerAddress(endpoints, key));
            }));
        }
        long deadline = System.nanoTime() + ASKING.toNanos();
        for (Thread one : asking) one.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
        asking.forEach(Thread::interrupt);
        synchronized (known) {
            return List.copyOf(known);
        }
    }

    private static String nobody(CoreKey driveKey) {
        return "nobody hosts " + driveKey + " on this ledger, and nobody who has it is found by its key: check the key,"
                + " wait until its setup is done, or name a peer with --peer";
    }

    /** Downloads from peers, all blocks at once in the background while files are written. */
    static FolderExport.Result download(
            Console console, PeerNode node, CoreKey key, List<PeerAddress> peers, Path destination, boolean merge)
            throws IOException, InterruptedException {
        Hyperdrive drive;
        try {
            drive = new Reader(node.peers(), node.store(), PATIENCE).open(key, peers);
        } catch (IOException e) {
            if (peers.isEmpty()) throw new NodeException(Exit.NOT_FOUND, nobody(key), e);
            throw new NodeException(Exit.NETWORK, String.valueOf(e.getMessage()), e);
        }
        try (ProgressBar bar = new ProgressBar(console, "downloading")) {
            return StallGuard.run(
                    () -> FolderExport.run(
                            drive,
                            destination,
                            merge ? FolderExport.Options.MERGE : FolderExport.Options.DEFAULT,
                            (files, totalFiles, bytes, totalBytes) -> bar.at(bytes, totalBytes)),
                    () -> node.peers().connections().stream()
                            .mapToLong(Connection::bytesRead)
                            .sum(),
                    STALL);
        } finally {
            drive.close();
        }
    }

    /** Removes a folder and all in it. */
    static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
