package org.datdot.ledger;

import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.PublicKey;

/** The codecs that storage items share. */
final class Codecs {
    static final Codec<AccountId> ACCOUNT = Codec.of(AccountId.class);
    static final Codec<PublicKey> PUBLIC_KEY = Codec.of(PublicKey.class);
    static final Codec<CoreKey> CORE_KEY = Codec.of(CoreKey.class);
    static final Codec<List<Long>> IDS = Codec.COMPACT.list();

    private Codecs() {}
}
