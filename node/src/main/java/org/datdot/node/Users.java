package org.datdot.node;

import org.datdot.chain.LedgerClient;
import org.datdot.chain.LedgerException;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Call;
import org.datdot.ledger.LedgerError;
import org.datdot.ledger.Queries;
import org.datdot.ledger.User;

/** Makes accounts users of a ledger. */
final class Users {
    private Users() {}

    /** The user an account is, enrolling it first when it is none yet. */
    static User enrol(LedgerClient ledger, AccountKeys keys) {
        Queries queries = new Queries(ledger.state());
        return queries.getUserByAccount(keys.accountId()).orElseGet(() -> {
            try {
                ledger.submit(
                        keys,
                        new Call.NewUser(
                                keys.signing().publicKey(), keys.noise().publicKey()));
            } catch (LedgerException e) {
                if (e.error() != LedgerError.USER_EXISTS) {
                    throw e;
                }
            }
            return new Queries(ledger.state())
                    .getUserByAccount(keys.accountId())
                    .orElseThrow(() ->
                            new IllegalStateException("newUser was included but " + keys.accountId() + " is no user"));
        });
    }
}
