package org.datdot.chain;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.datdot.crypto.Hash;
import org.datdot.crypto.Ss58;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The methods of the ledger's JSON-RPC (docs/rpc.md), with the names and shapes of Substrate (crate {@code sc-rpc-api}; npm
 * {@code @polkadot/types}, {@code interfaces/*}/definitions).
 */
final class RpcMethods implements JsonRpc.Methods {
    private static final int MAX_KEYS = 1_000;
    private static final int TOKEN_DECIMALS = 9;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Chain chain;
    private final Map<String, Method> table = new TreeMap<>();

    private record Method(int most, Body body) {}

    @FunctionalInterface
    private interface Body {
        JsonNode call(RpcParams params, @Nullable RpcSession session);
    }

    RpcMethods(Chain chain) {
        this.chain = chain;
        plain("system_chain", 0, params -> NODES.stringNode(chain.spec().name()));
        plain("system_name", 0, params -> NODES.stringNode("DatDot"));
        plain("system_version", 0, params -> NODES.stringNode(version()));
        plain("system_health", 0, params -> health());
        plain("system_properties", 0, params -> properties());
        plain(
                "system_accountNextIndex",
                1,
                params -> NODES.numberNode(chain.nextNonce(params.account(0, "the account"))));
        plain("rpc_methods", 0, params -> methods());
        plain("chain_getBlockHash", 1, this::blockHash);
        plain("chain_getHeader", 1, this::header);
        plain("chain_getBlock", 1, this::block);
        plain("chain_getFinalizedHead", 0, params -> hex(chain.head().hash()));
        plain("state_getStorage", 2, this::storage);
        plain("state_getKeysPaged", 4, this::keys);
        plain("state_queryStorageAt", 2, this::storages);
        plain("state_getRuntimeVersion", 1, params -> runtimeVersion());
        plain("author_submitExtrinsic", 1, this::submit);
        plain("datdot_getEvents", 1, this::events);
        plain("datdot_getParameters", 0, params -> parameters());
        table.put("chain_subscribeNewHeads", new Method(0, (params, session) -> subscribeHeads(session)));
        table.put("chain_unsubscribeNewHeads", new Method(1, RpcMethods::unsubscribe));
        table.put("author_submitAndWatchExtrinsic", new Method(1, this::submitAndWatch));
        table.put("author_unwatchExtrinsic", new Method(1, RpcMethods::unsubscribe));
    }

    @FunctionalInterface
    private interface PlainBody {
        JsonNode call(RpcParams params);
    }

    private void plain(String name, int most, PlainBody body) {
        table.put(name, new Method(most, (params, session) -> body.call(params)));
    }

    @Override
    public JsonNode call(String name, JsonNode params, @Nullable RpcSession session) {
        Method method = table.get(name);
        if (method == null) {
            throw new RpcException(
                    RpcException.METHOD_NOT_FOUND, "Method not found; rpc_methods lists those there are");
        }
        return method.body.call(new RpcParams(params, method.most), session);
    }

    private static String version() {
        String version = RpcMethods.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private static JsonNode health() {
        return NODES.objectNode().put("peers", 0).put("isSyncing", false).put("shouldHavePeers", false);
    }

    private static JsonNode properties() {
        return NODES.objectNode()
                .put("ss58Format", Ss58.SUBSTRATE_PREFIX)
                .put("tokenDecimals", TOKEN_DECIMALS)
                .put("tokenSymbol", "DAT");
    }

    private static JsonNode runtimeVersion() {
        ObjectNode out = NODES.objectNode()
                .put("specName", "datdot")
                .put("implName", "datdot-java")
                .put("authoringVersion", 1)
                .put("specVersion", Extrinsic.SPEC_VERSION)
                .put("implVersion", 1);
        out.set("apis", NODES.arrayNode());
        return out.put("transactionVersion", Extrinsic.TRANSACTION_VERSION).put("stateVersion", 1);
    }

    private JsonNode methods() {
        ArrayNode names = NODES.arrayNode();
        table.keySet().forEach(names::add);
        ObjectNode out = NODES.objectNode();
        out.set("methods", names);
        return out;
    }

    private JsonNode blockHash(RpcParams params) {
        long number = params.has(0)
                ? params.number(0, "the block number")
                : chain.head().number();
        Block block = chain.block(number);
        return block == null ? NODES.nullNode() : hex(block.header().hash());
    }

    private JsonNode header(RpcParams params) {
        Block block = blockAt(params.optionalHash(0, "the block hash"));
        return block == null ? NODES.nullNode() : HeaderJson.of(block.header());
    }

    private JsonNode block(RpcParams params) {
        Block block = blockAt(params.optionalHash(0, "the block hash"));
        if (block == null) {
            return NODES.nullNode();
        }
        ArrayNode extrinsics = NODES.arrayNode();
        block.extrinsics().forEach(each -> extrinsics.add(RpcParams.hex(each.encoded())));
        ObjectNode content = NODES.objectNode();
        content.set("header", HeaderJson.of(block.header()));
        content.set("extrinsics", extrinsics);
        ObjectNode out = NODES.objectNode();
        out.set("block", content);
        out.set("justifications", NODES.nullNode());
        return out;
    }

    private @Nullable Block blockAt(@Nullable Hash hash) {
        return chain.block(hash == null ? chain.head().number() : chain.numberOf(hash));
    }

    private JsonNode storage(RpcParams params) {
        byte[] key = params.bytes(0, "the key");
        Hash at = params.optionalHash(1, "the block hash");
        return chain.readAt((head, state) -> {
            requireBest(at, head);
            return optionalHex(state.get(key));
        });
    }

    private JsonNode storages(RpcParams params) {
        List<byte[]> keys = params.listOfBytes(0, "the keys", MAX_KEYS);
        Hash at = params.optionalHash(1, "the block hash");
        return chain.readAt((head, state) -> {
            requireBest(at, head);
            ArrayNode changes = NODES.arrayNode();
            for (byte[] key : keys) {
                changes.add(NODES.arrayNode().add(RpcParams.hex(key)).add(optionalHex(state.get(key))));
            }
            ObjectNode set = NODES.objectNode();
            set.set("block", hex(head.hash()));
            set.set("changes", changes);
            return NODES.arrayNode().add(set);
        });
    }

    private JsonNode keys(RpcParams params) {
        byte[] prefix = params.bytes(0, "the prefix");
        long count = params.number(1, "the count");
        byte[] after = params.has(2) ? params.bytes(2, "the start key") : new byte[0];
        Hash at = params.optionalHash(3, "the block hash");
        if (count > MAX_KEYS) {
            throw RpcException.invalidParams("the count is at most " + MAX_KEYS + ", not " + count);
        }
        return chain.readAt((head, state) -> {
            requireBest(at, head);
            ArrayNode out = NODES.arrayNode();
            state.keys(prefix, after, (int) count).forEach(key -> out.add(RpcParams.hex(key)));
            return out;
        });
    }

    private static void requireBest(@Nullable Hash at, Header head) {
        if (at != null && !at.equals(head.hash())) {
            throw new RpcException(
                    RpcException.STATE_DISCARDED,
                    "only the state of the best block is kept, which is "
                            + RpcParams.hex(head.hash().bytes()));
        }
    }

    private JsonNode submit(RpcParams params) {
        byte[] encoded = params.bytes(0, "the extrinsic");
        return hex(submit(encoded, status -> {}).hash());
    }

    private Extrinsic submit(byte[] encoded, Consumer<ExtrinsicStatus> listener) {
        try {
            return chain.submit(encoded, listener);
        } catch (PoolException e) {
            throw new RpcException(
                    e.kind().code(), String.valueOf(e.getMessage()), e.kind().text());
        }
    }

    private JsonNode submitAndWatch(RpcParams params, @Nullable RpcSession session) {
        RpcSession to = requireSession(session);
        byte[] encoded = params.bytes(0, "the extrinsic");
        Watch watch = new Watch(to);
        String id = to.subscribe(watch);
        try {
            submit(encoded, watch::tell);
        } catch (RuntimeException e) {
            to.unsubscribe(id);
            throw e;
        }
        to.afterAnswer(() -> watch.start(id));
        return NODES.stringNode(id);
    }

    private JsonNode subscribeHeads(@Nullable RpcSession session) {
        RpcSession to = requireSession(session);
        HeadWatch watch = new HeadWatch(to, chain);
        String id = to.subscribe(watch);
        to.afterAnswer(() -> watch.start(id));
        return NODES.stringNode(id);
    }

    private static JsonNode unsubscribe(RpcParams params, @Nullable RpcSession session) {
        return NODES.booleanNode(requireSession(session).unsubscribe(params.string(0, "the subscription")));
    }

    private static RpcSession requireSession(@Nullable RpcSession session) {
        if (session == null) {
            throw new RpcException(
                    RpcException.METHOD_NOT_FOUND, "subscriptions need a WebSocket connection, which HTTP POST is not");
        }
        return session;
    }

    private JsonNode events(RpcParams params) {
        ArrayNode out = NODES.arrayNode();
        for (EventRecord record : chain.events(params.number(0, "the block number"))) {
            ObjectNode each = NODES.objectNode();
            if (record.extrinsicIndex() == EventRecord.INITIALIZATION) {
                each.put("phase", "Initialization");
            } else {
                each.set("phase", NODES.objectNode().put("ApplyExtrinsic", record.extrinsicIndex()));
            }
            out.add(each.put("name", record.event().getClass().getSimpleName())
                    .put("event", RpcParams.hex(record.event().encode())));
        }
        return out;
    }

    private JsonNode parameters() {
        ObjectNode out = JsonRpc.MAPPER.valueToTree(chain.spec().parameters());
        return out.put("encoded", RpcParams.hex(chain.spec().parameters().encode()));
    }

    private static JsonNode hex(Hash hash) {
        return NODES.stringNode(RpcParams.hex(hash.bytes()));
    }

    private static JsonNode optionalHex(byte @Nullable [] bytes) {
        return bytes == null ? NODES.nullNode() : NODES.stringNode(RpcParams.hex(bytes));
    }
}
