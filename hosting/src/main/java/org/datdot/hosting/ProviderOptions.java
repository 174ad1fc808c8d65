package org.datdot.hosting;

import java.time.Duration;
import org.datdot.crypto.Entropy;

/**
 * How much room, patience and work a provider has.
 *
 * @param storageBytes the disk lent for hosted replicas, as in the provider's form
 * @param stallTimeout the longest wait for the next bytes of a transfer that has begun
 * @param retryDelay the first wait before a failed step is tried again; doubled each time, to its eightfold
 * @param blockTimeout the longest wait for one block when an encoder downloads
 * @param reportMarginBlocks how many blocks before the amendment's deadline an attestor reports what it has
 * @param transfersAtOnce how many replicas are downloaded, encoded or verified at the same time
 * @param entropy where throw-away keys come from
 */
public record ProviderOptions(
        long storageBytes,
        Duration stallTimeout,
        Duration retryDelay,
        Duration blockTimeout,
        int reportMarginBlocks,
        int transfersAtOnce,
        Entropy entropy) {

    /** Refuses what cannot work. */
    public ProviderOptions {
        if (stallTimeout.isNegative() || retryDelay.isNegative() || blockTimeout.isNegative()) {
            throw new IllegalArgumentException("a negative wait");
        }
        if (reportMarginBlocks < 1 || transfersAtOnce < 1) {
            throw new IllegalArgumentException("a provider needs a block for its report and one transfer at a time");
        }
    }

    /** 20 s without a byte, a retry each second, 10 s for a block, reports two blocks early, three transfers. */
    public static ProviderOptions defaults(long storageBytes) {
        return new ProviderOptions(
                storageBytes,
                Duration.ofSeconds(20),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                2,
                3,
                Entropy.system());
    }
}
