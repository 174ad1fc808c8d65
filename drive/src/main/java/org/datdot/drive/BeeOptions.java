package org.datdot.drive;

import org.jspecify.annotations.Nullable;

/**
 * How a {@link Hyperbee} is opened. Immutable; start from {@link #DEFAULT}.
 *
 * @param metadata what the header gets when this bee writes it; null for none
 * @param duplicates whether putting the value a key has already writes a block, as stock does unless told otherwise
 * @param readOnly whether writes are refused even though the core could be written
 */
public record BeeOptions(BeeHeader.@Nullable Metadata metadata, boolean duplicates, boolean readOnly) {

    /** What stock does when no options are given. */
    public static final BeeOptions DEFAULT = new BeeOptions(null, true, false);

    public BeeOptions withMetadata(BeeHeader.Metadata given) {
        return new BeeOptions(given, duplicates, readOnly);
    }

    /** Puts that change nothing write nothing. */
    public BeeOptions withoutDuplicates() {
        return new BeeOptions(metadata, false, readOnly);
    }

    public BeeOptions asReadOnly() {
        return new BeeOptions(metadata, duplicates, true);
    }
}
