package org.datdot.chain;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Tells a connection of some entries of the state: all of them at once, then after each block those which changed. */
final class StorageWatch extends BlockWatch {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final RpcSession to;
    private final Chain chain;
    private final List<byte[]> keys;
    /** What was told last, by the place of the key. Only looked at in a step for a newer block. */
    private final Map<Integer, Optional<byte[]>> told = new HashMap<>();

    StorageWatch(RpcSession to, Chain chain, List<byte[]> keys) {
        super(chain);
        this.to = to;
        this.chain = chain;
        this.keys = keys;
    }

    @Override
    void send(String id, Header header) {
        Best at = chain.past(header.hash());
        if (at == null) {
            return; // a listener so slow that the state is not kept any more goes on with the next block
        }
        whenNewer(at.head(), () -> {
            ArrayNode changed = changed(at.state());
            if (!changed.isEmpty()) {
                ObjectNode changes = NODES.objectNode();
                changes.put("block", RpcParams.hex(at.head().hash().bytes())).set("changes", changed);
                to.send(JsonRpc.notification("state_storage", id, changes));
            }
        });
    }

    private ArrayNode changed(StateTrie state) {
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
        return changed;
    }
}
