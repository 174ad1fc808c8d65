package org.datdot.drive;

/**
 * Decides whether a write of a key that is there already goes ahead (npm hyperbee's option {@code cas}). It is not asked
 * about a key that is not there: that is put, or there is nothing to remove.
 */
@FunctionalInterface
public interface BeeCas {

    /** Every write goes ahead. */
    BeeCas ALWAYS = (previous, next) -> true;

    /**
     * Whether to write. Called while the bee is locked: it must not write to the bee itself.
     *
     * @param previous the entry that is there
     * @param next the entry to be, with its block; its value is null when the key is to be removed
     */
    boolean goesAhead(BeeEntry previous, BeeEntry next);
}
