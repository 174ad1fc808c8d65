package org.datdot.drive;

/**
 * One write in a bee's history.
 *
 * @param type what was done
 * @param entry the key and its value, which is null for a removal
 */
public record BeeChange(Type type, BeeEntry entry) {

    /** What a write does to its key. */
    public enum Type {
        /** The key was put. */
        PUT,
        /** The key was removed. */
        DEL
    }
}
