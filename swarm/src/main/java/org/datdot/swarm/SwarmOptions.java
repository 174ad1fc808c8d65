package org.datdot.swarm;

import java.util.function.LongSupplier;
import org.datdot.crypto.Entropy;

/**
 * How a {@link Swarm} behaves. {@link #defaults()} are meant for a node on the internet.
 *
 * @param entropy where ephemeral keys come from
 * @param nanoClock a monotonic clock, in nanoseconds
 * @param maxConnections how many connections there may be, both directions; more are refused
 * @param maxHandshakes how many accepted connections may be in their handshake at a time; more are refused
 * @param handshakeTimeoutMs how long a handshake may take; a peer which connects and says nothing is dropped after it
 * @param keepAliveMs after how long without sending an empty message is sent; 0 for never
 * @param idleTimeoutMs after how long without a byte a peer which sends keep-alives, or for which bytes are waiting to be
 *     written, is given up; 0 for never. Peers which never sent a keep-alive (stock ones need not) are not timed out while
 *     there is nothing to write: TCP's own keep-alive finds out about those
 * @param outboxSoftBytes above how many queued bytes a connection is not writable
 * @param outboxHardBytes above how many queued bytes a connection fails: its handlers ignored that it was not writable
 */
public record SwarmOptions(
        Entropy entropy,
        LongSupplier nanoClock,
        int maxConnections,
        int maxHandshakes,
        long handshakeTimeoutMs,
        long keepAliveMs,
        long idleTimeoutMs,
        int outboxSoftBytes,
        int outboxHardBytes) {
    /** Refuses what cannot work. */
    public SwarmOptions {
        if (maxConnections < 1 || maxHandshakes < 1 || handshakeTimeoutMs < 1) {
            throw new IllegalArgumentException("a swarm needs room for one connection and time for its handshake");
        }
        if (keepAliveMs < 0 || idleTimeoutMs < 0) {
            throw new IllegalArgumentException("time-outs are not negative; 0 switches them off");
        }
        if (outboxSoftBytes < 1 || outboxHardBytes < outboxSoftBytes) {
            throw new IllegalArgumentException("the outbox's hard limit is not below its soft limit");
        }
    }

    /** 1,024 connections, 256 handshakes of 10 s, keep-alive 5 s, time-out 20 s, outbox 1 MiB soft and 16 MiB hard. */
    public static SwarmOptions defaults() {
        return new SwarmOptions(
                Entropy.system(), System::nanoTime, 1024, 256, 10_000, 5_000, 20_000, 1 << 20, 16 << 20);
    }

    /** These with other limits on the number of connections and half-open handshakes. */
    public SwarmOptions withLimits(int connections, int handshakes) {
        return new SwarmOptions(
                entropy,
                nanoClock,
                connections,
                handshakes,
                handshakeTimeoutMs,
                keepAliveMs,
                idleTimeoutMs,
                outboxSoftBytes,
                outboxHardBytes);
    }

    /** These with other times, in milliseconds. */
    public SwarmOptions withTimes(long handshakeTimeout, long keepAlive, long idleTimeout) {
        return new SwarmOptions(
                entropy,
                nanoClock,
                maxConnections,
                maxHandshakes,
                handshakeTimeout,
                keepAlive,
                idleTimeout,
                outboxSoftBytes,
                outboxHardBytes);
    }

    /** These with other limits of the outbox, in bytes. */
    public SwarmOptions withOutbox(int softBytes, int hardBytes) {
        return new SwarmOptions(
                entropy,
                nanoClock,
                maxConnections,
                maxHandshakes,
                handshakeTimeoutMs,
                keepAliveMs,
                idleTimeoutMs,
                softBytes,
                hardBytes);
    }

    /** These with another source of randomness and another clock. */
    public SwarmOptions withSources(Entropy otherEntropy, LongSupplier otherNanoClock) {
        return new SwarmOptions(
                otherEntropy,
                otherNanoClock,
                maxConnections,
                maxHandshakes,
                handshakeTimeoutMs,
                keepAliveMs,
                idleTimeoutMs,
                outboxSoftBytes,
                outboxHardBytes);
    }
}
