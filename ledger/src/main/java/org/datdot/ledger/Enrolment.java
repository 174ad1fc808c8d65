package org.datdot.ledger;

import java.util.List;
import org.datdot.crypto.PublicKey;

/** Calls by which accounts become users and providers. */
final class Enrolment {
    private static final int ADDRESS_CHARACTERS = 256;
    private static final int REGIONS = 16;
    private static final int REGION_CHARACTERS = 64;

    private final Execution execution;

    Enrolment(Execution execution) {
        this.execution = execution;
    }

    void newUser(AccountId account, Call.NewUser call) {
        State state = execution.state();
        Rejection.unless(
                Storage.USER_BY_ACCOUNT.get(state, account).isEmpty(),
                LedgerError.USER_EXISTS,
                account + " is a user already");
        requireUnused(Storage.USER_BY_SIGNING_KEY, call.signingKey(), "signing");
        requireUnused(Storage.USER_BY_NOISE_KEY, call.noiseKey(), "noise");
        long id = execution.newId();
        execution.put(
                new User(id, account, call.signingKey(), call.noiseKey(), java.util.Optional.empty(), 0, 0, 0, 0, 0));
        Storage.USER_BY_ACCOUNT.put(state, account, id);
        Storage.USER_BY_SIGNING_KEY.put(state, call.signingKey(), id);
        Storage.USER_BY_NOISE_KEY.put(state, call.noiseKey(), id);
        execution.emit(new Event.NewUser(id));
        endow(account);
    }

    private void requireUnused(StorageMap<PublicKey, Long> keys, PublicKey key, String kind) {
        Rejection.unless(
                keys.get(execution.state(), key).isEmpty(),
                LedgerError.KEY_IN_USE,
                "another user has the " + kind + " key " + key + ": derive keys from a master seed of your own");
    }

    private void endow(AccountId account) {
        AccountId treasury = Storage.TREASURY
                .get(execution.state())
                .orElseThrow(() -> new IllegalStateException("a chain without a treasury"));
        long units = Math.min(
                execution.parameters().newUserEndowment(),
                Balances.of(execution.state(), treasury).free());
        if (units > 0 && !treasury.equals(account)) {
            Balances.transfer(execution.state(), treasury, account, units);
            execution.emit(new Event.Transfer(treasury, account, units));
        }
    }

    void registerForWork(AccountId account, Form form) {
        User user = execution.caller(account);
        check(form);
        execution.put(user.with(form));
        List<Long> providers = Storage.PROVIDERS.get(execution.state()).orElse(List.of());
        if (user.form().isEmpty()) {
            Storage.PROVIDERS.put(execution.state(), Execution.plus(providers, user.id()));
        }
        execution.emit(new Event.ProviderRegistered(user.id()));
    }

    private static void check(Form form) {
        require(form.storageBytes() > 0, "storageBytes is 0: offer some");
        require(form.capacity() > 0, "capacity is 0: take at least one job at a time");
        require(
                form.untilMs() == 0 || form.untilMs() > form.fromMs(),
                "untilMs is not after fromMs: a provider works for some time");
        require(
                form.address().length() <= ADDRESS_CHARACTERS && Addresses.valid(form.address()),
                "'" + form.address() + "' is no address: write host:port");
        require(
                form.regions().size() <= REGIONS
                        && form.regions().stream().allMatch(region -> region.length() <= REGION_CHARACTERS),
                "more than " + REGIONS + " regions, or one of more than " + REGION_CHARACTERS + " characters");
    }

    private static void require(boolean holds, String detail) {
        Rejection.unless(holds, LedgerError.INVALID_FORM, detail);
    }
}
