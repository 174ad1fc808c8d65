package org.datdot.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The arrows of ARCHITECTURE.md: which module may know which, and what no module below the process may touch. */
class ArrowsTest {
    /** Each module with all it may know. */
    private static final Map<String, Set<String>> MAY_KNOW = new LinkedHashMap<>();

    static {
        MAY_KNOW.put("encoding", Set.of());
        MAY_KNOW.put("crypto", Set.of("encoding"));
        MAY_KNOW.put("udx", Set.of("encoding"));
        MAY_KNOW.put("ledger", Set.of("encoding", "crypto"));
        MAY_KNOW.put("wire", Set.of("encoding", "crypto"));
        MAY_KNOW.put("chain", Set.of("encoding", "crypto", "ledger"));
        MAY_KNOW.put("hypercore", Set.of("encoding", "crypto", "wire"));
        MAY_KNOW.put("dht", Set.of("encoding", "crypto", "wire", "udx"));
        MAY_KNOW.put("swarm", Set.of("encoding", "crypto", "wire", "udx", "dht"));
        MAY_KNOW.put("drive", Set.of("encoding", "crypto", "hypercore"));
        MAY_KNOW.put(
                "hosting",
                Set.of("encoding", "crypto", "ledger", "wire", "chain", "hypercore", "dht", "swarm", "drive"));
    }

    private static JavaClasses classes;

    @BeforeAll
    static void importClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("org.datdot");
    }

    @TestFactory
    Stream<DynamicTest> shouldOnlyPointDownwards() {
        return MAY_KNOW.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    String[] forbidden = Stream.concat(MAY_KNOW.keySet().stream(), Stream.of("node"))
                            .filter(module -> !module.equals(entry.getKey())
                                    && !entry.getValue().contains(module))
                            .map(module -> "org.datdot." + module)
                            .toArray(String[]::new);
                    noClasses()
                            .that()
                            .resideInAPackage("org.datdot." + entry.getKey())
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(forbidden)
                            .because("a module knows only the modules below it, see ARCHITECTURE.md")
                            .check(classes);
                }));
    }

    @Test
    void shouldKeepThePalletFreeOfInputOutputAndThreads() {
        noClasses()
                .that()
                .resideInAPackage("org.datdot.ledger")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io", "java.nio.file..", "java.net..", "java.util.concurrent..", "org.rocksdb..")
                .check(classes);
    }

    @Test
    void shouldHandTimeAndRandomnessInBelowTheProcess() {
        List<ArchRule> rules = List.of(
                noClasses()
                        .that()
                        .resideOutsideOfPackage("org.datdot.node")
                        .should()
                        .callMethod(System.class, "currentTimeMillis"),
                noClasses()
                        .that()
                        .resideOutsideOfPackage("org.datdot.node")
                        .should()
                        .callMethod(Thread.class, "sleep", long.class),
                noClasses()
                        .that()
                        .resideOutsideOfPackage("org.datdot.node")
                        .should()
                        .callConstructor(Random.class),
                noClasses()
                        .that()
                        .resideInAPackage("org.datdot.ledger")
                        .should()
                        .callMethod(System.class, "nanoTime"));
        rules.forEach(rule -> rule.check(classes));
    }

    @Test
    void shouldNameEveryModuleOfTheBuild() {
        List<String> known = Arrays.asList(
                "encoding",
                "crypto",
                "udx",
                "ledger",
                "wire",
                "chain",
                "hypercore",
                "dht",
                "swarm",
                "drive",
                "hosting",
                "node");
        org.assertj.core.api.Assertions.assertThat(classes.stream()
                        .map(type -> type.getPackageName().replaceFirst("^org\\.datdot\\.", ""))
                        .distinct())
                .isSubsetOf(known);
    }
}
