package org.datdot.chain;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Tells a connection what becomes of an extrinsic it handed in: {@code ready}, then one of the last statuses. */
final class Watch implements Subscription {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final RpcSession to;
    private final ReentrantLock lock = new ReentrantLock();
    /** Everything below is guarded by the lock. */
    private @Nullable String started;

    private @Nullable ExtrinsicStatus last;
    private boolean closed;

    Watch(RpcSession to) {
        this.to = to;
    }

    /** Sends {@code ready}, and the last status if there is one already. Called when the peer has been told the id. */
    void start(String id) {
        ExtrinsicStatus already;
        lock.lock();
        try {
            started = id;
            send(id, NODES.stringNode("ready"));
            already = last;
        } finally {
            lock.unlock();
        }
        if (already != null) {
            finish(id, already);
        }
    }

    /** The extrinsic's last status. */
    void tell(ExtrinsicStatus status) {
        String id;
        lock.lock();
        try {
            last = status;
            id = started;
        } finally {
            lock.unlock();
        }
        if (id != null) {
            finish(id, status);
        }
    }

    private void finish(String id, ExtrinsicStatus status) {
        switch (status) {
            case ExtrinsicStatus.InBlock in -> {
                // One author and no forks: what is in a block stays there.
                String block = RpcParams.hex(in.blockHash().bytes());
                send(id, NODES.objectNode().put("inBlock", block));
                send(id, NODES.objectNode().put("finalized", block));
            }
            case ExtrinsicStatus.Invalid invalid -> send(id, NODES.objectNode().put("invalid", invalid.reason()));
            case ExtrinsicStatus.Dropped dropped -> send(id, NODES.objectNode().put("dropped", dropped.reason()));
        }
        to.unsubscribe(id);
    }

    private void send(String id, JsonNode status) {
        lock.lock();
        try {
            if (!closed) {
                to.send(JsonRpc.notification("author_extrinsicUpdate", id, status));
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }
}
