package org.datdot.ledger;

import java.math.BigInteger;

/**
 * Who owns how many units. Units are only moved: the sum over all accounts is what genesis and the block rewards made.
 */
public final class Balances {
    /** Accounts by their id. */
    public static final StorageMap<AccountId, AccountData> ACCOUNTS = new StorageMap<>(
            PalletId.SYSTEM, "Account", Codec.of(AccountId.class), AccountData.CODEC, AccountData.EMPTY);

    /** Units made at genesis. */
    public static final StorageValue<Long> TOTAL_ISSUANCE =
            new StorageValue<>(PalletId.BALANCES, "TotalIssuance", Codec.U128, 0L);

    private Balances() {}

    /** What an account owns; nothing when it was never seen. */
    public static AccountData of(StateReader state, AccountId account) {
        return ACCOUNTS.get(state, account).orElse(AccountData.EMPTY);
    }

    /** How many extrinsics an account has sent, which is the nonce of its next one. */
    public static long nonce(StateReader state, AccountId account) {
        return of(state, account).nonce();
    }

    /** Counts one more extrinsic of an account. */
    public static void incrementNonce(State state, AccountId account) {
        AccountData data = of(state, account);
        ACCOUNTS.put(state, account, new AccountData(Math.addExact(data.nonce(), 1), data.free(), data.reserved()));
    }

    /** Makes the first units. */
    static void genesis(State state, Genesis genesis) {
        long issued = 0;
        for (Genesis.Endowment endowment : genesis.endowments()) {
            move(state, endowment.account(), endowment.units(), 0);
            issued = Math.addExact(issued, endowment.units());
        }
        TOTAL_ISSUANCE.put(state, issued);
    }

    /** Moves free units. */
    static void transfer(State state, AccountId from, AccountId to, long units) {
        requireFree(state, from, units, "transfer");
        move(state, from, -units, 0);
        move(state, to, units, 0);
    }

    /** Sets free units aside. */
    static void reserve(State state, AccountId account, long units) {
        requireFree(state, account, units, "reserve");
        move(state, account, -units, units);
    }

    /** Makes reserved units free again. */
    static void unreserve(State state, AccountId account, long units) {
        move(state, account, units, -units);
    }

    /** Pays out of what an account has reserved. */
    static void payReserved(State state, AccountId from, AccountId to, long units) {
        move(state, from, 0, -units);
        move(state, to, units, 0);
    }

    /** Moves units from what one account has reserved to what another has. */
    static void moveReserved(State state, AccountId from, AccountId to, long units) {
        move(state, from, 0, -units);
        move(state, to, 0, units);
    }

    /** Makes units, for the treasury. */
    static void issue(State state, long units) {
        move(state, treasury(state), units, 0);
        TOTAL_ISSUANCE.put(state, Math.addExact(TOTAL_ISSUANCE.get(state).orElse(0L), units));
    }

    /** Who endows new users, and is given fees, block rewards and its share of slashed collateral. */
    static AccountId treasury(StateReader state) {
        return Storage.TREASURY.get(state).orElseThrow(() -> new IllegalStateException("a chain without a treasury"));
    }

    private static void requireFree(State state, AccountId account, long units, String purpose) {
        long free = of(state, account).free();
        Rejection.unless(
                units >= 0 && free >= units,
                LedgerError.INSUFFICIENT_BALANCE,
                "cannot " + purpose + " " + units + " units: the account has " + free + " free; it lacks "
                        + (units - free));
    }

    private static void move(State state, AccountId account, long free, long reserved) {
        AccountData data = of(state, account);
        AccountData changed = new AccountData(
                data.nonce(), Math.addExact(data.free(), free), Math.addExact(data.reserved(), reserved));
        if (changed.free() < 0 || changed.reserved() < 0) {
            throw new IllegalStateException("a balance would become negative: " + account + " " + changed);
        }
        ACCOUNTS.put(state, account, changed);
    }

    /**
     * Adds all balances up.
     *
     * @throws IllegalStateException when units were made or lost since genesis, which no sequence of calls can do
     */
    public static void audit(StateReader state) {
        BigInteger[] sum = {BigInteger.ZERO};
        ACCOUNTS.forEach(state, (account, data) -> {
            if (data.free() < 0 || data.reserved() < 0) {
                throw new IllegalStateException("a negative balance: " + account + " " + data);
            }
            sum[0] = sum[0].add(BigInteger.valueOf(data.free())).add(BigInteger.valueOf(data.reserved()));
        });
        long issued = TOTAL_ISSUANCE.get(state).orElse(0L);
        if (!sum[0].equals(BigInteger.valueOf(issued))) {
            throw new IllegalStateException("issued were " + issued + " units, owned are " + sum[0]);
        }
    }
}
