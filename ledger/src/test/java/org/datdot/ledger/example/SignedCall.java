package org.datdot.ledger.example;

import org.datdot.ledger.AccountId;
import org.datdot.ledger.Call;

/** A call whose signature and nonce the chain has checked already. */
record SignedCall(AccountId origin, Call call) {}
