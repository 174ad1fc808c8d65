package org.datdot.chain;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Call;
import org.datdot.ledger.Event;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reaches a ledger by JSON-RPC over one WebSocket connection, which is made again whenever it is lost: a restarted ledger is
 * followed on without anybody noticing more than a delay. A ledger of another chain at the same address is not talked to. What has been read
 * of the state is remembered until the next block. Thread-safe.
 */
public final class RpcLedgerClient implements LedgerClient {
    private static final Logger LOG = System.getLogger(RpcLedgerClient.class.getName());

    private final RpcClient rpc;
    private final RemoteState state;
    private final HeadFeed heads = new HeadFeed();
    private final Submitter submitter;
    private final Parameters parameters;
    private final ReentrantLock lock = new ReentrantLock();
    /** Written by the thread that connects only; known from the first connection on. */
    private volatile @Nullable Hash genesis;

    private volatile @Nullable Header head;

    private RpcLedgerClient(URI uri, Duration requestTimeout, Duration submitTimeout) {
        this.rpc = new RpcClient(uri, requestTimeout, this::checkGenesis);
        this.state = new RemoteState(rpc);
        this.submitter = new Submitter(new Port(), submitTimeout);
        try {
            this.parameters = Parameters.decode(
                    new ScaleDecoder(hex(rpc.call("datdot_getParameters").path("encoded"))));
            hear(HeaderJson.parse(rpc.call("chain_getHeader")));
            rpc.subscribe("chain_subscribeNewHeads", json -> hear(HeaderJson.parse(json)));
        } catch (RuntimeException e) {
            rpc.close();
            throw e instanceof LedgerUnavailableException
                    ? e
                    : new LedgerUnavailableException(uri + " does not answer as a DatDot ledger: " + e.getMessage(), e);
        }
    }

    /**
     * Connects to a ledger.
     *
     * @param uri {@code ws://host:port}
     * @param requestTimeout how long a question may take, a reconnection included
     * @param submitTimeout how long {@link #submit} waits for a block
     * @throws LedgerUnavailableException when the ledger cannot be reached within {@code requestTimeout}
     */
    public static RpcLedgerClient connect(URI uri, Duration requestTimeout, Duration submitTimeout) {
        return new RpcLedgerClient(uri, requestTimeout, submitTimeout);
    }

    /** Connects with time-outs for a ledger nearby: 15 s for a question, 2 minutes for a block. */
    public static RpcLedgerClient connect(URI uri) {
        return connect(uri, Duration.ofSeconds(15), Duration.ofMinutes(2));
    }

    private void checkGenesis(RpcClient.Caller caller) {
        Hash found = new Hash(hex(caller.call("chain_getBlockHash", 0)));
        Hash known = genesis;
        if (known == null) {
            genesis = found;
        } else if (!known.equals(found)) {
            throw new LedgerUnavailableException("another chain (" + found + ") than before (" + known
                    + ") is served at this address; start the ledger with its old data, or this program anew");
        }
    }

    private void hear(Header header) {
        lock.lock();
        try {
            Header before = head;
            if (before != null && header.number() <= before.number()) {
                return;
            }
            // The ledger tells of a block after it committed it: what is asked from here on is at least as new.
            state.forget();
            head = header;
            // Listeners hear in order because the lock is held; it does not wait for them.
            heads.publish(header);
        } finally {
            lock.unlock();
        }
        submitter.onHead();
    }

    @Override
    public StateReader state() {
        return state;
    }

    @Override
    public Hash genesis() {
        return known(genesis);
    }

    @Override
    public Header head() {
        return known(head);
    }

    private static <T> T known(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("asked before the first connection");
        }
        return value;
    }

    @Override
    public Subscription onHead(Consumer<Header> listener) {
        return heads.subscribe(listener);
    }

    @Override
    public List<Event> events(long blockNumber) {
        return eventRecords(blockNumber).stream().map(EventRecord::event).toList();
    }

    @Override
    public List<Event> submit(AccountKeys account, Call call) {
        return submitter.submit(account, call);
    }

    @Override
    public ChainSpec spec() {
        return ChainSpec.decode(hex(rpc.call("datdot_getSpec")));
    }

    @Override
    public @Nullable Block block(long number) {
        JsonNode encoded = rpc.call("datdot_getBlock", number);
        return encoded.isNull() ? null : Block.decode(hex(encoded));
    }

    /** The names of the ledger's calls and entries are those this program knows: its metadata is the same. */
    public boolean knows(LedgerNames names) {
        return java.util.Arrays.equals(hex(rpc.call("state_getMetadata")), names.metadata());
    }

    /** How many extrinsics wait for a block there. */
    public int waiting() {
        return rpc.call("author_pendingExtrinsics").size();
    }

    /** What proves entries of the state after the newest block, for {@link StateProof}, and that block's header. */
    public Proven prove(List<byte[]> keys) {
        JsonNode found =
                rpc.call("state_getReadProof", keys.stream().map(RpcParams::hex).toList());
        Header header =
                HeaderJson.parse(rpc.call("chain_getHeader", found.path("at").asString()));
        List<byte[]> nodes = new ArrayList<>();
        found.path("proof").forEach(node -> nodes.add(hex(node)));
        return new Proven(header, new StateProof(header.stateRoot(), nodes));
    }

    /**
     * Entries with what proves them.
     *
     * @param header to be believed for its signature
     * @param proof against the header's state root
     */
    public record Proven(Header header, StateProof proof) {
        /** Whether the header is one of the chain's own: signed by its authority, or its first. */
        public boolean isOf(ChainSpec spec, Hash genesis) {
            return header.hash().equals(genesis) || header.isSealedBy(spec.authority(), genesis);
        }
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    /** What the ledger's node says of its network under a name, in {@code system_properties}. */
    public Optional<String> property(String name) {
        JsonNode value = rpc.call("system_properties").path(name);
        return value.isString() ? Optional.of(value.asString()) : Optional.empty();
    }

    private List<EventRecord> eventRecords(long blockNumber) {
        List<EventRecord> out = new ArrayList<>();
        for (JsonNode each : rpc.call("datdot_getEvents", blockNumber)) {
            JsonNode phase = each.path("phase").path("ApplyExtrinsic");
            out.add(new EventRecord(
                    phase.isIntegralNumber() ? phase.asInt() : EventRecord.INITIALIZATION,
                    Event.decode(new ScaleDecoder(hex(each.path("event"))))));
        }
        return out;
    }

    private static byte[] hex(JsonNode json) {
        return RpcParams.bytes(json.asString(""));
    }

    /** Ends all subscriptions and waiting calls, and the connection. */
    @Override
    public void close() {
        LOG.log(Level.DEBUG, "closing the connection to the ledger");
        heads.close();
        submitter.close();
        rpc.close();
    }

    private final class Port implements Submitter.Ledger {
        @Override
        public Hash genesis() {
            return RpcLedgerClient.this.genesis();
        }

        @Override
        public Header head() {
            return RpcLedgerClient.this.head();
        }

        @Override
        public long nextNonce(AccountId account) {
            return rpc.call("system_accountNextIndex", RpcParams.hex(account.bytes()))
                    .asLong();
        }

        @Override
        public void handIn(Extrinsic extrinsic) {
            try {
                rpc.call("author_submitExtrinsic", RpcParams.hex(extrinsic.encoded()));
            } catch (RpcException e) {
                PoolException.Kind kind = PoolException.Kind.named(e.data());
                if (kind == null) {
                    throw new LedgerUnavailableException("the ledger failed: " + e.getMessage(), e);
                }
                throw new PoolException(kind, String.valueOf(e.getMessage()));
            }
        }

        @Override
        public @Nullable List<Hash> extrinsicsOf(long blockNumber) {
            JsonNode blockHash = rpc.call("chain_getBlockHash", blockNumber);
            if (blockHash.isNull()) {
                return null;
            }
            List<Hash> out = new ArrayList<>();
            JsonNode block = rpc.call("chain_getBlock", blockHash.asString()).path("block");
            for (JsonNode each : block.path("extrinsics")) {
                out.add(new Hash(Blake2b.hash(hex(each))));
            }
            return out;
        }

        @Override
        public List<EventRecord> eventsOf(long blockNumber) {
            return eventRecords(blockNumber);
        }
    }
}
