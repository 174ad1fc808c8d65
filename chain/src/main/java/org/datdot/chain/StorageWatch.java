package org.datdot.chain;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Tells a connection of some entries of the state: all of them at once, then after each block those which changed. */
final class StorageWatch implements Subscription {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final RpcSession to;
    private final Chain chain;
    private final List<byte[]> keys;
    private final ReentrantLock lock = new ReentrantLock();
    /** Everything below is guarded by the lock. What was told last, by the place of the key. */
    private final Map<Integer, Optional<byte[]>> told = new HashMap<>();

    private @Nullable Subscription heads;
    private long lastNumber = -1;
    private boolean closed;

    StorageWatch(RpcSession to, Chain chain, List<byte[]> keys) {
        this.to = to;
        this.chain = chain;
        this.keys = keys;
    }

    /** Starts with the state after the best block. Called when the peer has been told the id. */
    void start(String id) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            heads = chain.onHead(header -> send(id, header));
        } finally {
            lock.unlock();
        }
        send(id, chain.head());
    }

    private void send(String id, Header header) {
        Best at = chain.past(header.hash());
        if (at == null) {
            return; // a listener so slow that the state is not kept any more goes on with the next block
        }
        ObjectNode changes = changes(at.head(), at.state());
        if (!changes.isEmpty()) {
            to.send(JsonRpc.notification("state_storage", id, changes));
        }
    }

    private ObjectNode changes(Header at, StateTrie state) {
        ObjectNode out = NODES.objectNode();
        lock.lock();
        try {
            if (closed || at.number() <= lastNumber) {
                return out;
            }
            lastNumber = at.number();
            ArrayNode changed = NODES.arrayNode();
            for (int i = 0; i < keys.size(); i++) {
                byte[] value = state.get(keys.get(i));
                Optional<byte[]> before = told.put(i, Optional.ofNullable(value));
                if (before == null || !Arrays.equals(before.orElse(null), value)) {
                    changed.add(NODES.arrayNode()
                            .add(RpcParams.hex(keys.get(i)))
                            .add(value == null ? NODES.nullNode() : NODES.stringNode(RpcParams.hex(value))));
                }
            }
            if (!changed.isEmpty()) {
                out.put("block", RpcParams.hex(at.hash().bytes())).set("changes", changed);
            }
            return out;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        Subscription ended;
        lock.lock();
        try {
            closed = true;
            ended = heads;
        } finally {
            lock.unlock();
        }
        if (ended != null) {
            ended.close();
        }
    }
}
