package org.datdot.node;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.datdot.dht.BootstrapNode;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command line, {@code datdot}. */
@Command(
        name = "datdot",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        description = {
            "Keeps your data available without a server of your own.",
            "",
            "A folder is published as a hyperdrive; a plan pays hosters to keep it; any Hypercore client reads it"
                    + " while you are offline.",
            "Start with `datdot demo`, or leave a network running with `datdot devnet` and use the commands below"
                    + " against it.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        footer = {"", "Completion for bash and zsh: source <(datdot completion)"},
        subcommands = {
            DemoCommand.class,
            DevnetCommand.class,
            PublishCommand.class,
            HostCommand.class,
            StatusCommand.class,
            GetCommand.class,
            SeedCommand.class,
            DriveCommand.class,
            BeeCommand.class,
            CoreCommand.class,
            AccountCommand.class,
            LedgerCommand.class,
            ChainCommand.class,
            DhtCommand.class,
            PeerCommand.class,
            Main.Completion.class,
            HelpCommand.class
        })
public final class Main implements Callable<Integer> {
    private final List<BootstrapNode> bootstrap;

    @Spec
    @Nullable
    CommandSpec spec;

    private Main(List<BootstrapNode> bootstrap) {
        this.bootstrap = List.copyOf(bootstrap);
    }

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(BootstrapNode.PUBLIC, arguments));
    }

    /**
     * Runs one command.
     *
     * @param bootstrap the nodes of the DHT to begin with when nobody names others; none for no DHT
     * @return its exit code
     */
    public static int run(List<BootstrapNode> bootstrap, String... arguments) {
        Logs.quiet();
        return commandLine(bootstrap).execute(arguments);
    }

    /** The one whose command this is. */
    static Main of(CommandSpec command) {
        return (Main) command.root().userObject();
    }

    /** The nodes of the DHT to begin with when nobody names others. */
    List<BootstrapNode> bootstrap() {
        return bootstrap;
    }

    /** The parser with all commands, for the process and for tests, which hand in no nodes or their own. */
    static CommandLine commandLine(List<BootstrapNode> bootstrap) {
        CommandLine line = new CommandLine(new Main(bootstrap));
        line.registerConverter(ByteSize.class, text -> read(text, ByteSize::parse));
        line.registerConverter(Tokens.class, text -> read(text, Tokens::parse));
        line.registerConverter(Duration.class, text -> read(text, Durations::parse));
        line.registerConverter(URI.class, text -> read(text, URI::create));
        line.setExecutionExceptionHandler(Main::report);
        line.setUsageHelpAutoWidth(true);
        line.setAbbreviatedOptionsAllowed(false);
        line.getCommandSpec().usageMessage().exitCodeList(exitCodes());
        return line;
    }

    /** With the message alone: the parser would add the names of our classes to it. */
    private static <T> T read(String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    private static Map<String, String> exitCodes() {
        Map<String, String> meanings = new LinkedHashMap<>();
        for (Exit exit : Exit.values()) {
            meanings.put(String.valueOf(exit.code()), exit.meaning());
        }
        return meanings;
    }

    private static int report(Exception failure, CommandLine command, ParseResult parsed) {
        NodeException known = Failures.explain(failure);
        PrintWriter err = command.getErr();
        err.println("datdot: " + known.getMessage());
        Throwable cause = known.getCause();
        if (Failures.isDefect(known) && cause != null) {
            StringWriter trace = new StringWriter();
            cause.printStackTrace(new PrintWriter(trace, true));
            err.println(trace);
        }
        err.flush();
        return known.exit().code();
    }

    @Override
    public Integer call() {
        CommandSpec command = java.util.Objects.requireNonNull(spec);
        throw new ParameterException(command.commandLine(), "Which command? See `datdot --help`.");
    }

    /** {@code datdot completion}: the script that completes commands and options in bash and zsh. */
    @Command(
            name = "completion",
            description = "Print the completion script for bash and zsh.",
            mixinStandardHelpOptions = true)
    static final class Completion implements Callable<Integer> {
        @Spec
        @Nullable
        CommandSpec spec;

        @Override
        public Integer call() {
            CommandLine root = java.util.Objects.requireNonNull(spec).parent().commandLine();
            root.getOut().print(AutoComplete.bash("datdot", root));
            root.getOut().flush();
            return Exit.OK.code();
        }
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "datdot " + (version == null ? "(not packaged)" : version) + ", Java "
                        + Runtime.version().feature()
            };
        }
    }
}
