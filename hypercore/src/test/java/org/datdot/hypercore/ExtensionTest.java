package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Messages of applications between the peers of a core. */
@Timeout(60)
class ExtensionTest {
    @TempDir
    Path directory;

    private ReplicationTestBed bed;
    private ReplicationTestBed.Node one;
    private ReplicationTestBed.Node two;
    private ReplicationTestBed.Link link;
    private final List<String> heard = new ArrayList<>();

    @BeforeEach
    void open() {
        bed = new ReplicationTestBed(directory, 3);
        one = bed.writer(3);
        two = bed.reader(one);
        link = bed.connect(one, two);
    }

    @AfterEach
    void close() {
        bed.close();
    }

    private CoreExtension hear(ReplicationTestBed.Node node, String name) {
        return node.replicator.registerExtension(
                name, (message, from) -> heard.add(name + ":" + new String(message, StandardCharsets.UTF_8)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void shouldDeliverToTheExtensionOfTheSameNameInOrder() {
        CoreExtension a = hear(one, "a");
        CoreExtension b = hear(one, "b");
        bed.quiet();
        hear(two, "a");
        hear(two, "b");
        a.broadcast(utf8("1"));
        a.broadcast(utf8("2"));
        b.broadcast(utf8("3"));
        b.broadcast(utf8(""));
        a.broadcast(utf8("5"));
        bed.quiet();
        assertThat(heard).containsExactly("a:1", "a:2", "b:3", "b:", "a:5");
    }

    @Test
    void shouldAnswerTheSender() {
        CoreExtension asking = hear(one, "echo");
        two.replicator.registerExtension("echo", (message, from) -> {
            assertThat(from.publicKey()).isEqualTo(link.duplex.responder().remotePublicKey());
            from.send(utf8("back " + new String(message, StandardCharsets.UTF_8)));
        });
        bed.quiet();
        assertThat(asking.peers()).hasSize(1);
        assertThat(asking.peers().getFirst().send(utf8("hello"))).isTrue();
        bed.quiet();
        assertThat(heard).containsExactly("echo:back hello");
    }

    @Test
    void shouldIgnoreWhatNobodyListensTo() {
        CoreExtension sending = hear(one, "gone");
        CoreExtension receiving = hear(two, "gone");
        bed.quiet();
        receiving.close();
        sending.broadcast(utf8("lost"));
        hear(two, "other");
        bed.quiet();
        assertThat(heard).isEmpty();
        hear(two, "gone");
        sending.broadcast(utf8("heard"));
        bed.quiet();
        assertThat(heard).containsExactly("gone:heard");
    }

    @Test
    void shouldGoOnWhenAListenerFails() {
        CoreExtension sending = hear(one, "x");
        two.replicator.registerExtension("x", (message, from) -> {
            heard.add("failing");
            throw new IllegalStateException("a listener that fails");
        });
        bed.quiet();
        sending.broadcast(utf8("1"));
        sending.broadcast(utf8("2"));
        bed.quiet();
        assertThat(heard).containsExactly("failing", "failing");
        assertThat(link.duplex.failure()).isNull();
    }

    @Test
    void shouldRefuseNamesThatCannotBeSent() {
        assertThatThrownBy(() -> hear(one, "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> hear(one, "n".repeat(1025))).isInstanceOf(IllegalArgumentException.class);
        assertThat(hear(one, "n".repeat(1024)).name()).hasSize(1024);
    }

    @Test
    void shouldForgetNamesThatAreTooLongToBeAny() {
        bed.quiet();
        hear(two, "known");
        Replicator replicator = one.replicator;
        ReplicatorPeer peer = replicator.openPeers().getFirst();
        peer.sendExtension("known", utf8("1"));
        peer.sendExtension("n".repeat(200_000), utf8("2"));
        peer.sendExtension("n".repeat(200_000), utf8("3"));
        peer.sendExtension("known", utf8("4"));
        bed.quiet();
        assertThat(heard).containsExactly("known:1", "known:4");
        assertThat(link.duplex.failure()).isNull();
    }
}
