package org.datdot.node;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.datdot.chain.ChainExport;
import org.datdot.chain.ChainSpec;
import org.datdot.chain.Header;
import org.datdot.chain.LedgerNames;
import org.datdot.chain.RpcLedgerClient;
import org.datdot.chain.ShapeJson;
import org.datdot.crypto.Entropy;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Call;
import org.datdot.ledger.Event;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code datdot chain …}: looks at a ledger, checks it, and calls whatever it can do by name. */
@Command(
        name = "chain",
        mixinStandardHelpOptions = true,
        description = {
            "Look at a ledger, check it, and call whatever it can do by name.",
            "",
            "  datdot chain status",
            "  datdot chain query System.Account 5C62Ck4UrFPiBtoCmeSrgF7x9yv9mn38446dhCpsi2mLHiFT --proof",
            "  datdot chain submit DatDot.pause_work '{\"until_block\": 900}'",
            "  datdot chain export blocks.ddb && datdot chain verify blocks.ddb --compare",
            ""
        },
        subcommands = {
            ChainCommand.Status.class,
            FollowCommand.class,
            ChainCommand.Export.class,
            VerifyCommand.class,
            ChainCommand.Keys.class,
            ChainCommand.Submit.class,
            ChainCommand.Query.class,
            ChainCommand.Faucet.class
        })
final class ChainCommand implements Callable<Integer> {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() {
        CommandSpec command = java.util.Objects.requireNonNull(spec);
        throw new ParameterException(command.commandLine(), "Which command? See `datdot chain --help`.");
    }

    private static RpcLedgerClient connect(GlobalOptions global) {
        return global.ledger();
    }

    /** The names of the ledger's calls and entries, if it follows the same rules as this program. */
    private static LedgerNames names(RpcLedgerClient ledger) {
        LedgerNames names = new LedgerNames(ledger.parameters());
        if (!ledger.knows(names)) {
            throw new NodeException(
                    Exit.FAILED, "the ledger follows other rules than this program knows; use the version it runs");
        }
        return names;
    }

    /** What a person wrote, with what is wrong with it as a mistake of the command line. */
    private static <T> T given(Supplier<T> reader) {
        try {
            return reader.get();
        } catch (IllegalArgumentException e) {
            throw new NodeException(Exit.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    /** JSON, or a plain word as text. */
    private static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JacksonException e) {
            if (text.startsWith("{") || text.startsWith("[") || text.startsWith("\"")) {
                throw new NodeException(Exit.USAGE, "'" + text + "' is no JSON: " + e.getOriginalMessage(), e);
            }
            return JsonNodeFactory.instance.stringNode(text);
        }
    }

    private static void print(GlobalOptions global, List<Event> events) {
        for (Event event : events) {
            JsonNode value = ShapeJson.read(Event.CODEC.shape(), event.encode());
            if (global.json) {
                Json.print(value);
            } else {
                global.console().line(value.toString());
            }
        }
    }

    /** {@code datdot chain status}. */
    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "Show which chain a ledger has, and where it is.")
    static final class Status implements Callable<Integer> {
        @Mixin
        GlobalOptions global = new GlobalOptions();

        @Override
        public Integer call() {
            try (RpcLedgerClient ledger = connect(global)) {
                ChainSpec spec = ledger.spec();
                Header head = ledger.head();
                if (global.json) {
                    Json.print(Json.object(
                            "name", spec.name(),
                            "genesis", ledger.genesis().hex(),
                            "authority", spec.authority().hex(),
                            "block", head.number(),
                            "hash", head.hash().hex(),
                            "stateRoot", head.stateRoot().hex(),
                            "timestampMs", head.timestampMs(),
                            "waiting", ledger.waiting()));
                } else {
                    global.console()
                            .table(
                                    List.of("", ""),
                                    List.of(
                                            List.of("chain", spec.name()),
                                            List.of("genesis", ledger.genesis().hex()),
                                            List.of(
                                                    "authority",
                                                    spec.authority().hex()),
                                            List.of("block", "" + head.number()),
                                            List.of("hash", head.hash().hex()),
                                            List.of(
                                                    "state root",
                                                    head.stateRoot().hex()),
                                            List.of(
                                                    "time",
                                                    java.time.Instant.ofEpochMilli(head.timestampMs())
                                                            .toString()),
                                            List.of("waiting", "" + ledger.waiting())));
                }
            }
            return Exit.OK.code();
        }
    }

    /** {@code datdot chain export FILE}. */
    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = "Write all blocks of a ledger up to now into a file, to be kept or verified.")
    static final class Export implements Callable<Integer> {
        @Mixin
        GlobalOptions global = new GlobalOptions();

        @Parameters(index = "0", paramLabel = "FILE", description = "Where to; replaced if it exists.")
        Path file = Path.of("");

        @Override
        public Integer call() throws IOException {
            Path target = file.toAbsolutePath();
            Path partial = target.resolveSibling(target.getFileName() + ".partial");
            try (RpcLedgerClient ledger = connect(global)) {
                long until = ledger.head().number();
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(partial));
                        Progress progress = global.console().progress("blocks", until)) {
                    ChainExport.write(
                            out,
                            ledger.spec(),
                            number -> {
                                progress.update(number);
                                return ledger.block(number);
                            },
                            until);
                }
                Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
                if (global.json) {
                    Json.print(Json.object("file", target.toString(), "blocks", until, "bytes", Files.size(target)));
                } else {
                    global.console()
                            .line(until + " blocks in " + target + ", " + Files.size(target)
                                    + " bytes; `datdot chain verify`" + " executes them again");
                }
            } finally {
                Files.deleteIfExists(partial);
            }
            return Exit.OK.code();
        }
    }

    /** {@code datdot chain keys}. */
    @Command(
            name = "keys",
            mixinStandardHelpOptions = true,
            description = "Show the public keys of your account: what signs extrinsics, statements and connections.")
    static final class Keys implements Callable<Integer> {
        @Mixin
        GlobalOptions global = new GlobalOptions();

        @Override
        public Integer call() {
            AccountKeys keys = AccountFile.openOrCreate(global.home().root().resolve("account"), Entropy.system());
            String account = keys.accountId().toString();
            String chain = keys.chain().publicKey().hex();
            String signing = keys.signing().publicKey().hex();
            String noise = keys.noise().publicKey().hex();
            if (global.json) {
                Json.print(Json.object("account", account, "chain", chain, "signing", signing, "noise", noise));
            } else {
                global.console()
                        .table(
                                List.of("", ""),
                                List.of(
                                        List.of("account", account),
                                        List.of("chain", chain),
                                        List.of("signing", signing),
                                        List.of("noise", noise)));
            }
            return Exit.OK.code();
        }
    }

    /** {@code datdot chain submit CALL FIELDS}. */
    @Command(
            name = "submit",
            mixinStandardHelpOptions = true,
            description = {
                "Sign any call by its name, send it, wait for its block and print the events it caused.",
                "Without a name: list all calls."
            })
    static final class Submit implements Callable<Integer> {
        @Mixin
        GlobalOptions global = new GlobalOptions();

        @Parameters(index = "0", arity = "0..1", paramLabel = "CALL", description = "As DatDot.cancel_plan.")
        @Nullable
        String name;

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "FIELDS",
                description = "A JSON object with the call's fields, or a list of them in order.")
        @Nullable
        String fields;

        @Override
        public Integer call() {
            try (RpcLedgerClient ledger = connect(global)) {
                LedgerNames names = names(ledger);
                String named = name;
                if (named == null) {
                    names.calls().forEach(System.out::println);
                    return Exit.OK.code();
                }
                JsonNode content = fields == null ? JsonNodeFactory.instance.nullNode() : json(fields);
                Call call = given(() -> names.call(named, content));
                AccountKeys keys = AccountFile.openOrCreate(global.home().root().resolve("account"), Entropy.system());
                print(global, ledger.submit(keys, call));
            }
            return Exit.OK.code();
        }
    }

    /** {@code datdot chain query ENTRY KEYS}. */
    @Command(
            name = "query",
            mixinStandardHelpOptions = true,
            description = {
                "Read any entry of the ledger's state by its name; with fewer keys than it has, all that fit.",
                "Without a name: list all entries."
            })
    static final class Query implements Callable<Integer> {
        @Mixin
        GlobalOptions global = new GlobalOptions();

        @Parameters(index = "0", arity = "0..1", paramLabel = "ENTRY", description = "As System.Account.")
        @Nullable
        String name;

        @Parameters(
                index = "1..*",
                arity = "0..*",
                paramLabel = "KEY",
                description = "The map's keys, as JSON or plain words.")
        List<String> keys = new ArrayList<>();

        @Option(
                names = "--proof",
                description =
                        "Do not believe the ledger: ask for a proof and check it against the header's root, and the"
                                + " header's signature.")
        boolean proof;

        @Override
        public Integer call() {
            try (RpcLedgerClient ledger = connect(global)) {
                LedgerNames names = names(ledger);
                String named = name;
                if (named == null) {
                    names.entries().forEach(System.out::println);
                    return Exit.OK.code();
                }
                LedgerNames.Entry entry = given(() -> names.entry(named));
                byte[] key = given(
                        () -> entry.key(keys.stream().map(ChainCommand::json).toList()));
                if (!entry.isOne(keys.size())) {
                    Arguments.require(!proof, "--proof is for one entry; give all keys");
                    ledger.state().forEach(key, (each, value) -> {
                        show(entry.keys(each), entry.value(value), null);
                        return true;
                    });
                    return Exit.OK.code();
                }
                return one(ledger, entry, key);
            }
        }

        private int one(RpcLedgerClient ledger, LedgerNames.Entry entry, byte[] key) {
            byte[] value;
            Header at = null;
            if (proof) {
                RpcLedgerClient.Proven proven = ledger.prove(List.of(key));
                if (!proven.isOf(ledger.spec(), ledger.genesis())) {
                    throw new NodeException(
                            Exit.FAILED, "the ledger proves against a header that its authority did not sign");
                }
                at = proven.header();
                value = proven.proof().get(key).orElse(null);
            } else {
                value = ledger.state().get(key);
            }
            if (value == null) {
                throw new NodeException(
                        Exit.NOT_FOUND,
                        "there is no such entry" + (at == null ? "" : ", which is proven for block " + at.number())
                                + ": 0x" + HexFormat.of().formatHex(key));
            }
            show(null, entry.value(value), at);
            return Exit.OK.code();
        }

        private void show(@Nullable JsonNode entryKeys, JsonNode value, @Nullable Header provenAt) {
            if (global.json) {
                Json.print(Json.object(
                        "keys",
                        entryKeys,
                        "value",
                        value,
                        "provenAtBlock",
                        provenAt == null ? null : provenAt.number()));
            } else {
                global.console()
                        .line((entryKeys == null ? "" : entryKeys + "  ")
                                + value
                                + (provenAt == null
                                        ? ""
                                        : "\nproven for block " + provenAt.number() + ", whose state root is "
                                                + provenAt.stateRoot().hex()));
            }
        }
    }

    /** {@code datdot chain faucet}. */
    @Command(
            name = "faucet",
            mixinStandardHelpOptions = true,
            description = {
                "Give yourself, or another account, units of a devnet's treasury.",
                "Works where the devnet's ledger keeps its keys: with the home it was started with."
            })
    static final class Faucet implements Callable<Integer> {
        private static final String DEVNET = "devnet";

        @Mixin
        GlobalOptions global = new GlobalOptions();

        @Parameters(index = "0", paramLabel = "TOKENS", description = "How many.")
        Tokens amount = new Tokens(0);

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "ACCOUNT",
                description = "For whom (default: your account).")
        @Nullable
        String account;

        @Override
        public Integer call() {
            try (RpcLedgerClient ledger = connect(global)) {
                ChainSpec spec = ledger.spec();
                Arguments.require(
                        spec.name().endsWith(DEVNET),
                        "the chain '" + spec.name() + "' is no devnet; only those have a faucet");
                String named = account;
                AccountId to = named == null
                        ? AccountFile.openOrCreate(global.home().root().resolve("account"), Entropy.system())
                                .accountId()
                        : given(() -> AccountId.parse(named));
                AccountKeys treasury = treasury(spec);
                print(global, ledger.submit(treasury, new Call.Transfer(to, amount.units())));
            }
            return Exit.OK.code();
        }

        private AccountKeys treasury(ChainSpec spec) {
            Home home = global.home();
            for (Path folder : List.of(home.devnet().resolve("ledger"), home.ledger())) {
                var keys = AccountFile.open(folder);
                if (keys.isPresent()
                        && keys.get().accountId().equals(spec.genesis().treasury())) {
                    return keys.get();
                }
            }
            throw new NodeException(
                    Exit.NOT_FOUND,
                    "the keys of this devnet's treasury are not in " + home.root()
                            + ": name the home it was started with, by --home");
        }
    }
}
