package org.datdot.ledger;

import org.datdot.crypto.Hash;

/**
 * The block that calls are applied in: all the pallet knows of time and chance.
 *
 * @param number its number
 * @param timestampMs its agreed time, milliseconds since 1970
 * @param entropy unpredictable before this block
 */
public record BlockContext(long number, long timestampMs, Hash entropy) {}
