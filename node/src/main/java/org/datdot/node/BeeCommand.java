package org.datdot.node;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
final class BeeCommand extends CommandGroup {

    /** What all commands on a bee share: the store, the peers, the bee's name, and how they are opened. */
    abstract static class OnBee implements Callable<Integer> {
        @Mixin
        StoreSession.Choice choice = new StoreSession.Choice();

        @Parameters(index = "0", paramLabel = "BEE", description = "The bee: " + StoreSession.WHICH + ".")
        String name = "";

        @Option(names = "--sub", paramLabel = "NAME", description = "The sub-database; repeat for one inside another.")
        List<String> subs = new ArrayList<>();

        @Option(names = "--hex", description = "Keys and values are bytes, written as hexadecimal digits.")
        boolean hex;

        /** Does the command's work. */
        abstract void run(Hypercore core, Hyperbee bee);

        /** Opens store and peers. */
        StoreSession open() {
            return choice.open();
        }

        @Override
        public final Integer call() {
            try (StoreSession session = open();
                    Hypercore core = session.core(name)) {
                Hyperbee bee = Hyperbee.of(core).within(session.patience());
                for (String sub : subs) {
                    bee = bee.sub(sub);
                }
                run(core, bee);
            }
            return Exit.OK.code();
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
    static final class Ls extends OnBee {
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
        StoreSession open() {
            Arguments.require(limit >= 0, "--limit must not be negative");
            return super.open();
        }

        @Override
        void run(Hypercore core, Hyperbee bee) {
            BeeRange range = BeeRange.all().limit(limit);
            range = reverse ? range.reverse() : range;
            range = from == null ? range : range.gte(bytes(from));
            range = before == null ? range : range.lt(bytes(before));
            (version == 0 ? bee : bee.checkout(version)).iterator(range).forEachRemaining(this::print);
        }
    }

    /** {@code datdot bee get BEE KEY}. */
    @Command(name = "get", mixinStandardHelpOptions = true, description = "Print the value of a key.")
    static final class Get extends OnBee {
        @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
        String key = "";

        @Override
        void run(Hypercore core, Hyperbee bee) {
            BeeEntry entry = bee.get(bytes(key));
            if (entry == null) {
                throw noKey(key);
            }
            if (choice.global.json) {
                print(entry);
            } else {
                String value = text(entry.value());
                choice.global.console().line(value == null ? "" : value);
            }
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
    static final class Put extends OnBee {
        @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
        String key = "";

        @Parameters(index = "2", paramLabel = "VALUE", arity = "0..1", description = "Its value (default: none).")
        @Nullable
        String value;

        @Override
        StoreSession open() {
            bytes(key); // so that nothing is made for a key that is none
            return choice.openToWrite();
        }

        @Override
        void run(Hypercore core, Hyperbee bee) {
            bee.put(bytes(key), value == null ? null : bytes(value));
            if (choice.global.json) {
                Json.print(Json.object("key", core.key().toString(), "version", bee.version()));
            } else {
                choice.global.console().line(core.key().toString());
            }
        }
    }

    /** {@code datdot bee del BEE KEY}. */
    @Command(name = "del", mixinStandardHelpOptions = true, description = "Remove a key from a bee of this store.")
    static final class Del extends OnBee {
        @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
        String key = "";

        @Override
        void run(Hypercore core, Hyperbee bee) {
            if (!bee.del(bytes(key))) {
                throw noKey(key);
            }
            if (choice.global.json) {
                Json.print(Json.object("key", core.key().toString(), "version", bee.version()));
            }
        }
    }

    /** {@code datdot bee history BEE}. */
    @Command(
            name = "history",
            mixinStandardHelpOptions = true,
            description = "List the writes to a bee in order; with --json {seq, type, key, value} a line.")
    static final class History extends OnBee {
        @Option(names = "--from", paramLabel = "N", description = "From this block on; negative: back from the end.")
        long from = 1;

        @Option(names = "--limit", paramLabel = "N", description = "At most so many.")
        long limit = Long.MAX_VALUE;

        @Option(names = "--reverse", description = "Newest first.")
        boolean reverse;

        @Override
        StoreSession open() {
            Arguments.require(limit >= 0, "--limit must not be negative");
            return super.open();
        }

        @Override
        void run(Hypercore core, Hyperbee bee) {
            HistoryRange range = HistoryRange.all().gte(from).limit(limit);
            try (BeeHistory history = bee.history(reverse ? range.reverse() : range)) {
                history.forEachRemaining(this::print);
            }
        }

        private void print(BeeChange change) {
            String type = change.type().name().toLowerCase(Locale.ROOT);
            BeeEntry entry = change.entry();
            String key = text(entry.key());
            String value = text(entry.value());
            if (choice.global.json) {
                Json.print(Json.object("seq", entry.seq(), "type", type, "key", key, "value", value));
            } else {
                choice.global
                        .console()
                        .line(String.format(
                                "%8d  %s  %s%s", entry.seq(), type, key, value == null ? "" : "  " + value));
            }
        }
    }
}
