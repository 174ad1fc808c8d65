package org.datdot.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The names the project promised before it had a line of code. */
class SeedNamesTest {
    private static final List<String> PARAMETERS = List.of(
            "PerformanceAttestorCount",
            "ChallengeDelay",
            "EncodingDuration",
            "AttestingDuration",
            "AmendmentFollowupDelay",
            "ContractSetSize",
            "ContractActivationCap",
            "EncodersPerContract",
            "HostersPerContract",
            "AttestorsPerContract",
            "MaxSelectedPerRole");

    private static List<String> options(Shape shape) {
        // Metadata has Rust's spelling, which clients turn into their own.
        return ((Shape.Variant) shape)
                .options().stream()
                        .map(option -> Pattern.compile("_(.)")
                                .matcher(option.name())
                                .replaceAll(found -> found.group(1).toUpperCase(Locale.ROOT)))
                        .toList();
    }

    private static PalletDescription datdot() {
        return PalletDescription.all(Parameters.defaults(), List.of(), Map.of()).stream()
                .filter(pallet -> pallet.id() == PalletId.DATDOT)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldHaveAllParametersUnderTheirNames() {
        assertThat(datdot().constants())
                .extracting(PalletDescription.Constant::name)
                .containsAll(PARAMETERS);
    }

    @Test
    void shouldTakeAnotherNumberForEachParameterByItsName() {
        for (PalletDescription.Constant constant : datdot().constants()) {
            Parameters changed = Parameters.defaults().with(constant.name(), 4711);
            List<PalletDescription.Constant> now = PalletDescription.all(changed, List.of(), Map.of()).stream()
                    .filter(pallet -> pallet.id() == PalletId.DATDOT)
                    .findFirst()
                    .orElseThrow()
                    .constants();
            assertThat(now.stream()
                            .filter(one -> !Arrays.equals(
                                    one.value(),
                                    datdot().constants().stream()
                                            .filter(old -> old.name().equals(one.name()))
                                            .findFirst()
                                            .orElseThrow()
                                            .value())))
                    .extracting(PalletDescription.Constant::name)
                    .containsExactly(constant.name());
        }
        assertThatThrownBy(() -> Parameters.defaults().with("NoSuchThing", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NoSuchThing");
    }

    @Test
    void shouldHaveAllCallsUnderTheirNames() {
        assertThat(options(datdot().calls().orElseThrow()))
                .contains(
                        "newUser",
                        "registerForWork",
                        "publishFeed",
                        "publishPlan",
                        "amendmentReport",
                        "submitStorageChallenge",
                        "submitPerformanceChallenge");
    }

    @Test
    void shouldAnswerAllQueriesUnderTheirNames() {
        assertThat(Arrays.stream(Queries.class.getMethods()).map(Method::getName))
                .contains(
                        "getBlockNumber",
                        "getItemByID",
                        "getUserByID",
                        "getUserIDByNoiseKey",
                        "getUserIDBySigningKey",
                        "getFeedByID",
                        "getFeedByKey",
                        "getPlanByID",
                        "getAmendmentByID",
                        "getContractByID",
                        "getStorageChallengeByID",
                        "getPerformanceChallengeByID",
                        "getFeedKey",
                        "getUserAddress",
                        "getHosterKey",
                        "getEncoderKey",
                        "getAttestorKey",
                        "getSigningKey");
    }
}
