package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.datdot.encoding.ScaleEncoder;
import org.datdot.ledger.Call;
import org.datdot.ledger.Form;
import org.datdot.ledger.Jobs;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.Segment;
import org.datdot.ledger.Storage;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

class LedgerNamesTest {
    private static final LedgerNames NAMES = new LedgerNames(Parameters.devnet());

    private static JsonNode json(String text) {
        return JsonRpc.MAPPER.readTree(text);
    }

    @Test
    void shouldMakeCallsOfNamesAndJson() {
        String bob = TestChain.id(TestChain.BOB).toString();
        assertThat(NAMES.call("balances.transferAllowDeath", json("{\"to\":\"" + bob + "\",\"amount\":5}")))
                .isEqualTo(TestChain.transfer(TestChain.BOB, 5));
        assertThat(NAMES.call(
                        "Balances.transfer_allow_death",
                        json("[\"" + RpcParams.hex(TestChain.id(TestChain.BOB).bytes()) + "\",\"9007199254740993\"]")))
                .isEqualTo(TestChain.transfer(TestChain.BOB, 9_007_199_254_740_993L));
        assertThat(NAMES.call("datDot.resumeWork", JsonNodeFactory.instance.nullNode()))
                .isEqualTo(new Call.ResumeWork());
        Call.PublishPlan plan = new Call.PublishPlan(
                List.of(new Segment(7, 8, 0, 8)), 3, 0, 99, 1_000, List.of("EU"), List.of("10.0.0.1:3000"));
        Call.RegisterForWork work =
                new Call.RegisterForWork(new Form(1L << 40, 100, 4, "10.0.0.1:4000", List.of("EU", "US"), 0, 0));
        for (Call call : List.of(plan, work, TestChain.transfer(TestChain.ALICE, 1))) {
            JsonNode whole = ShapeJson.read(Call.CODEC.shape(), call.encode());
            assertThat(ShapeJson.write(Call.CODEC.shape(), whole))
                    .as(whole.toString())
                    .isEqualTo(call.encode());
            String pallet = whole.propertyNames().iterator().next();
            String name = whole.get(pallet).propertyNames().iterator().next();
            assertThat(NAMES.call(pallet + "." + name, whole.get(pallet).get(name)))
                    .as(whole.toString())
                    .isEqualTo(call);
        }
    }

    @Test
    void shouldSayWhatIsExpectedWhenACallIsNotRight() {
        assertThatThrownBy(() -> NAMES.call("datDot.fly", json("{}")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DatDot.publish_plan");
        assertThatThrownBy(() -> NAMES.call("datDot.cancelPlan", json("{\"plan\":-1}")))
                .hasMessageContaining("a number from 0");
        assertThatThrownBy(() -> NAMES.call("datDot.cancelPlan", json("{}")))
                .hasMessageContaining("lacks the field plan");
        assertThatThrownBy(() -> NAMES.call("datDot.cancelPlan", json("{\"plan\":1,\"now\":true}")))
                .hasMessageContaining("no field now");
        assertThatThrownBy(() -> NAMES.call("balances.transferAllowDeath", json("{\"to\":\"x\",\"amount\":1}")))
                .hasMessageContaining("SS58");
    }

    @Test
    void shouldFindAndReadEntriesByName() {
        assertThat(NAMES.entry("datDot.jobs").key(List.of(json("7")))).isEqualTo(Storage.JOBS.key(7L));
        assertThat(NAMES.entry("DatDot.PlansOfFeed").key(List.of(json("7"), json("\"12\""))))
                .isEqualTo(Storage.PLANS_OF_FEED.key(7L, 12L));
        assertThat(NAMES.entry("datdot.plansOfFeed").key(List.of(json("7"))))
                .isEqualTo(Storage.PLANS_OF_FEED.prefix(7L));
        assertThat(NAMES.entry("datDot.plansOfFeed")
                        .keys(Storage.PLANS_OF_FEED.key(7L, 12L))
                        .toString())
                .isEqualTo("[7,12]");
        assertThat(NAMES.entry("system.number").key(List.of())).isEqualTo(Storage.BLOCK_NUMBER.key());
        assertThat(NAMES.entry("system.number")
                        .value(new ScaleEncoder().u32(77).toBytes())
                        .asLong())
                .isEqualTo(77);
        assertThat(NAMES.entry("datDot.jobs")
                        .value(Jobs.CODEC.encode(Jobs.NONE))
                        .get("challenge")
                        .isNull())
                .isTrue();
        assertThat(NAMES.entries()).hasSizeGreaterThan(25).anyMatch(each -> each.startsWith("System.Account"));
        assertThatThrownBy(() -> NAMES.entry("datDot.nothing")).hasMessageContaining("DatDot.Items");
    }
}
