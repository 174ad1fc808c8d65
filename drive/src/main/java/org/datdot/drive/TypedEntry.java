package org.datdot.drive;

import org.jspecify.annotations.Nullable;

/**
 * One key of a {@link TypedBee} and its value.
 *
 * @param seq index of the block that wrote it
 * @param value null when the key was put without one
 */
public record TypedEntry<K, V>(long seq, K key, @Nullable V value) {}
