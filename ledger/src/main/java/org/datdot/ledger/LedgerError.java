package org.datdot.ledger;

/** Why the ledger rejected a call. In SCALE one byte, the ordinal. */
public enum LedgerError {
    /** The call's bytes are no call this ledger knows. */
    MALFORMED_CALL,
    /** Not enough free units. */
    INSUFFICIENT_BALANCE,
    /** The account is a user already. */
    USER_EXISTS,
    /** Another user has that signing or noise key. */
    KEY_IN_USE,
    /** The account is no user yet; newUser comes first. */
    UNKNOWN_USER,
    /** The offer makes no sense. */
    INVALID_FORM,
    /** The head is not signed by the feed's owner, or is malformed. */
    INVALID_TREE_HEAD,
    /** A longer head, or another one of that length, is known. */
    STALE_TREE_HEAD,
    /** No such feed, or no head of that length. */
    UNKNOWN_FEED,
    /** The plan makes no sense. */
    INVALID_PLAN,
    /** No such amendment. */
    UNKNOWN_AMENDMENT,
    /** Only the amendment's attestor may report. */
    NOT_THE_ATTESTOR,
    /** The amendment is not in progress any more. */
    AMENDMENT_EXPIRED,
    /** The report does not fit the amendment, or a signature is wrong. */
    INVALID_REPORT,
    /** No such challenge. */
    UNKNOWN_CHALLENGE,
    /** Only the challenged hoster may answer. */
    NOT_THE_HOSTER,
    /** The challenge is not open any more. */
    CHALLENGE_EXPIRED,
    /** A proof does not verify, or the wrong leaves are shown. */
    INVALID_PROOF,
    /** The ledger itself failed; nothing was changed. A defect worth reporting. */
    INTERNAL
}
