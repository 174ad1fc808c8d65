package org.datdot.chain;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Which rules the chain follows and which questions {@code state_call} answers, as JSON (crate {@code sp-version}). */
final class RuntimeVersion {
    /**
     * Questions the rules answer ({@link RuntimeCalls}).
     *
     * @param id BLAKE2b-64 of their group's name
     * @param version which form of the group
     */
    private record Api(String id, int version) {}

    private static final List<Api> APIS = List.of(
            // AccountNonceApi, Metadata, TransactionPaymentApi
            new Api("0xbc9d89904f5b923f", 1), new Api("0x37e397fc7c91f5e4", 2), new Api("0x37c8bb1350a9a2a8", 2));

    private RuntimeVersion() {}

    static ObjectNode json() {
        ObjectNode out = JsonNodeFactory.instance
                .objectNode()
                .put("specName", "datdot")
                .put("implName", "datdot-java")
                .put("authoringVersion", 1)
                .put("specVersion", Extrinsic.SPEC_VERSION)
                .put("implVersion", 1);
        ArrayNode apis = out.putArray("apis");
        APIS.forEach(api -> apis.addArray().add(api.id).add(api.version));
        return out.put("transactionVersion", Extrinsic.TRANSACTION_VERSION).put("stateVersion", 1);
    }
}
