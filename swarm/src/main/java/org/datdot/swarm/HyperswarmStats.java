package org.datdot.swarm;

/**
 * What a {@link Hyperswarm} has done so far.
 *
 * @param updates how often something changed
 * @param dialled how many peers were dialled
 * @param clientOpened how many of these answered
 * @param clientClosed how many of these dials, or the connections they became, are over
 * @param serverOpened how many connections of other peers were taken
 * @param serverClosed how many of these are over
 * @param banned how often a peer was banned
 */
public record HyperswarmStats(
        long updates,
        long dialled,
        long clientOpened,
        long clientClosed,
        long serverOpened,
        long serverClosed,
        long banned) {}
