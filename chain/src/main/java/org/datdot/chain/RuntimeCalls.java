package org.datdot.chain;

import java.math.BigInteger;
import java.util.List;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Balances;
import org.datdot.ledger.Call;
import org.datdot.ledger.DispatchInfo;
import org.datdot.ledger.Fees;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.StateReader;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Questions in SCALE to the rules themselves, which Substrate's clients ask by {@code state_call}; {@link RuntimeVersion} lists the groups. */
final class RuntimeCalls {
    private static final long METADATA_VERSION = 14;

    private final byte[] metadata;
    private final Parameters parameters;

    RuntimeCalls(byte[] metadata, Parameters parameters) {
        this.metadata = metadata;
        this.parameters = parameters;
    }

    /**
     * The answer to a question.
     *
     * @throws RpcException when there is no such question, or its arguments are malformed
     */
    byte[] answer(String question, byte[] arguments, StateReader state) {
        ScaleDecoder in = new ScaleDecoder(arguments);
        try {
            byte[] answer = switch (question) {
                case "Metadata_metadata" -> new ScaleEncoder().bytes(metadata).toBytes();
                case "Metadata_metadata_versions" ->
                    new ScaleEncoder()
                            .list(List.of(METADATA_VERSION), ScaleEncoder::u32)
                            .toBytes();
                case "Metadata_metadata_at_version" ->
                    in.u32() == METADATA_VERSION
                            ? new ScaleEncoder().bool(true).bytes(metadata).toBytes()
                            : new ScaleEncoder().bool(false).toBytes();
                case "TransactionPaymentApi_query_info" -> {
                    Call call = call(in);
                    DispatchInfo info = Fees.info(parameters, call, false);
                    yield new ScaleEncoder()
                            .compact(info.weight().refTime())
                            .compact(info.weight().proofSize())
                            .u8(0)
                            .u128(BigInteger.valueOf(Fees.of(parameters, call)))
                            .toBytes();
                }
                // All of it as base fee: the parts for length and weight come from one table.
                case "TransactionPaymentApi_query_fee_details" ->
                    new ScaleEncoder()
                            .bool(true)
                            .u128(BigInteger.valueOf(Fees.of(parameters, call(in))))
                            .u128(BigInteger.ZERO)
                            .u128(BigInteger.ZERO)
                            .toBytes();
                case "AccountNonceApi_account_nonce" ->
                    new ScaleEncoder()
                            .u32(Balances.nonce(state, new AccountId(in.fixed(AccountId.BYTES))))
                            .toBytes();
                default ->
                    throw RpcException.invalidParams(
                            "no question " + question + "; state_getRuntimeVersion lists the groups there are");
            };
            in.requireEnd();
            return answer;
        } catch (DecodingException e) {
            throw RpcException.invalidParams("the arguments of " + question + ": " + e.getMessage());
        }
    }

    /** The call of an extrinsic with its length behind it, of which only the extrinsic is looked at. */
    private static Call call(ScaleDecoder in) {
        Call call = Extrinsic.decodeUnsettled(in);
        in.u32();
        return call;
    }

    /** What including an extrinsic costs, as {@code payment_queryInfo} says it. */
    ObjectNode paymentInfo(byte[] encoded) {
        Call call;
        try {
            ScaleDecoder in = new ScaleDecoder(encoded);
            call = Extrinsic.decodeUnsettled(in);
            in.requireEnd();
        } catch (DecodingException e) {
            throw RpcException.invalidParams("the extrinsic: " + e.getMessage());
        }
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        DispatchInfo.Weight weight = Fees.info(parameters, call, false).weight();
        out.putObject("weight").put("ref_time", weight.refTime()).put("proof_size", weight.proofSize());
        return out.put("class", "normal").put("partialFee", Long.toString(Fees.of(parameters, call)));
    }
}
