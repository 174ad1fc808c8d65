package org.datdot.hosting;

import java.net.InetSocketAddress;
import org.datdot.crypto.PublicKey;
import org.jspecify.annotations.Nullable;

/**
 * A user of the ledger as its peers need to know it.
 *
 * @param user the user's id
 * @param signingKey signs replica statements and receipts
 * @param noiseKey the key of its connections
 * @param address where it listens, or null when it has said nothing
 */
record Party(
        long user,
        PublicKey signingKey,
        PublicKey noiseKey,
        @Nullable InetSocketAddress address) {}
