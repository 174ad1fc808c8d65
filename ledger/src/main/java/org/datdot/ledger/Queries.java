package org.datdot.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.PublicKey;

/**
 * The questions one may ask the ledger, under the names of the original's API; over a state in this process or a remote one. Each is one or two
 * look-ups.
 */
public final class Queries {
    private final StateReader state;

    /** Over a state. */
    public Queries(StateReader state) {
        this.state = state;
    }

    /** The number of the newest block. */
    public long getBlockNumber() {
        return Storage.BLOCK_NUMBER.get(state).orElse(0L);
    }

    /** The time of the newest block, milliseconds since 1970. */
    public long getTimestampMs() {
        return Storage.NOW.get(state).orElse(0L);
    }

    /** Any object. */
    public Optional<Item> getItemByID(long id) {
        return Storage.ITEMS.get(state, id);
    }

    private <T extends Item> Optional<T> item(Class<T> type, long id) {
        return getItemByID(id).filter(type::isInstance).map(type::cast);
    }

    /** A user. */
    public Optional<User> getUserByID(long id) {
        return item(User.class, id);
    }

    /** The user an account is. */
    public Optional<User> getUserByAccount(AccountId account) {
        return Storage.USER_BY_ACCOUNT.get(state, account).flatMap(this::getUserByID);
    }

    /** Whose noise key it is. */
    public Optional<Long> getUserIDByNoiseKey(PublicKey key) {
        return Storage.USER_BY_NOISE_KEY.get(state, key);
    }

    /** Whose signing key it is. */
    public Optional<Long> getUserIDBySigningKey(PublicKey key) {
        return Storage.USER_BY_SIGNING_KEY.get(state, key);
    }

    /** A feed. */
    public Optional<Feed> getFeedByID(long id) {
        return item(Feed.class, id);
    }

    /** The feed with a key. */
    public Optional<Feed> getFeedByKey(CoreKey key) {
        return Storage.FEED_BY_KEY.get(state, key).flatMap(this::getFeedByID);
    }

    /** The signed head of a feed at a length. */
    public Optional<FeedHead> getFeedHead(long feed, long length) {
        return Storage.FEED_HEADS.get(state, new Storage.FeedLength(feed, length));
    }

    /** A plan. */
    public Optional<Plan> getPlanByID(long id) {
        return item(Plan.class, id);
    }

    /** The plans that host a feed or a part of it, oldest first. */
    public List<Plan> getPlansByFeed(long feed) {
        return plans(Storage.PLANS_OF_FEED, feed);
    }

    /** The plans somebody pays for, oldest first. */
    public List<Plan> getPlansBySponsor(long user) {
        return plans(Storage.PLANS_OF_SPONSOR, user);
    }

    private List<Plan> plans(StorageDoubleMap<Long, Long, Long> members, long of) {
        List<Long> ids = new ArrayList<>();
        members.forEach(state, of, (id, since) -> ids.add(id));
        // Ids rise with time; the state's order is that of hashes.
        return ids.stream()
                .sorted()
                .map(this::getPlanByID)
                .flatMap(Optional::stream)
                .toList();
    }

    /** An amendment. */
    public Optional<Amendment> getAmendmentByID(long id) {
        return item(Amendment.class, id);
    }

    /** A contract. */
    public Optional<Contract> getContractByID(long id) {
        return item(Contract.class, id);
    }

    /** A storage challenge. */
    public Optional<StorageChallenge> getStorageChallengeByID(long id) {
        return item(StorageChallenge.class, id);
    }

    /** A performance challenge. */
    public Optional<PerformanceChallenge> getPerformanceChallengeByID(long id) {
        return item(PerformanceChallenge.class, id);
    }

    /** An accusation that is not decided yet. */
    public Optional<Accusation> getAccusationByID(long id) {
        return item(Accusation.class, id);
    }

    /** How often plans were paused or resumed so far: while it is the same, all plans are paused or not as they were. */
    public long getPauseChanges() {
        return Storage.PAUSE_CHANGES.get(state).orElse(0L);
    }

    /** What a user owes now. */
    public Jobs getJobs(long user) {
        return Storage.JOBS.get(state, user).orElse(Jobs.NONE);
    }

    /** What an account owns, and its nonce. */
    public AccountData getAccount(AccountId account) {
        return Balances.of(state, account);
    }

    /** All users; a walk over them all. */
    public List<User> getUsers() {
        List<User> users = new ArrayList<>();
        Storage.USER_BY_ACCOUNT.forEach(state, (account, id) -> getUserByID(id).ifPresent(users::add));
        users.sort(java.util.Comparator.comparingLong(User::id));
        return users;
    }

    /** All units there are. */
    public long getTotalIssuance() {
        return Balances.TOTAL_ISSUANCE.get(state).orElse(0L);
    }

    /** A feed's key. */
    public Optional<CoreKey> getFeedKey(long feed) {
        return getFeedByID(feed).map(Feed::key);
    }

    /** A user's account. */
    public Optional<AccountId> getUserAddress(long user) {
        return getUserByID(user).map(User::account);
    }

    /** The identity of a user as hoster on connections. */
    public Optional<PublicKey> getHosterKey(long user) {
        return getUserByID(user).map(User::noiseKey);
    }

    /** The identity of a user as encoder on connections. */
    public Optional<PublicKey> getEncoderKey(long user) {
        return getUserByID(user).map(User::noiseKey);
    }

    /** The identity of a user as attestor on connections. */
    public Optional<PublicKey> getAttestorKey(long user) {
        return getUserByID(user).map(User::noiseKey);
    }

    /** The key that verifies a user's statements. */
    public Optional<PublicKey> getSigningKey(long user) {
        return getUserByID(user).map(User::signingKey);
    }
}
