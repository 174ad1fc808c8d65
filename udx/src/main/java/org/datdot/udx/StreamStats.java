package org.datdot.udx;

/**
 * How a stream is doing.
 *
 * @param roundTripUs the smoothed round-trip time, 0 before the first measurement
 * @param mtuBytes the longest IP packet which the way was found to carry
 * @param windowPackets how many packets congestion control allows on their way
 * @param bufferedBytes written and not acknowledged
 * @param retransmissions packets sent again
 */
public record StreamStats(long roundTripUs, int mtuBytes, int windowPackets, int bufferedBytes, long retransmissions) {}
