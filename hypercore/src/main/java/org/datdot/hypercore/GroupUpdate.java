package org.datdot.hypercore;

import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Hash;

/**
 * A core of a group has another head.
 *
 * @param topic the group's topic
 * @param key the core
 * @param lengthBlocks its length
 * @param fork its fork number
 */
public record GroupUpdate(Hash topic, CoreKey key, long lengthBlocks, long fork) {}
