package org.datdot.drive;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a file of a drive has besides its content.
 *
 * @param executable whether it may be run
 * @param metadata any JSON, or null
 */
public record PutOptions(boolean executable, @Nullable JsonNode metadata) {

    /** A plain file without metadata. */
    public static final PutOptions PLAIN = new PutOptions(false, null);

    /** A program without metadata. */
    public static final PutOptions EXECUTABLE = new PutOptions(true, null);
}
