package org.datdot.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmOptions;
import org.datdot.wire.WireException;

/** Our side: a store, replicated on every connection of a swarm. */
final class JavaPeer implements AutoCloseable {
    final Corestore store;
    final Swarm swarm;
    /** Why connections ended. */
    final Queue<WireException> ends = new ConcurrentLinkedQueue<>();

    JavaPeer(Path directory) {
        store = Corestore.open(directory, StoreOptions.defaults());
        // A short handshake time-out, so that nobody waits long for those who say nothing.
        SwarmOptions options = SwarmOptions.defaults().withTimes(3_000, 5_000, 20_000);
        swarm = new Swarm(KeyPair.generate(Entropy.system()), this::replicate, options);
    }

    private void replicate(Connection connection) {
        var _ = connection.closed().thenAccept(ends::add);
        store.replicate(connection.mux());
    }

    /** The port it now listens at. */
    int listen() {
        try {
            return swarm.listen(local(0)).getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Connection connect(int port) {
        return dial(swarm, port);
    }

    static Connection dial(Swarm swarm, int port) {
        try {
            return swarm.connect(local(port), null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static InetSocketAddress local(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Appends blocks as core-peer.js makes them. */
    Hypercore write(String name, int count, int sizeBytes) {
        Hypercore core = store.get(name);
        append(core, name, count, sizeBytes);
        return core;
    }

    static void append(Hypercore core, String name, int count, int sizeBytes) {
        List<byte[]> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) blocks.add(block(name, core.length() + i, sizeBytes));
        core.append(blocks);
    }

    Hypercore open(CoreKey key) {
        return store.get(key);
    }

    static byte[] block(String name, long index, int sizeBytes) {
        byte[] pattern = (name + ":" + index + ":").getBytes(StandardCharsets.UTF_8);
        byte[] block = new byte[sizeBytes];
        for (int i = 0; i < sizeBytes; i++) block[i] = pattern[i % pattern.length];
        return block;
    }

    /** SHA-256 over blocks, all of which must be there. */
    static String digest(Hypercore core, long start, long end) {
        MessageDigest digest = sha256();
        for (long i = start; i < end; i++) {
            byte[] block = core.local(i);
            if (block == null) throw new AssertionError("block " + i + " is not here");
            digest.update(block);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        swarm.close();
        store.close();
    }
}
