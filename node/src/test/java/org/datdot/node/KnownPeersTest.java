package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.KeyPair;
import org.datdot.hosting.PeerAddress;
import org.datdot.swarm.Endpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownPeersTest {
    @TempDir
    private Path folder;

    @Test
    void shouldRememberTheNewestOfEachPeerOfEachDrive() throws IOException {
        Path file = folder.resolve("peers");
        KnownPeers peers = new KnownPeers(file);
        assertThat(peers.of(drive(1))).isEmpty();
        peers.remember(drive(1), List.of(peer(1, "tcp://192.0.2.1:1"), peer(2, "wss://peer.example")));
        peers.remember(drive(2), List.of(peer(1, "tcp://192.0.2.1:1")));
        peers.remember(drive(1), List.of(peer(1, "tcp://192.0.2.9:9", "ws://192.0.2.9:80")));
        assertThat(new KnownPeers(file).of(drive(1)))
                .containsExactly(peer(1, "tcp://192.0.2.9:9", "ws://192.0.2.9:80"), peer(2, "wss://peer.example"));
        assertThat(peers.of(drive(2))).containsExactly(peer(1, "tcp://192.0.2.1:1"));
        Files.writeString(file, "nothing\n" + drive(1) + " 00 tcp://192.0.2.1:1\n" + Files.readString(file));
        assertThat(peers.of(drive(1)))
                .as("lines of somebody else are passed over")
                .hasSize(2);
    }

    @Test
    void shouldForgetTheOldestWhenThereAreMany() {
        KnownPeers peers = new KnownPeers(folder.resolve("peers"));
        for (int i = 0; i < 300; i++) peers.remember(drive(i % 100), List.of(peer(i, "tcp://192.0.2.1:1")));
        assertThat(peers.of(drive(99)))
                .containsExactlyInAnyOrder(
                        peer(299, "tcp://192.0.2.1:1"), peer(199, "tcp://192.0.2.1:1"), peer(99, "tcp://192.0.2.1:1"));
        assertThat(peers.of(drive(0))).as("300 less 256 are forgotten").hasSize(2);
    }

    private static CoreKey drive(int i) {
        byte[] key = new byte[32];
        key[0] = (byte) i;
        return new CoreKey(key);
    }

    private static PeerAddress peer(int i, String... endpoints) {
        byte[] seed = new byte[32];
        seed[0] = (byte) i;
        seed[1] = (byte) (i >> 8);
        return new PeerAddress(
                List.of(endpoints).stream().map(Endpoint::parse).toList(),
                KeyPair.fromSeed(seed).publicKey());
    }
}
