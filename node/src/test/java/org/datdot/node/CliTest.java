package org.datdot.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.datdot.crypto.CoreKey;
import org.datdot.ledger.Parameters;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the commands answer when they are used wrongly or the machine is not as it should be. */
@Timeout(DatdotProcess.LIMIT_SECONDS) // a command that wrongly begins to work would wait for Ctrl-C
class CliTest {
    private static final String NO_KEY_HERE = new CoreKey(new byte[32]).toString();
    private static final URI NOBODY = URI.create("ws://127.0.0.1:1");

    @TempDir
    static Path ledgerFolder;

    private static LedgerNode ledger;

    @TempDir
    Path place;

    /** How a command ended. */
    private record Ended(Exit exit, String out, String err) {}

    @BeforeAll
    static void startLedger() {
        ledger = LedgerNode.start(
                ledgerFolder.resolve("ledger"),
                ProviderNode.loopback(0),
                Duration.ofMillis(50),
                Parameters.devnet(),
                Optional.empty());
    }

    @AfterAll
    static void endLedger() {
        ledger.close();
    }

    private Path home() {
        return place.resolve("home");
    }

    /** Runs a command of one's own home against the ledger of this test. */
    private Ended person(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--home", home().toString()));
        if (!all.contains("--network")) {
            all.addAll(List.of("--network", ledger.uri().toString()));
        }
        return run(all.toArray(String[]::new));
    }

    private static Ended run(String... arguments) {
        StringWriter err = new StringWriter();
        StringWriter usage = new StringWriter();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        int code;
        try {
            CommandLine line = Main.commandLine(List.of()); // keeps the System.out of now
            line.setErr(new PrintWriter(err, true));
            line.setOut(new PrintWriter(usage, true));
            code = line.execute(arguments);
        } finally {
            System.setOut(before);
        }
        Exit exit = Stream.of(Exit.values())
                .filter(one -> one.code() == code)
                .findFirst()
                .orElseThrow();
        return new Ended(exit, usage + printed.toString(StandardCharsets.UTF_8), err.toString());
    }

    private static void requireFailure(Ended ended, Exit exit, String... parts) {
        assertThat(ended.exit()).as(ended.toString()).isEqualTo(exit);
        assertThat(ended.err()).isNotBlank().doesNotContain("defect", "Exception", "\tat ");
        assertThat(parts).allSatisfy(part -> assertThat(ended.err()).contains(part));
    }

    private String published() throws IOException {
        Path folder = Samples.folder(place.resolve("folder"), 1000, new Random(1));
        Ended ended = person("publish", folder.toString());
        assertThat(ended.exit()).as(ended.toString()).isEqualTo(Exit.OK);
        return ended.out().strip().lines().toList().getLast();
    }

    // ---- the command line itself

    @ParameterizedTest
    @ValueSource(strings = {"abc", "yryryryryryryryryryryryryryryryryryryryryryryryryry", "00", ""})
    void shouldSayWhatAKeyLooksLikeWhenItIsNone(String key) {
        for (String[] arguments : new String[][] {
            {"host", key, "--budget", "1"},
            {"get", key, place.resolve("dest").toString()},
            {"status", key}
        }) {
            requireFailure(person(arguments), Exit.USAGE, "52 characters", "64");
        }
        assertThat(place.resolve("dest")).doesNotExist();
    }

    @Test
    void shouldNameTheWrongCharacterOfAKey() {
        requireFailure(person("status", "l" + NO_KEY_HERE.substring(1)), Exit.USAGE, "'l'");
        requireFailure(person("status", "g".repeat(64)), Exit.USAGE, "'g'", "hex");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "publish --nonsense .",
                "publish",
                "host",
                "host KEY",
                "host KEY --budget lots",
                "host KEY --budget -1",
                "host KEY --budget 1 --duration soon",
                "host KEY --budget 1 --duration 0s",
                "host KEY --budget 1 --replicas many",
                "get KEY",
                "seed",
                "seed --storage big --price 1",
                "seed --storage 1GB --price free",
                "seed --storage 1GB --price 1 --listen nowhere:x",
                "ledger --listen 127.0.0.1:70000",
                "ledger --interval 0",
                "ledger --interval -5",
                "devnet --port 70000",
                "devnet --port -1",
                "devnet --providers -1",
                "devnet --providers few",
                "demo --providers 3",
                "account --restore few_words",
                "status --network http://127.0.0.1:1",
                "status --network nonsense",
                "status --network ws://",
                "unknown",
                ""
            })
    void shouldRefuseAWrongCommandLine(String text) {
        List<String> arguments = new ArrayList<>();
        Stream.of(text.split(" "))
                .filter(part -> !part.isEmpty())
                .map(part -> part.equals("KEY") ? NO_KEY_HERE : part)
                .forEach(arguments::add);
        if (!arguments.isEmpty() && !List.of("demo", "unknown").contains(arguments.getFirst())) {
            arguments.addAll(List.of("--home", home().toString()));
        }
        Ended ended = run(arguments.toArray(String[]::new));
        requireFailure(ended, Exit.USAGE);
        assertThat(home().resolve("ledger/chain")).doesNotExist();
    }

    @Test
    void shouldPrintACompletionScriptThatBashAccepts() throws IOException, InterruptedException {
        Ended ended = run("completion");
        assertThat(ended.exit()).isEqualTo(Exit.OK);
        assertThat(ended.out()).contains("complete -F", "publish", "--budget");
        Path script = Files.writeString(place.resolve("completion"), ended.out());
        Process bash = new ProcessBuilder("bash", "-n", script.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor(DatdotProcess.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(bash.exitValue()).as(said).isZero();
    }

    static Stream<String> commands() {
        return Main.commandLine(List.of()).getSubcommands().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void shouldExplainEveryOptionInTheHelp(String name) {
        Ended ended = run("help", name);
        assertThat(ended.exit()).isEqualTo(Exit.OK);
        CommandLine.Model.CommandSpec spec = Objects.requireNonNull(
                        Main.commandLine(List.of()).getSubcommands().get(name))
                .getCommandSpec();
        assertThat(ended.out()).contains("Usage: datdot " + name);
        assertThat(spec.usageMessage().description()).isNotEmpty();
        assertThat(spec.options()).allSatisfy(option -> {
            assertThat(ended.out()).contains(option.longestName());
            assertThat(option.description()).as(option.longestName()).isNotEmpty();
        });
        assertThat(spec.positionalParameters()).allSatisfy(parameter -> {
            assertThat(ended.out()).contains(parameter.paramLabel());
            assertThat(parameter.description()).isNotEmpty();
        });
        if (!name.equals("help")) {
            assertThat(run(name, "--help").out()).isEqualTo(ended.out());
        }
    }

    @Test
    void shouldListExactlyTheExitCodesInTheHelp() {
        Map<Integer, String> listed = new TreeMap<>();
        run("--help")
                .out()
                .lines()
                .map(String::strip)
                .filter(line -> line.matches("\\d+ .*"))
                .forEach(line -> listed.put(
                        Integer.valueOf(line.substring(0, line.indexOf(' '))),
                        line.substring(line.indexOf(' ')).strip()));
        Map<Integer, String> known = new TreeMap<>();
        Stream.of(Exit.values()).forEach(exit -> known.put(exit.code(), exit.meaning()));
        assertThat(listed).isEqualTo(known);
    }

    // ---- what is not there

    @Test
    void shouldSayThatAFolderIsNotThere() {
        requireFailure(person("publish", place.resolve("nothing").toString()), Exit.NOT_FOUND, "nothing");
        assertThat(home()).doesNotExist();
    }

    @Test
    void shouldSayThatAKeyIsNotKnown() throws IOException {
        requireFailure(
                person("get", NO_KEY_HERE, place.resolve("dest").toString()), Exit.NOT_FOUND, "nobody hosts", "--peer");
        requireFailure(person("status", NO_KEY_HERE), Exit.NOT_FOUND, "does not know");
        requireFailure(person("status"), Exit.NOT_FOUND, "datdot account");
        requireFailure(person("host", NO_KEY_HERE, "--budget", "1"), Exit.NOT_FOUND, "not published from here");
        assertThat(place.resolve("dest")).doesNotExist();
        requireFailure( // published, but hosted by nobody
                person("get", published(), place.resolve("dest").toString()), Exit.NOT_FOUND, "nobody hosts");
    }

    @Test
    void shouldSayThatTheLedgerCannotBeReached() {
        for (String[] arguments : new String[][] {
            {"get", NO_KEY_HERE, place.resolve("dest").toString()},
            {"seed", "--storage", "1GB", "--price", "1"}
        }) {
            String[] all = Arrays.copyOf(arguments, arguments.length + 2);
            all[arguments.length] = "--network";
            all[arguments.length + 1] = NOBODY.toString();
            requireFailure(person(all), Exit.NO_LEDGER, "no ledger answers at " + NOBODY, "datdot devnet");
        }
    }

    @Test
    void shouldSayThatNoPeerCanBeReached() {
        requireFailure(
                person("get", NO_KEY_HERE, place.resolve("dest").toString(), "--peer", "127.0.0.1:1"),
                Exit.NETWORK,
                "127.0.0.1:1");
    }

    // ---- what the ledger refuses

    @Test
    void shouldShowBothAmountsWhenTheBudgetIsAboveTheBalance() throws IOException {
        requireFailure(
                person("host", published(), "--budget", "2000"),
                Exit.REFUSED,
                "2000 tokens",
                "999.9999", // publishing has cost its fees
                " tokens are free",
                "datdot account");
    }

    @Test
    void shouldSayWhatTheSetupCostsWhenTheBudgetDoesNotPayIt() throws IOException {
        Ended ended = person("host", published(), "--budget", "0.000000001");
        requireFailure(ended, Exit.REFUSED, "budget");
        assertThat(ended.err()).containsPattern("\\d{3,}"); // the fees, which are more than one unit
    }

    @Test
    void shouldRefuseMoreReplicasThanThereMayBe() throws IOException {
        requireFailure(
                person("host", published(), "--budget", "1", "--replicas", "99"),
                Exit.REFUSED,
                "1 to " + Parameters.devnet().maxReplicas() + " replicas");
    }

    // ---- ports and folders

    @Test
    void shouldSayThatAPortIsInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(ProviderNode.loopback(0));
            String port = String.valueOf(taken.getLocalPort());
            String address = "127.0.0.1:" + port;
            requireFailure(person("devnet", "--port", port, "--providers", "1"), Exit.NETWORK, port);
            requireFailure(person("ledger", "--listen", address), Exit.NETWORK, port);
            requireFailure(person("seed", "--storage", "1GB", "--price", "1", "--listen", address), Exit.NETWORK, port);
            requireFailure(person("host", published(), "--budget", "1", "--listen", address), Exit.NETWORK, port);
        }
    }

    @Test
    void shouldRefuseASecondProcessInTheSameFolder() throws IOException, InterruptedException {
        Path folder = Samples.folder(place.resolve("folder"), 10, new Random(2));
        try (DatdotProcess first =
                DatdotProcess.start(home(), ledger.uri(), "seed", "--json", "--storage", "1GB", "--price", "1")) {
            first.awaitJson();
            requireFailure(person("seed", "--storage", "1GB", "--price", "1"), Exit.DATA_DIRECTORY, "in use", "--home");
        }
        try (PeerNode mine = PeerNode.open(new Home(home()))) {
            assertThat(mine.store().list()).isEmpty();
            requireFailure(person("publish", folder.toString()), Exit.DATA_DIRECTORY, "in use", "--home");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CURRENT", "MANIFEST-"})
    void shouldAdviseAndDeleteNothingWhenTheStoreIsDamaged(String prefix) throws IOException {
        String key = published();
        Path cores = home().resolve("store/cores");
        overwrite(cores, prefix);
        Map<Path, Long> before = sizes(cores);
        requireFailure(person("publish", place.resolve("folder").toString()), Exit.DATA_DIRECTORY, "backup");
        requireFailure(person("host", key, "--budget", "1"), Exit.DATA_DIRECTORY, "backup");
        assertThat(sizes(cores)).containsAllEntriesOf(before);
    }

    @Test
    void shouldAdviseWhenTheChainIsDamaged() throws IOException {
        Path folder = home().resolve("ledger");
        LedgerNode.start(folder, ProviderNode.loopback(0), Duration.ofMillis(50), Parameters.devnet(), Optional.empty())
                .close();
        overwrite(folder.resolve("chain"), "CURRENT");
        Map<Path, Long> before = sizes(folder.resolve("chain"));
        requireFailure(person("ledger", "--listen", "127.0.0.1:0"), Exit.DATA_DIRECTORY, folder.toString());
        assertThat(sizes(folder.resolve("chain"))).containsAllEntriesOf(before);
    }

    private static void overwrite(Path folder, String prefix) throws IOException {
        byte[] garbage = new byte[100];
        new Random(3).nextBytes(garbage);
        int overwritten = 0;
        for (Path file : sizes(folder).keySet()) {
            if (file.getFileName().toString().startsWith(prefix)) {
                Files.write(file, garbage);
                overwritten++;
            }
        }
        assertThat(overwritten).isEqualTo(1);
    }

    /** The database's files; its log of what it did is no data. */
    private static Map<Path, Long> sizes(Path folder) throws IOException {
        Map<Path, Long> sizes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("LOG"))
                    .toList()) {
                sizes.put(file, Files.size(file));
            }
        }
        return sizes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0123", "not hexadecimal at all", "zz"})
    void shouldSayThatTheAccountIsDamagedAndKeepIt(String content) throws IOException {
        Path file = Files.createDirectories(home().resolve("account")).resolve("account.seed");
        Files.writeString(file, content);
        requireFailure(person("account"), Exit.DATA_DIRECTORY, file.toString(), "--restore");
        requireFailure(person("status"), Exit.DATA_DIRECTORY, file.toString());
        assertThat(file).hasContent(content);
    }

    @Test
    void shouldRestoreAnAccountFromItsWordsAndNeverReplaceOne() {
        String words = person("account", "--phrase").out().strip();
        assertThat(words.split(" ")).hasSize(24);
        Path other = place.resolve("other");
        String network = ledger.uri().toString();
        Ended restored = run("account", "--json", "--restore", words, "--home", other.toString(), "--network", network);
        assertThat(restored.exit()).as(restored.toString()).isEqualTo(Exit.OK);
        assertThat(restored.out()).isEqualTo(person("account", "--json").out());
        requireFailure(person("account", "--restore", words), Exit.FAILED, "only copy");
        requireFailure(
                run(
                        "account",
                        "--restore",
                        words.replaceFirst("\\w+", "datdot"),
                        "--home",
                        place.resolve("third").toString()),
                Exit.USAGE,
                "datdot");
        assertThat(place.resolve("third/account/account.seed")).doesNotExist();
    }

    @Test
    void shouldNotWriteIntoAFolderThatIsNotEmpty() throws IOException, InterruptedException {
        Path dest = Files.createDirectories(place.resolve("dest"));
        Path mine = Files.writeString(dest.resolve("mine"), "precious");
        String key = published();
        try (PeerNode node = PeerNode.open(new Home(home()))) {
            String peer = Addresses.text(node.listen(ProviderNode.loopback(0)));
            String reader = place.resolve("reader").toString();
            requireFailure(
                    run("get", key, dest.toString(), "--peer", peer, "--home", reader),
                    Exit.FAILED,
                    "not empty",
                    "merge");
            assertThat(dest).isDirectoryNotContaining(file -> !file.equals(mine));
            assertThat(run("get", key, dest.toString(), "--merge", "--peer", peer, "--home", reader)
                            .exit())
                    .isEqualTo(Exit.OK);
        }
        assertThat(mine).hasContent("precious");
        assertThat(dest.resolve("README.md")).exists();
    }
}
