package org.datdot.chain;

import java.util.Arrays;
import java.util.List;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The methods {@code state_}, beside subscriptions: entries of the state after the last blocks, metadata, questions to the rules. */
final class RpcState {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int MAX_KEYS = 1_000;
    private static final int MAX_WATCHED_KEYS = 1_000;
    private static final int MAX_PROVEN_KEYS = 1_000;

    private final Chain chain;
    private final String metadata;
    private final RuntimeCalls calls;

    RpcState(Chain chain) {
        this.chain = chain;
        byte[] encoded = Metadata.encode(chain.spec().parameters());
        this.metadata = RpcParams.hex(encoded);
        this.calls = new RuntimeCalls(encoded, chain.spec().parameters());
    }

    JsonNode paymentInfo(RpcParams params) {
        return calls.paymentInfo(params.bytes(0, "the extrinsic"));
    }

    JsonNode metadata() {
        return NODES.stringNode(metadata);
    }

    JsonNode call(RpcParams params) {
        String question = params.string(0, "the name of the question");
        byte[] arguments = params.bytes(1, "the arguments");
        Hash at = params.optionalHash(2, "the block hash");
        return hex(calls.answer(question, arguments, past(at).state()));
    }

    JsonNode storage(RpcParams params) {
        return hex(value(params));
    }

    JsonNode storageHash(RpcParams params) {
        byte[] value = value(params);
        return value == null ? NODES.nullNode() : hex(Blake2b.hash(value));
    }

    JsonNode storageSize(RpcParams params) {
        byte[] value = value(params);
        return value == null ? NODES.nullNode() : NODES.numberNode(value.length);
    }

    private byte @Nullable [] value(RpcParams params) {
        byte[] key = params.bytes(0, "the key");
        Hash at = params.optionalHash(1, "the block hash");
        if (at != null && Arrays.equals(key, ChainStorage.EVENTS.key())) {
            // Events are kept of all blocks.
            return chain.encodedEvents(chain.numberOf(at));
        }
        return past(at).state().get(key);
    }

    JsonNode storages(RpcParams params) {
        List<byte[]> keys = params.listOfBytes(0, "the keys", MAX_KEYS);
        Hash at = params.optionalHash(1, "the block hash");
        Best past = past(at);
        ArrayNode changes = NODES.arrayNode();
        for (byte[] key : keys) {
            changes.add(NODES.arrayNode()
                    .add(RpcParams.hex(key))
                    .add(hex(past.state().get(key))));
        }
        ObjectNode set = NODES.objectNode();
        set.put("block", RpcParams.hex(past.head().hash().bytes()));
        set.set("changes", changes);
        return NODES.arrayNode().add(set);
    }

    /** What proves entries, or that there are none, to who trusts the block's header alone. */
    JsonNode readProof(RpcParams params) {
        List<byte[]> keys = params.listOfBytes(0, "the keys", MAX_PROVEN_KEYS);
        Best past = past(params.optionalHash(1, "the block hash"));
        ArrayNode proof = NODES.arrayNode();
        past.state().proof(keys).forEach(node -> proof.add(RpcParams.hex(node)));
        ObjectNode out = NODES.objectNode();
        out.put("at", RpcParams.hex(past.head().hash().bytes()));
        out.set("proof", proof);
        return out;
    }

    JsonNode keys(RpcParams params) {
        byte[] prefix = params.bytes(0, "the prefix");
        long count = params.number(1, "the count");
        byte[] after = params.has(2) ? params.bytes(2, "the start key") : new byte[0];
        Hash at = params.optionalHash(3, "the block hash");
        if (count > MAX_KEYS) {
            throw RpcException.invalidParams("the count is at most " + MAX_KEYS + ", not " + count);
        }
        ArrayNode out = NODES.arrayNode();
        past(at).state().keys(prefix, after, (int) count).forEach(key -> out.add(RpcParams.hex(key)));
        return out;
    }

    /** The keys of a subscription. */
    static List<byte[]> watched(RpcParams params) {
        return params.listOfBytes(0, "the keys", MAX_WATCHED_KEYS);
    }

    private Best past(@Nullable Hash at) {
        Best found = at == null ? chain.best() : chain.past(at);
        if (found == null) {
            throw new RpcException(
                    RpcException.STATE_DISCARDED,
                    "the state after that block is not kept, or there is no such block; ask for one of the last ones");
        }
        return found;
    }

    private static JsonNode hex(byte @Nullable [] bytes) {
        return bytes == null ? NODES.nullNode() : NODES.stringNode(RpcParams.hex(bytes));
    }
}
