package org.datdot.node;

import java.util.List;
import java.util.concurrent.Callable;
import org.datdot.chain.LedgerClient;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.RecoveryPhrase;
import org.datdot.ledger.AccountData;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Queries;
import org.datdot.ledger.User;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code datdot account}: who I am on the ledger and what I own. */
@Command(
        name = "account",
        mixinStandardHelpOptions = true,
        description =
                "Show your account: address, balance, what your plans have reserved. Makes one when there is none.")
final class AccountCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Option(names = "--phrase", description = "Show the 24 words that restore the account. Whoever knows them owns it.")
    boolean phrase;

    @Option(
            names = "--restore",
            paramLabel = "WORDS",
            description = "Restore an account from its 24 words (in one argument). Refused when there is one here.")
    @Nullable
    String restore;

    @Override
    public Integer call() {
        var folder = global.home().root().resolve("account");
        String words = restore;
        if (words != null) {
            AccountFile.write(folder, RecoveryPhrase.decode(words));
        }
        AccountKeys keys = AccountFile.openOrCreate(folder, Entropy.system());
        if (phrase) {
            String text = RecoveryPhrase.encode(AccountFile.seed(folder).orElseThrow());
            if (global.json) {
                Json.print(Json.object("account", keys.accountId().toString(), "phrase", text));
            } else {
                System.out.println(text);
            }
            return Exit.OK.code();
        }
        try (LedgerClient ledger = global.ledger()) {
            Users.enrol(ledger, keys);
            show(keys, new Queries(ledger.state()));
        }
        return Exit.OK.code();
    }

    private void show(AccountKeys keys, Queries queries) {
        AccountData owned = queries.getAccount(keys.accountId());
        User user = queries.getUserByAccount(keys.accountId()).orElseThrow();
        if (global.json) {
            Json.print(Json.object(
                    "account", keys.accountId().toString(),
                    "user", user.id(),
                    "noiseKey", keys.noise().publicKey().hex(),
                    "freeUnits", owned.free(),
                    "reservedUnits", owned.reserved(),
                    "nonce", owned.nonce(),
                    "rating", user.rating()));
            return;
        }
        Console console = global.console();
        console.table(
                List.of("", ""),
                List.of(
                        List.of("account", keys.accountId().toString()),
                        List.of("user", String.valueOf(user.id())),
                        List.of("free", new Tokens(owned.free()) + " tokens"),
                        List.of("reserved", new Tokens(owned.reserved()) + " tokens, for your plans"),
                        List.of(
                                "rating",
                                user.rating() + " (" + user.successes() + " done, " + user.failures() + " failed)")));
    }
}
