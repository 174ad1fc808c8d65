package org.datdot.drive;

import org.jspecify.annotations.Nullable;

/**
 * How a {@link Hyperbee} is opened. Immutable; start from {@link #DEFAULT}.
 *
 * @param metadata what the header gets when this bee writes it; null for none
 * @param duplicates whether putting the value a key has already writes a block, as stock does unless told otherwise
 * @param readOnly whether writes are refused even though the core could be written
 * @param hints whether peers tell each other which blocks a search needs (stock's {@code extension})
 */
public record BeeOptions(BeeHeader.@Nullable Metadata metadata, boolean duplicates, boolean readOnly, boolean hints) {

    /** What stock does when no options are given. */
    public static final BeeOptions DEFAULT = new BeeOptions(null, true, false, true);

    public BeeOptions withMetadata(BeeHeader.Metadata given) {
        return new BeeOptions(given, duplicates, readOnly, hints);
    }

    /** Puts that change nothing write nothing. */
    public BeeOptions withoutDuplicates() {
        return new BeeOptions(metadata, false, readOnly, hints);
    }

    public BeeOptions asReadOnly() {
        return new BeeOptions(metadata, duplicates, true, hints);
    }

    /** Tells peers nothing about searches, and asks them nothing but blocks. */
    public BeeOptions withoutHints() {
        return new BeeOptions(metadata, duplicates, readOnly, false);
    }
}
