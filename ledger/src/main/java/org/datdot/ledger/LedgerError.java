package org.datdot.ledger;

import java.util.Arrays;
import java.util.List;
import org.datdot.encoding.DecodingException;

/** Why the ledger rejected a call. Its number is the ordinal: new ones come last. */
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
    INTERNAL,
    /** Not enough free units for the call's fee. */
    CANNOT_PAY_FEE,
    /** No such plan. */
    UNKNOWN_PLAN,
    /** Only the plan's sponsor may. */
    NOT_THE_SPONSOR,
    /** The plan is over, or on its way there. */
    PLAN_ENDED,
    /** Nothing is offered, so nothing can be paused or stopped. */
    NOT_A_PROVIDER,
    /** A longer pause than the allowance, or one in the past. */
    PAUSE_TOO_LONG,
    /** No such accusation, or it is against somebody else. */
    UNKNOWN_ACCUSATION,
    /** Committed or revealed at the wrong time, twice, or not what was committed to. */
    INVALID_MEASUREMENT,
    /** The hoster does not hold the position, or more bytes than it can have served. */
    INVALID_TRAFFIC,
    /** Something else must be finished first. */
    BUSY,
    /** The challenge was answered already. */
    CHALLENGE_ANSWERED,
    /** Another leaf than was drawn is shown: the answer to another challenge, perhaps. */
    REPLAYED_PROOF,
    /** The leaf is one of a replica that somebody else holds. */
    FOREIGN_PROOF;

    private static final int MODULE = 3;
    private static final int ERROR_BYTES = 4;

    /**
     * As the crate {@code sp-runtime} writes the error of a module: 3, the pallet, the ordinal in four bytes.
     */
    @SuppressWarnings("EnumOrdinal")
    static Codec<LedgerError> codec() {
        LedgerError[] errors = values();
        return new Codec<>(
                (out, error) -> out.u8(MODULE).u8(PalletId.DATDOT.index()).u32(error.ordinal()),
                in -> {
                    int kind = in.u8();
                    int pallet = in.u8();
                    long number = in.u32();
                    if (kind != MODULE || pallet != PalletId.DATDOT.index() || number >= errors.length) {
                        throw new DecodingException(
                                "no error has kind " + kind + ", pallet " + pallet + " and number " + number);
                    }
                    return errors[(int) number];
                },
                Shape.Variant.of(
                        "sp_runtime::DispatchError",
                        List.of(new Shape.Option(
                                MODULE,
                                "Module",
                                List.of(Shape.Field.unnamed(Shape.Composite.of(
                                        "sp_runtime::ModuleError",
                                        new Shape.Field("index", Shape.Primitive.U8),
                                        new Shape.Field(
                                                "error", new Shape.Array(ERROR_BYTES, Shape.Primitive.U8)))))))));
    }

    /** The errors by their names, as a pallet lists them. */
    @SuppressWarnings("EnumOrdinal")
    static Shape shape() {
        return Shape.Variant.of(
                "pallet_datdot::pallet::Error",
                Arrays.stream(values())
                        .map(error -> new Shape.Option(error.ordinal(), error.clientName(), List.of()))
                        .toList());
    }

    /** The name clients know it by: {@code KEY_IN_USE} is {@code KeyInUse}. */
    public String clientName() {
        return DerivedCodecs.pascal(name());
    }
}
