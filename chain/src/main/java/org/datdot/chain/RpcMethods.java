package org.datdot.chain;

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
    private static final int TOKEN_DECIMALS = 9;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Chain chain;
    private final Map<String, Method> table = new TreeMap<>();

    private record Method(int most, Body body) {}

    @FunctionalInterface
    private interface Body {
        JsonNode call(RpcParams params, @Nullable RpcSession session);
    }

    /**
     * Serves a chain.
     *
     * @param readOnly whether its blocks are made elsewhere, and no extrinsics are taken
     * @param properties told besides what is always told of the chain
     */
    RpcMethods(Chain chain, boolean readOnly, Map<String, String> properties) {
        this.chain = chain;
        RpcState state = new RpcState(chain);
        plain("system_chain", 0, params -> NODES.stringNode(chain.spec().name()));
        plain("system_name", 0, params -> NODES.stringNode("DatDot"));
        plain("system_version", 0, params -> NODES.stringNode(version()));
        plain("system_health", 0, params -> health());
        plain("system_properties", 0, params -> properties(properties));
        plain(
                "system_accountNextIndex",
                1,
                params -> NODES.numberNode(chain.nextNonce(params.account(0, "the account"))));
        plain("system_chainType", 0, params -> NODES.stringNode("Live"));
        plain("rpc_methods", 0, params -> methods());
        plain("chain_getBlockHash", 1, this::blockHash);
        plain("chain_getHeader", 1, this::header);
        plain("chain_getBlock", 1, this::block);
        plain("chain_getFinalizedHead", 0, params -> hex(chain.head().hash()));
        plain("state_getMetadata", 1, params -> state.metadata());
        plain("state_call", 3, state::call);
        plain("state_getStorage", 2, state::storage);
        plain("state_getStorageAt", 2, state::storage);
        plain("state_getStorageHash", 2, state::storageHash);
        plain("state_getStorageSize", 2, state::storageSize);
        plain("state_getKeysPaged", 4, state::keys);
        plain("state_queryStorageAt", 2, state::storages);
        plain("state_getReadProof", 2, state::readProof);
        plain("state_getRuntimeVersion", 1, params -> RuntimeVersion.json());
        plain("payment_queryInfo", 2, state::paymentInfo);
        plain("author_pendingExtrinsics", 0, params -> pending());
        plain("author_submitExtrinsic", 1, this::submit);
        plain(
                "datdot_getSpec",
                0,
                params -> NODES.stringNode(RpcParams.hex(chain.spec().encode())));
        plain("datdot_getBlock", 1, this::encodedBlock);
        plain("datdot_getEvents", 1, this::events);
        plain("datdot_getParameters", 0, params -> parameters());
        subscription("chain_subscribeNewHeads", "chain_unsubscribeNewHeads", "chain_newHead");
        subscription("chain_subscribeNewHead", "chain_unsubscribeNewHead", "chain_newHead");
        subscription("chain_subscribeAllHeads", "chain_unsubscribeAllHeads", "chain_allHead");
        subscription("chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads", "chain_finalizedHead");
        table.put("state_subscribeStorage", new Method(1, this::subscribeStorage));
        table.put("state_unsubscribeStorage", new Method(1, RpcMethods::unsubscribe));
        table.put("state_subscribeRuntimeVersion", new Method(0, (params, session) -> subscribeVersion(session)));
        table.put("state_unsubscribeRuntimeVersion", new Method(1, RpcMethods::unsubscribe));
        table.put("author_submitAndWatchExtrinsic", new Method(1, this::submitAndWatch));
        table.put("author_unwatchExtrinsic", new Method(1, RpcMethods::unsubscribe));
        if (readOnly) {
            table.keySet().removeIf(name -> name.startsWith("author_submit"));
        }
    }

    @FunctionalInterface
    private interface PlainBody {
        JsonNode call(RpcParams params);
    }

    private void plain(String name, int most, PlainBody body) {
        table.put(name, new Method(most, (params, session) -> body.call(params)));
    }

    /** Heads under one of the names clients ask for them: with one author and no forks, the best block is final. */
    private void subscription(String subscribe, String unsubscribe, String notification) {
        table.put(subscribe, new Method(0, (params, session) -> subscribeHeads(session, notification)));
        table.put(unsubscribe, new Method(1, RpcMethods::unsubscribe));
    }

    @Override
    public JsonNode call(String name, JsonNode params, @Nullable RpcSession session) {
        Method method = table.get(name);
        if (method == null && name.startsWith("author_submit")) {
            throw new RpcException(
                    PoolException.Kind.READ_ONLY.code(),
                    "this ledger follows another one and takes no extrinsics; hand them in where the blocks are made",
                    PoolException.Kind.READ_ONLY.text());
        }
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

    private static JsonNode properties(Map<String, String> more) {
        ObjectNode out = NODES.objectNode()
                .put("ss58Format", Ss58.SUBSTRATE_PREFIX)
                .put("tokenDecimals", TOKEN_DECIMALS)
                .put("tokenSymbol", "DAT");
        more.forEach(out::put);
        return out;
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

    private JsonNode encodedBlock(RpcParams params) {
        Block block = chain.block(params.number(0, "the block number"));
        return block == null ? NODES.nullNode() : NODES.stringNode(RpcParams.hex(block.encode()));
    }

    private @Nullable Block blockAt(@Nullable Hash hash) {
        return chain.block(hash == null ? chain.head().number() : chain.numberOf(hash));
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

    private JsonNode subscribeHeads(@Nullable RpcSession session, String notification) {
        RpcSession to = requireSession(session);
        HeadWatch watch = new HeadWatch(to, chain, notification);
        String id = to.subscribe(watch);
        to.afterAnswer(() -> watch.start(id));
        return NODES.stringNode(id);
    }

    private JsonNode subscribeStorage(RpcParams params, @Nullable RpcSession session) {
        RpcSession to = requireSession(session);
        StorageWatch watch = new StorageWatch(to, chain, RpcState.watched(params));
        String id = to.subscribe(watch);
        to.afterAnswer(() -> watch.start(id));
        return NODES.stringNode(id);
    }

    /** Rules change with the program only, so there is one version to tell of. */
    private static JsonNode subscribeVersion(@Nullable RpcSession session) {
        RpcSession to = requireSession(session);
        String id = to.subscribe(() -> {});
        to.afterAnswer(() -> to.send(JsonRpc.notification("state_runtimeVersion", id, RuntimeVersion.json())));
        return NODES.stringNode(id);
    }

    private JsonNode pending() {
        ArrayNode out = NODES.arrayNode();
        chain.waiting().forEach(each -> out.add(RpcParams.hex(each.encoded())));
        return out;
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
}
