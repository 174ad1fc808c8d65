package org.datdot.dht;

import java.time.InstantSource;
import java.util.List;
import org.datdot.crypto.Entropy;
import org.jspecify.annotations.Nullable;

/**
 * How a node of the DHT behaves. {@link #joining} is meant for a node on the internet.
 *
 * @param bootstrap nodes to begin with
 * @param mode whether others may rely on this node
 * @param firewalled whether to assume that the server socket cannot be reached from outside until other nodes reached it
 * @param publicAddress this node's address as others see it, when it is known for sure
 * @param concurrency how many nodes a query asks at a time
 * @param maxWindow how many requests are sent within 750 ms; twice as many within 3 s
 * @param adaptiveTimeout whether to wait for each node as long as it usually takes instead of a second
 * @param sendDownHints whether to tell nodes about dead nodes they recommended
 * @param storage how much is stored for others
 * @param entropy where ids, tokens and choices come from
 * @param wallClock the date, for the time stamps others put into announcements
 */
public record DhtOptions(
        List<BootstrapNode> bootstrap,
        Mode mode,
        boolean firewalled,
        @Nullable PeerAddress publicAddress,
        int concurrency,
        int maxWindow,
        boolean adaptiveTimeout,
        boolean sendDownHints,
        StorageLimits storage,
        Entropy entropy,
        InstantSource wallClock) {
    /** Whether others may rely on a node: know its id, keep it in their routing tables, store things with it. */
    public enum Mode {
        /** Once it has been up for 20 minutes and can be reached. */
        ADAPTIVE,
        /** Never. */
        EPHEMERAL,
        /** As soon as its address is known and it can be reached. */
        PERSISTENT
    }

    /**
     * How much a node stores for others: at most twice these numbers, see the stock defaults in npm {@code hyperdht}.
     *
     * @param records how many announcements
     * @param recordAgeMs how long an announcement is kept, about
     * @param values how many mutable, and how many immutable values
     * @param valueBytes how many bytes all mutable, and all immutable values may have
     * @param valueAgeMs how long a value is kept, about
     */
    public record StorageLimits(int records, long recordAgeMs, int values, long valueBytes, long valueAgeMs) {
        /** 65,536 announcements for 20 minutes; 32,768 values each of up to 32 MiB together for 48 hours. */
        public static StorageLimits defaults() {
            return new StorageLimits(65_536, 20 * 60_000, 32_768, 32 << 20, 48L * 3_600_000);
        }
    }

    /** Copies the list; refuses what cannot work. */
    public DhtOptions {
        bootstrap = List.copyOf(bootstrap);
        if (concurrency < 1 || maxWindow < 1) {
            throw new IllegalArgumentException("a query needs room for one request at a time");
        }
    }

    /** A node that joins the network some nodes belong to, as stock nodes do by default. */
    public static DhtOptions joining(List<BootstrapNode> bootstrap) {
        return new DhtOptions(
                bootstrap,
                Mode.ADAPTIVE,
                true,
                null,
                10,
                80,
                false,
                true,
                StorageLimits.defaults(),
                Entropy.system(),
                InstantSource.system());
    }

    /**
     * The first node of a network.
     *
     * @param publicAddress where others reach it
     */
    public static DhtOptions bootstrapper(PeerAddress publicAddress) {
        return joining(List.of()).withReachable(Mode.PERSISTENT).withPublicAddress(publicAddress);
    }

    /** These for a node of which it is known that its server socket can be reached. */
    public DhtOptions withReachable(Mode newMode) {
        return copy(newMode, false, publicAddress, adaptiveTimeout, storage, entropy, wallClock);
    }

    /** These with another mode. */
    public DhtOptions withMode(Mode newMode) {
        return copy(newMode, firewalled, publicAddress, adaptiveTimeout, storage, entropy, wallClock);
    }

    /** These with a known address. */
    public DhtOptions withPublicAddress(PeerAddress address) {
        return copy(mode, firewalled, address, adaptiveTimeout, storage, entropy, wallClock);
    }

    /** These with timeouts learnt for each node. */
    public DhtOptions withAdaptiveTimeout() {
        return copy(mode, firewalled, publicAddress, true, storage, entropy, wallClock);
    }

    /** These with other limits on what is stored for others. */
    public DhtOptions withStorage(StorageLimits limits) {
        return copy(mode, firewalled, publicAddress, adaptiveTimeout, limits, entropy, wallClock);
    }

    /** These with another source of randomness and date, so that a run can be repeated. */
    public DhtOptions withEntropy(Entropy source, InstantSource clock) {
        return copy(mode, firewalled, publicAddress, adaptiveTimeout, storage, source, clock);
    }

    private DhtOptions copy(
            Mode newMode,
            boolean newFirewalled,
            @Nullable PeerAddress newAddress,
            boolean newAdaptive,
            StorageLimits newStorage,
            Entropy newEntropy,
            InstantSource newClock) {
        return new DhtOptions(
                bootstrap,
                newMode,
                newFirewalled,
                newAddress,
                concurrency,
                maxWindow,
                newAdaptive,
                sendDownHints,
                newStorage,
                newEntropy,
                newClock);
    }
}
