package org.datdot.ledger;

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
    /** The plans that host a feed or a part of it, with the block since which they do. */
    public static final StorageDoubleMap<Long, Long, Long> PLANS_OF_FEED =
            new StorageDoubleMap<>(PALLET, "PlansOfFeed", Codec.COMPACT, Codec.COMPACT, Codec.COMPACT);
    /** The plans of a sponsor, with the block they were published in. */
    public static final StorageDoubleMap<Long, Long, Long> PLANS_OF_SPONSOR =
            new StorageDoubleMap<>(PALLET, "PlansOfSponsor", Codec.COMPACT, Codec.COMPACT, Codec.COMPACT);
    /** What each user owes. */
    public static final StorageMap<Long, Jobs> JOBS = new StorageMap<>(PALLET, "Jobs", Codec.COMPACT, Jobs.CODEC);

    /** How many users have an offer. */
    static final StorageValue<Long> PROVIDER_COUNT = new StorageValue<>(PALLET, "ProviderCount", Codec.COMPACT);
    /** They, from 0 without gaps. */
    static final StorageMap<Long, Long> PROVIDERS = new StorageMap<>(PALLET, "Providers", Codec.COMPACT, Codec.COMPACT);
    /** Where each of them is in that list. */
    static final StorageMap<Long, Long> PROVIDER_PLACE =
            new StorageMap<>(PALLET, "ProviderPlace", Codec.COMPACT, Codec.COMPACT);

    /** Contracts with vacant positions that no amendment is under way for, by ticket. */
    static final StorageMap<Long, Long> WAITING = new StorageMap<>(PALLET, "Waiting", Codec.COMPACT, Codec.COMPACT);
    /** Their tickets. */
    static final StorageMap<Long, Long> WAITING_TICKET =
            new StorageMap<>(PALLET, "WaitingTicket", Codec.COMPACT, Codec.COMPACT);
    /** The oldest ticket that may be in use. */
    static final StorageValue<Long> WAITING_FIRST = new StorageValue<>(PALLET, "WaitingFirst", Codec.COMPACT);
    /** The newest ticket. */
    static final StorageValue<Long> WAITING_LAST = new StorageValue<>(PALLET, "WaitingLast", Codec.COMPACT);

    /** What is to be done in a block. */
    static final StorageMap<Agenda.Place, Task> AGENDA =
            new StorageMap<>(PALLET, "Agenda", Agenda.Place.CODEC, Task.CODEC);
    /** How many tasks a block was given. */
    static final StorageMap<Long, Long> AGENDA_COUNT =
            new StorageMap<>(PALLET, "AgendaCount", Codec.COMPACT, Codec.COMPACT);
    /** The first task that was not done yet. */
    static final StorageValue<Agenda.Place> AGENDA_NEXT = new StorageValue<>(PALLET, "AgendaNext", Agenda.Place.CODEC);

    /** How many plans follow a feed. */
    static final StorageMap<Long, Long> FOLLOWER_COUNT =
            new StorageMap<>(PALLET, "FollowerCount", Codec.COMPACT, Codec.COMPACT);
    /** They, from 0 without gaps. */
    static final StorageMap<Follower, Long> FOLLOWERS =
            new StorageMap<>(PALLET, "Followers", Follower.CODEC, Codec.COMPACT);
    /** Feeds whose followers are about to grow, with the block. */
    static final StorageMap<Long, Long> GROWING = new StorageMap<>(PALLET, "Growing", Codec.COMPACT, Codec.COMPACT);

    /** Up to when hosters have proven to store all they hold, milliseconds since 1970. */
    static final StorageMap<Long, Long> PROVEN = new StorageMap<>(PALLET, "Proven", Codec.COMPACT, Codec.COMPACT);
    /** Hosters whose positions are taken away, some in each block. */
    static final StorageMap<Long, Departure> DEPARTING =
            new StorageMap<>(PALLET, "Departing", Codec.COMPACT, Departure.CODEC);
    /** How many accusations of an amendment were contradicted. */
    static final StorageMap<Long, Long> DENIED = new StorageMap<>(PALLET, "Denied", Codec.COMPACT, Codec.COMPACT);
    /** When the next performance challenge of a hoster is due. */
    static final StorageMap<Long, Long> PERFORMANCE_DUE =
            new StorageMap<>(PALLET, "PerformanceDue", Codec.COMPACT, Codec.COMPACT);
    /** The last performance challenge of a hoster. */
    static final StorageMap<Long, Long> LAST_PERFORMANCE =
            new StorageMap<>(PALLET, "LastPerformance", Codec.COMPACT, Codec.COMPACT);

    /** What the contracts of a plan that goes on come to. */
    static final StorageMap<Long, Money.Totals> PLAN_TOTALS =
            new StorageMap<>(PALLET, "PlanTotals", Codec.COMPACT, Money.Totals.CODEC);
    /** When the next challenge of a hoster is due. */
    static final StorageMap<Long, Long> CHALLENGE_DUE =
            new StorageMap<>(PALLET, "ChallengeDue", Codec.COMPACT, Codec.COMPACT);
    /** Plans by the second, since 1970, in which they end, and their number in it. */
    static final StorageMap<Agenda.Place, Long> ENDS =
            new StorageMap<>(PALLET, "Ends", Agenda.Place.CODEC, Codec.COMPACT);
    /** How many end in a second. */
    static final StorageMap<Long, Long> ENDS_COUNT =
            new StorageMap<>(PALLET, "EndsCount", Codec.COMPACT, Codec.COMPACT);
    /** Which seconds of 56 have any, the first in the lowest bit. */
    static final StorageMap<Long, Long> ENDS_SPANS =
            new StorageMap<>(PALLET, "EndsSpans", Codec.COMPACT, Codec.COMPACT);
    /** How often plans were paused and resumed. */
    static final StorageValue<Long> PAUSE_CHANGES = new StorageValue<>(PALLET, "PauseChanges", Codec.COMPACT);
    /** The last second whose ends were seen to. */
    static final StorageValue<Long> ENDS_SEEN = new StorageValue<>(PALLET, "EndsSeen", Codec.COMPACT);

    private Storage() {}

    /** Why a hoster's positions are taken away. In SCALE one byte, the ordinal. */
    enum Departure {
        /** It could not show what it stores: its collateral is slashed. */
        FAILED,
        /** It leaves: its collateral pays for its replacement. */
        LEFT;

        static final Codec<Departure> CODEC = Codec.of(Departure.class);
    }

    /** One of the plans that follow a feed. */
    record Follower(long feed, long index) {
        static final Codec<Follower> CODEC = Codec.of(Follower.class);
    }

    /** A feed at a length. */
    public record FeedLength(long feed, long length) {
        static final Codec<FeedLength> CODEC = Codec.of(FeedLength.class);
    }
}
