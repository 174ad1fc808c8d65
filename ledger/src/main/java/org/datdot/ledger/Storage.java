package org.datdot.ledger;

import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.PublicKey;

/** The pallet's storage items: every map and value it keeps, under the names clients read them by. */
public final class Storage {
    private static final PalletId PALLET = PalletId.DATDOT;

    /** The block being executed, or the last one. */
    public static final StorageValue<Long> BLOCK_NUMBER = new StorageValue<>(PalletId.SYSTEM, "Number", Codec.U32, 0L);
    /** Its time, milliseconds since 1970. */
    public static final StorageValue<Long> NOW = new StorageValue<>(PalletId.TIMESTAMP, "Now", Codec.U64, 0L);

    static final StorageValue<AccountId> TREASURY = new StorageValue<>(PALLET, "Treasury", Codecs.ACCOUNT);
    static final StorageValue<Long> NEXT_ID = new StorageValue<>(PALLET, "NextId", Codec.COMPACT);

    /** Every object by its id. */
    public static final StorageMap<Long, Item> ITEMS = new StorageMap<>(PALLET, "Items", Codec.COMPACT, Item.CODEC);
    /** Users by account. */
    public static final StorageMap<AccountId, Long> USER_BY_ACCOUNT =
            new StorageMap<>(PALLET, "UserByAccount", Codecs.ACCOUNT, Codec.COMPACT);
    /** Users by noise key. */
    public static final StorageMap<PublicKey, Long> USER_BY_NOISE_KEY =
            new StorageMap<>(PALLET, "UserByNoiseKey", Codecs.PUBLIC_KEY, Codec.COMPACT);
    /** Users by signing key. */
    public static final StorageMap<PublicKey, Long> USER_BY_SIGNING_KEY =
            new StorageMap<>(PALLET, "UserBySigningKey", Codecs.PUBLIC_KEY, Codec.COMPACT);
    /** Feeds by key. */
    public static final StorageMap<CoreKey, Long> FEED_BY_KEY =
            new StorageMap<>(PALLET, "FeedByKey", Codecs.CORE_KEY, Codec.COMPACT);
    /** Tree heads by feed and length. */
    public static final StorageMap<FeedLength, FeedHead> FEED_HEADS =
            new StorageMap<>(PALLET, "FeedHeads", FeedLength.CODEC, FeedHead.CODEC);
    /** Plans of a feed, oldest first. */
    public static final StorageMap<Long, List<Long>> PLANS_OF_FEED =
            new StorageMap<>(PALLET, "PlansOfFeed", Codec.COMPACT, Codecs.IDS);
    /** Plans of a sponsor, oldest first. */
    public static final StorageMap<Long, List<Long>> PLANS_OF_SPONSOR =
            new StorageMap<>(PALLET, "PlansOfSponsor", Codec.COMPACT, Codecs.IDS);
    /** What each user owes. */
    public static final StorageMap<Long, Jobs> JOBS = new StorageMap<>(PALLET, "Jobs", Codec.COMPACT, Jobs.CODEC);

    /** Users with an offer, in the order they first made one. */
    static final StorageValue<List<Long>> PROVIDERS = new StorageValue<>(PALLET, "Providers", Codecs.IDS);
    /** Contracts with vacant positions that no amendment is under way for. */
    static final StorageValue<List<Long>> WAITING = new StorageValue<>(PALLET, "Waiting", Codecs.IDS);
    /** What is to be done in a block. */
    static final StorageMap<Long, List<Task>> AGENDA =
            new StorageMap<>(PALLET, "Agenda", Codec.COMPACT, Task.CODEC.list());
    /** What a full block left over. */
    static final StorageValue<List<Task>> CARRIED_OVER = new StorageValue<>(PALLET, "CarriedOver", Task.CODEC.list());

    /** What the contracts of a plan that goes on come to. */
    static final StorageMap<Long, Money.Totals> PLAN_TOTALS =
            new StorageMap<>(PALLET, "PlanTotals", Codec.COMPACT, Money.Totals.CODEC);
    /** When the next challenge of a hoster is due. */
    static final StorageMap<Long, Long> CHALLENGE_DUE =
            new StorageMap<>(PALLET, "ChallengeDue", Codec.COMPACT, Codec.COMPACT);
    /** Plans by the second, since 1970, in which they end. */
    static final StorageMap<Long, List<Long>> ENDS = new StorageMap<>(PALLET, "Ends", Codec.COMPACT, Codecs.IDS);
    /** The last second whose ends were seen to. */
    static final StorageValue<Long> ENDS_SEEN = new StorageValue<>(PALLET, "EndsSeen", Codec.COMPACT);

    private Storage() {}

    /** A feed at a length. */
    public record FeedLength(long feed, long length) {
        static final Codec<FeedLength> CODEC = Codec.of(FeedLength.class);
    }
}
