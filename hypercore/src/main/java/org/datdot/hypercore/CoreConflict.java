package org.datdot.hypercore;

import org.datdot.crypto.CoreKey;

/**
 * A core's signer has signed two different histories: neither can be trusted to be the one.
 *
 * @param key the core
 * @param fork fork number of both histories
 * @param lengthBlocks length at which both are known to differ
 */
public record CoreConflict(CoreKey key, long fork, long lengthBlocks) {}
