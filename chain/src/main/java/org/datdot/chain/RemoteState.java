package org.datdot.chain;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads the best state over JSON-RPC and remembers what it read until the next block, up to {@value #MAX_CACHED} values: a
 * participant asks many times for the same few entries. Thread-safe; reads throw {@link LedgerUnavailableException}.
 */
final class RemoteState implements StateReader {
    private static final int MAX_CACHED = 4_096;
    private static final int PAGE = 256;

    private final RpcClient rpc;
    private final ReentrantLock lock = new ReentrantLock();
    /** Everything below is guarded by the lock. */
    private final Map<Hash, Optional<byte[]>> cache = new LinkedHashMap<>();

    private long epoch;

    RemoteState(RpcClient rpc) {
        this.rpc = rpc;
    }

    /** There is a new block: what was read before may be old. */
    void forget() {
        lock.lock();
        try {
            cache.clear();
            epoch++;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        Hash name = new Hash(Blake2b.hash(key));
        long asked;
        lock.lock();
        try {
            Optional<byte[]> known = cache.get(name);
            if (known != null) {
                return known.orElse(null);
            }
            asked = epoch;
        } finally {
            lock.unlock();
        }
        byte[] value = value(call("state_getStorage", RpcParams.hex(key)));
        lock.lock();
        try {
            // An answer that was under way when a block came may be older than the block.
            if (asked == epoch && cache.size() < MAX_CACHED) {
                cache.put(name, Optional.ofNullable(value));
            }
        } finally {
            lock.unlock();
        }
        return value;
    }

    /** Visits page by page; entries that change meanwhile may be seen before or after their change. */
    @Override
    public void forEach(byte[] prefix, Visitor visitor) {
        String after = "";
        while (true) {
            JsonNode keys = after.isEmpty()
                    ? call("state_getKeysPaged", RpcParams.hex(prefix), PAGE)
                    : call("state_getKeysPaged", RpcParams.hex(prefix), PAGE, after);
            if (keys.isEmpty()) {
                return;
            }
            JsonNode changes = call("state_queryStorageAt", keys).path(0).path("changes");
            for (JsonNode change : changes) {
                byte[] value = value(change.path(1));
                if (value != null
                        && !visitor.visit(RpcParams.bytes(change.path(0).asString("")), value)) {
                    return;
                }
            }
            if (keys.size() < PAGE) {
                return;
            }
            after = keys.path(keys.size() - 1).asString("");
        }
    }

    private JsonNode call(String method, Object... params) {
        try {
            return rpc.call(method, params);
        } catch (RpcException e) {
            throw new LedgerUnavailableException(
                    "the ledger does not answer " + method + " " + Arrays.toString(params) + ": " + e.getMessage(), e);
        }
    }

    private static byte @Nullable [] value(JsonNode json) {
        return json.isNull() || json.isMissingNode() ? null : RpcParams.bytes(json.asString(""));
    }
}
