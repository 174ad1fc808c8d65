package org.datdot.node;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.datdot.drive.BeeChange;
import org.datdot.drive.BeeEntry;
import org.datdot.drive.BeeHistory;
import org.datdot.drive.BeeRange;
import org.datdot.drive.HistoryRange;
import org.datdot.drive.Hyperbee;
import org.datdot.hypercore.Hypercore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code datdot bee …}: works on the keys of a hyperbee without a ledger. */
@Command(
        name = "bee",
        mixinStandardHelpOptions = true,
        description = {
            "Look at and change the keys of a hyperbee, in a store here or at a peer. No ledger is needed.",
            "",
            "A bee is named by " + StoreSession.WHICH + " ('own' is the names of the store's own drive).",
            "Keys and values are text; with --hex they are bytes.",
            "  datdot bee put name:notes today 'rain' --store ./store",
            "  datdot bee ls name:notes --store ./store",
            "  datdot bee ls KEY --sub files --limit 10 --peer 127.0.0.1:49737 --store ./copy",
            ""
        },
        subcommands = {
            BeeCommand.Ls.class,
            BeeCommand.Get.class,
            BeeCommand.Put.class,
            BeeCommand.Del.class,
            BeeCommand.History.class
        })
final class BeeCommand implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() {
        CommandSpec command = java.util.Objects.requireNonNull(spec);
        throw new ParameterException(command.commandLine(), "Which command? See `datdot bee --help`.");
    }

    /** What all commands on bees have. */
    static final class Bee {
        @Mixin
        StoreSession.Choice choice = new StoreSession.Choice();

        @Parameters(index = "0", paramLabel = "BEE", description = "The bee: " + StoreSession.WHICH + ".")
        String name = "";

        @Option(names = "--sub", paramLabel = "NAME", description = "The sub-database; repeat for one inside another.")
        List<String> subs = new ArrayList<>();

        @Option(names = "--hex", description = "Keys and values are bytes, written as hexadecimal digits.")
        boolean hex;

        Hyperbee of(Hypercore core, StoreSession session) {
            Hyperbee bee = Hyperbee.of(core).within(session.patience());
            for (String sub : subs) {
                bee = bee.sub(sub);
            }
            return bee;
        }

        byte[] bytes(String text) {
            if (!hex) {
                return text.getBytes(StandardCharsets.UTF_8);
            }
            try {
                return HexFormat.of().parseHex(text);
            } catch (IllegalArgumentException e) {
                throw new NodeException(Exit.USAGE, "'" + text + "' is not hexadecimal: " + e.getMessage(), e);
            }
        }

        @Nullable
        String text(byte @Nullable [] bytes) {
            if (bytes == null) {
                return null;
            }
            return hex ? HexFormat.of().formatHex(bytes) : new String(bytes, StandardCharsets.UTF_8);
        }

        NodeException noKey(String key) {
            return new NodeException(Exit.NOT_FOUND, "the bee has no key " + key + "; see `datdot bee ls`");
        }

        void print(BeeEntry entry) {
            String value = text(entry.value());
            if (choice.global.json) {
                Json.print(Json.object("seq", entry.seq(), "key", text(entry.key()), "value", value));
            } else {
                choice.global.console().line(text(entry.key()) + (value == null ? "" : "  " + value));
            }
        }
    }

    /** {@code datdot bee ls BEE}. */
    @Command(
            name = "ls",
            mixinStandardHelpOptions = true,
            description = "List the keys of a bee and their values, in order; with --json {seq, key, value} a line.")
    static final class Ls implements Callable<Integer> {
        @Mixin
        Bee bee = new Bee();

        @Option(names = "--from", paramLabel = "KEY", description = "This key and greater ones only.")
        @Nullable
        String from;

        @Option(names = "--before", paramLabel = "KEY", description = "Smaller keys than this one only.")
        @Nullable
        String before;

        @Option(names = "--limit", paramLabel = "N", description = "At most so many.")
        long limit = Long.MAX_VALUE;

        @Option(names = "--reverse", description = "Greatest key first.")
        boolean reverse;

        @Option(names = "--version", paramLabel = "N", description = "As it was at this version (default: now).")
        long version;

        @Override
        public Integer call() {
            Arguments.require(limit >= 0, "--limit must not be negative");
            BeeRange range = BeeRange.all().limit(limit);
            range = reverse ? range.reverse() : range;
            range = from == null ? range : range.gte(bee.bytes(from));
            range = before == null ? range : range.lt(bee.bytes(before));
            try (StoreSession session = bee.choice.open();
                    Hypercore core = session.core(bee.name)) {
                Hyperbee now = bee.of(core, session);
                Iterator<BeeEntry> entries = (version == 0 ? now : now.checkout(version)).iterator(range);
                entries.forEachRemaining(bee::print);
            }
            return Exit.OK.code();
        }
    }

    /** {@code datdot bee get BEE KEY}. */
    @Command(name = "get", mixinStandardHelpOptions = true, description = "Print the value of a key.")
    static final class Get implements Callable<Integer> {
        @Mixin
        Bee bee = new Bee();

        @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
        String key = "";

        @Override
        public Integer call() {
            try (StoreSession session = bee.choice.open();
                    Hypercore core = session.core(bee.name)) {
                BeeEntry entry = bee.of(core, session).get(bee.bytes(key));
                if (entry == null) {
                    throw bee.noKey(key);
                }
                if (bee.choice.global.json) {
                    bee.print(entry);
                } else {
                    String value = bee.text(entry.value());
                    bee.choice.global.console().line(value == null ? "" : value);
                }
            }
            return Exit.OK.code();
        }
    }

    /** {@code datdot bee put BEE KEY [VALUE]}. */
    @Command(
            name = "put",
            mixinStandardHelpOptions = true,
            description = {
                "Put a key into a bee of this store and print the bee's key.",
                "The store, and the bee in it, are made when there are none."
            })
    static final class Put implements Callable<Integer> {
        @Mixin
        Bee bee = new Bee();

        @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
        String key = "";

        @Parameters(index = "2", paramLabel = "VALUE", arity = "0..1", description = "Its value (default: none).")
        @Nullable
        String value;

        @Override
        public Integer call() {
            byte[] bytes = bee.bytes(key);
            byte[] content = value == null ? null : bee.bytes(value);
            try (StoreSession session = bee.choice.openToWrite();
                    Hypercore core = session.core(bee.name)) {
                Hyperbee written = bee.of(core, session);
                written.put(bytes, content);
                if (bee.choice.global.json) {
                    Json.print(Json.object("key", core.key().toString(), "version", written.version()));
                } else {
                    bee.choice.global.console().line(core.key().toString());
                }
            }
            return Exit.OK.code();
        }
    }

    /** {@code datdot bee del BEE KEY}. */
    @Command(name = "del", mixinStandardHelpOptions = true, description = "Remove a key from a bee of this store.")
    static final class Del implements Callable<Integer> {
        @Mixin
        Bee bee = new Bee();

        @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
        String key = "";

        @Override
        public Integer call() {
            try (StoreSession session = bee.choice.open();
                    Hypercore core = session.core(bee.name)) {
                Hyperbee written = bee.of(core, session);
                if (!written.del(bee.bytes(key))) {
                    throw bee.noKey(key);
                }
                if (bee.choice.global.json) {
                    Json.print(Json.object("key", core.key().toString(), "version", written.version()));
                }
            }
            return Exit.OK.code();
        }
    }

    /** {@code datdot bee history BEE}. */
    @Command(
            name = "history",
            mixinStandardHelpOptions = true,
            description = "List the writes to a bee in order; with --json {seq, type, key, value} a line.")
    static final class History implements Callable<Integer> {
        @Mixin
        Bee bee = new Bee();

        @Option(names = "--from", paramLabel = "N", description = "From this block on; negative: back from the end.")
        long from = 1;

        @Option(names = "--limit", paramLabel = "N", description = "At most so many.")
        long limit = Long.MAX_VALUE;

        @Option(names = "--reverse", description = "Newest first.")
        boolean reverse;

        @Override
        public Integer call() {
            Arguments.require(limit >= 0, "--limit must not be negative");
            HistoryRange range = HistoryRange.all().gte(from).limit(limit);
            try (StoreSession session = bee.choice.open();
                    Hypercore core = session.core(bee.name);
                    BeeHistory history = bee.of(core, session).history(reverse ? range.reverse() : range)) {
                history.forEachRemaining(this::print);
            }
            return Exit.OK.code();
        }

        private void print(BeeChange change) {
            String type = change.type().name().toLowerCase(Locale.ROOT);
            BeeEntry entry = change.entry();
            String key = bee.text(entry.key());
            String value = bee.text(entry.value());
            if (bee.choice.global.json) {
                Json.print(Json.object("seq", entry.seq(), "type", type, "key", key, "value", value));
            } else {
                bee.choice
                        .global
                        .console()
                        .line(String.format(
                                "%8d  %s  %s%s", entry.seq(), type, key, value == null ? "" : "  " + value));
            }
        }
    }
}
