package org.datdot.chain;

import java.util.List;
import org.datdot.crypto.Hash;
import org.datdot.ledger.Codec;
import org.datdot.ledger.PalletId;
import org.datdot.ledger.StorageMap;
import org.datdot.ledger.StorageValue;

/** What executing blocks keeps in the state beside the pallet's own. */
public final class ChainStorage {
    /** How many block hashes are kept, and so how long an extrinsic can be valid that names one. */
    public static final long BLOCK_HASH_COUNT = 4_096;

    /** What happened in the newest block. */
    public static final StorageValue<List<EventRecord>> EVENTS =
            new StorageValue<>(PalletId.SYSTEM, "Events", EventRecord.CODEC.list(), List.of());

    /** The hashes of the last {@link #BLOCK_HASH_COUNT} blocks before the newest one. */
    public static final StorageMap<Long, Hash> BLOCK_HASH =
            new StorageMap<>(PalletId.SYSTEM, "BlockHash", Codec.U32, Codec.of(Hash.class));

    private ChainStorage() {}
}
