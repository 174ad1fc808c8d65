package org.datdot.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.KeyPair;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.StoreOptions;
import org.datdot.swarm.Connection;
import org.datdot.swarm.Swarm;
import org.datdot.swarm.SwarmOptions;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What peers that stop reading their sockets cost a writer: the bytes it keeps for each of them have a bound, whatever was
 * asked for and whatever happens to the core, and nobody else is kept waiting.
 */
@Timeout(300)
class StalledReaderInteropTest {
    private static final int SYNC = 0;
    private static final int REQUEST = 1;
    private static final int DATA = 3;
    private static final int BLOCK_FLAG = 1;
    private static final int BLOCK_BYTES = 64 << 10;
    /** Nothing is put into a connection when so much waits there; the message that reaches it may be one block long. */
    private static final int SOFT_BYTES = 1 << 20;
    /** That block with its proof, and a few short messages that other threads put in at the same time. */
    private static final int BOUND_BYTES = SOFT_BYTES + BLOCK_BYTES + (16 << 10);

    private static final int FIRST_BLOCKS = 100;

    @TempDir
    private Path folder;

    private Corestore store;
    private Swarm swarm;
    private Hypercore core;
    private int port;
    private long most;

    @BeforeEach
    void open() throws Exception {
        store = Corestore.open(folder.resolve("writer"), StoreOptions.defaults().sync(false));
        // No peer is given up for its silence: the bound has to hold for as long as one likes.
        SwarmOptions options =
                SwarmOptions.defaults().withTimes(10_000, 5_000, 0).withOutbox(SOFT_BYTES, 16 << 20);
        swarm = new Swarm(KeyPair.generate(Entropy.system()), connection -> store.replicate(connection.mux()), options);
        port = swarm.listen(JavaPeer.local(0)).getPort();
        core = store.get("ours");
        JavaPeer.append(core, "ours", FIRST_BLOCKS, BLOCK_BYTES);
    }

    @AfterEach
    void close() {
        swarm.close();
        store.close();
    }

    /** The most that any connection has kept so far. */
    private long look() {
        for (Connection connection : swarm.connections()) most = Math.max(most, connection.queuedBytes());
        return most;
    }

    /** Everything that makes a writer talk to its readers: short and long appends, drops, whether it serves at all. */
    private void work(int rounds) {
        for (int i = 0; i < rounds; i++) {
            JavaPeer.append(core, "ours", 1 + i % 3, i % 5 == 0 ? BLOCK_BYTES : 100);
            if (i % 7 == 3) core.clear(FIRST_BLOCKS + i, FIRST_BLOCKS + i + 1);
            if (i % 20 == 10) core.replicator().uploading(false);
            if (i % 20 == 11) core.replicator().uploading(true);
            look();
        }
    }

    /** Waits until every connection is full: when half of what it may keep is gone, it takes more. */
    private void requireAllKeptWaiting(int peers) {
        Waiting.until("all peers are kept waiting", () -> {
            look();
            List<Connection> connections = swarm.connections();
            return connections.size() == peers
                    && connections.stream().allMatch(each -> each.queuedBytes() > SOFT_BYTES / 2);
        });
    }

    /** Asks for blocks without end, and counts what comes. */
    private static final class Greedy implements ChannelHandler {
        static final int REQUESTS = 1_000;

        final AtomicInteger blocks = new AtomicInteger();
        final AtomicInteger refusals = new AtomicInteger();
        final Connection connection;

        Greedy(Swarm swarm, int port, CoreKey key) {
            connection = JavaPeer.dial(swarm, port);
            Channel channel = CoreChannel.open(connection.mux(), key, this);
            // uploads, downloads, has the manifest; knows nothing
            channel.send(SYNC, new CompactEncoder().uint(14).uint(0).uint(0).uint(0));
            connection.pause();
            for (int id = 1; id <= REQUESTS; id++) {
                channel.send(
                        REQUEST,
                        new CompactEncoder()
                                .uint(BLOCK_FLAG)
                                .uint(id)
                                .uint(0)
                                .uint(id % FIRST_BLOCKS)
                                .uint(0));
            }
        }

        @Override
        public void onMessage(Channel channel, int type, CompactDecoder payload) {
            if (type == DATA) blocks.incrementAndGet();
            if (type == DATA + 1) refusals.incrementAndGet();
        }
    }

    @Test
    void shouldKeepABoundedNumberOfBytesForEachWhenManyPeersStopReading() {
        try (Swarm readers = new Swarm(KeyPair.generate(Entropy.system()), connection -> {})) {
            List<Greedy> stalled = new ArrayList<>();
            for (int i = 0; i < 8; i++) stalled.add(new Greedy(readers, port, core.key()));
            requireAllKeptWaiting(8);
            work(200);
            requireAllKeptWaiting(8);
            try (CorePeer honest = new CorePeer(folder.resolve("honest"))) {
                honest.connect(port);
                honest.waitLength(core.key(), core.length());
                honest.download(core.key(), 0, FIRST_BLOCKS);
                assertThat(honest.digest(core.key(), 0, FIRST_BLOCKS))
                        .isEqualTo(JavaPeer.digest(core, 0, FIRST_BLOCKS));
            }
            assertThat(look()).as("the most that any connection kept").isLessThanOrEqualTo(BOUND_BYTES);
            Greedy awake = stalled.getFirst();
            awake.connection.resume();
            Waiting.until("whoever reads again gets its answers", () -> {
                look();
                return awake.blocks.get() + awake.refusals.get() == Greedy.REQUESTS;
            });
            assertThat(awake.blocks).hasPositiveValue();
            assertThat(look()).isLessThanOrEqualTo(BOUND_BYTES);
        }
        Waiting.until("they are gone", () -> swarm.connections().isEmpty());
    }

    @Test
    void shouldKeepABoundedNumberOfBytesWhenAStockReaderStopsReading() {
        try (StallingRelay relay = new StallingRelay(port);
                CorePeer reader = new CorePeer(folder.resolve("reader"))) {
            reader.connect(relay.port());
            reader.waitLength(core.key(), FIRST_BLOCKS);
            reader.download(core.key(), 0, FIRST_BLOCKS);
            relay.stall(true);
            reader.start("download", "key", core.key(), "start", FIRST_BLOCKS, "end", FIRST_BLOCKS + 300);
            long before = core.length();
            JavaPeer.append(core, "ours", 300, BLOCK_BYTES);
            for (int i = 0; i < 200; i++) {
                JavaPeer.append(core, "ours", 1 + i % 3, i % 5 == 0 ? BLOCK_BYTES : 100);
                look();
            }
            assertThat(swarm.connections()).hasSize(1);
            relay.stall(false);
            reader.answer();
            long length = core.length();
            reader.waitLength(core.key(), length);
            reader.download(core.key(), before, length);
            assertThat(reader.digest(core.key(), 0, length)).isEqualTo(JavaPeer.digest(core, 0, length));
            assertThat(look()).isLessThanOrEqualTo(BOUND_BYTES);
        }
    }

    @Test
    void shouldServeAllWhenManyStockLikeReplicatorsStallInTurn() throws Exception {
        List<StallingRelay> relays = new ArrayList<>();
        List<Download> downloads = new ArrayList<>();
        try (Corestore copies = Corestore.open(
                        folder.resolve("copies"), StoreOptions.defaults().sync(false));
                Swarm readers = new Swarm(
                        KeyPair.generate(Entropy.system()), connection -> copies.replicate(connection.mux()))) {
            Hypercore copy = copies.get(core.key());
            for (int i = 0; i < 6; i++) {
                StallingRelay relay = new StallingRelay(port);
                relays.add(relay);
                JavaPeer.dial(readers, relay.port());
            }
            downloads.add(copy.download(0, Download.LIVE));
            Waiting.until(
                    "the copy is made over all of them",
                    () -> copy.contiguousLength() == FIRST_BLOCKS
                            && copy.peers().size() == relays.size());
            for (int turn = 0; turn < 6; turn++) {
                relays.get(turn).stall(true);
                work(40);
            }
            for (StallingRelay relay : relays) relay.stall(false);
            long length = core.length();
            Waiting.until("the copy has what there is", () -> {
                look();
                return copy.length() == length && copy.heldBlocks() >= core.heldBlocks();
            });
            assertThat(copy.head()).isEqualTo(core.head());
            assertThat(JavaPeer.digest(copy, 0, FIRST_BLOCKS)).isEqualTo(JavaPeer.digest(core, 0, FIRST_BLOCKS));
            assertThat(look()).isLessThanOrEqualTo(BOUND_BYTES);
        } finally {
            downloads.forEach(Download::close);
            relays.forEach(StallingRelay::close);
        }
    }
}
