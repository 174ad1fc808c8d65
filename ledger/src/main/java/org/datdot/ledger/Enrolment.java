package org.datdot.ledger;

import java.util.Optional;
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
        execution.put(new User(id, account, call.signingKey(), call.noiseKey()));
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
        AccountId treasury = Balances.treasury(execution.state());
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
        Rejection.unless(
                Storage.DEPARTING.get(execution.state(), user.id()).isEmpty(),
                LedgerError.BUSY,
                "the positions user " + user.id() + " held are still being taken away: offer again in some blocks");
        execution.put(user.with(Optional.of(form)));
        if (user.form().isEmpty()) {
            addProvider(user.id());
        }
        execution.emit(new Event.ProviderRegistered(user.id()));
    }

    private void addProvider(long user) {
        State state = execution.state();
        long count = Storage.PROVIDER_COUNT.get(state).orElse(0L);
        Storage.PROVIDERS.put(state, count, user);
        Storage.PROVIDER_PLACE.put(state, user, count);
        Storage.PROVIDER_COUNT.put(state, count + 1);
    }

    /** The last of the list takes the place of who is taken out. */
    private void removeProvider(long user) {
        State state = execution.state();
        long last = Storage.PROVIDER_COUNT.get(state).orElseThrow() - 1;
        long place = Storage.PROVIDER_PLACE.get(state, user).orElseThrow();
        long moved = Storage.PROVIDERS.get(state, last).orElseThrow();
        Storage.PROVIDERS.put(state, place, moved);
        Storage.PROVIDER_PLACE.put(state, moved, place);
        Storage.PROVIDERS.remove(state, last);
        Storage.PROVIDER_PLACE.remove(state, user);
        Storage.PROVIDER_COUNT.put(state, last);
    }

    private User provider(AccountId account) {
        User user = execution.caller(account);
        Rejection.unless(user.form().isPresent(), LedgerError.NOT_A_PROVIDER, "user " + user.id() + " offers nothing");
        return user;
    }

    /** A pause within the allowance: not drawn, not challenged, not punished. Challenges and jobs that were drawn before must still be done. */
    void pause(AccountId account, long untilBlock) {
        User user = provider(account);
        Periods periods = execution.parameters().periods();
        long now = execution.block().number();
        PauseAllowance old = user.pauses();
        boolean fresh = now >= Math.addExact(old.periodBlock(), periods.pausePeriod());
        long used = fresh || old.periodBlock() == 0 ? 0 : old.usedBlocks();
        long begin = fresh || old.periodBlock() == 0 ? now : old.periodBlock();
        Rejection.unless(
                old.untilBlock() <= now && untilBlock > now && untilBlock - now <= periods.pauseAllowance() - used,
                LedgerError.PAUSE_TOO_LONG,
                "a pause until block " + untilBlock + " is over already, one is in progress, or it is longer than the "
                        + (periods.pauseAllowance() - used) + " blocks left of the allowance");
        execution.put(user.with(new PauseAllowance(begin, used + untilBlock - now, untilBlock)));
        execution.emit(new Event.PauseStarted(user.id(), untilBlock));
    }

    /** Ends a pause early; the blocks that were not used are given back. */
    void resume(AccountId account) {
        User user = provider(account);
        long now = execution.block().number();
        PauseAllowance old = user.pauses();
        Rejection.unless(
                old.untilBlock() > now, LedgerError.PAUSE_TOO_LONG, "user " + user.id() + " is not in a pause");
        long unused = Math.min(old.usedBlocks(), old.untilBlock() - now);
        execution.put(user.with(new PauseAllowance(old.periodBlock(), old.usedBlocks() - unused, now)));
        execution.emit(new Event.PauseEnded(user.id()));
    }

    /** Leaves for good, between challenges and without a setup in progress. */
    void stop(AccountId account) {
        User user = provider(account);
        Jobs jobs = execution.jobs(user.id());
        Rejection.unless(
                jobs.amendments().isEmpty()
                        && jobs.challenge().isEmpty()
                        && jobs.accusations().isEmpty()
                        && Storage.DEPARTING.get(execution.state(), user.id()).isEmpty(),
                LedgerError.BUSY,
                "user " + user.id()
                        + " has a setup, a challenge or an accusation to see to: pause, see to it, and stop then");
        execution.put(user.with(Optional.empty()));
        removeProvider(user.id());
        execution.emit(new Event.ProviderLeft(user.id()));
        if (!jobs.hosting().isEmpty()) {
            new Hosting(execution).depart(user.id(), Storage.Departure.LEFT);
        }
    }

    private static void check(Form form) {
        require(form.storageBytes() > 0, "storageBytes is 0: offer some");
        require(form.capacity() > 0, "capacity is 0: take at least one job at a time");
        require(
                form.untilMs() == 0 || form.untilMs() > form.fromMs(),
                "untilMs is not after fromMs: a provider works for some time");
        require(form.hours().valid(), "the hours name none of the week's 168 hours, or others");
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
