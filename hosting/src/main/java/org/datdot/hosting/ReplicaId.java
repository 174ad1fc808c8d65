package org.datdot.hosting;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which replica: the amendment that set a position up and the position's number. A replacement of the position is another
 * amendment, hence another replica.
 *
 * @param amendment the amendment's id on the ledger
 * @param position the position's number in its contract
 */
public record ReplicaId(long amendment, int position) {
    private static final Pattern FILE_NAME = Pattern.compile("(\\d{1,18})-(\\d{1,3})");

    /** The name of the replica's directory. */
    String fileName() {
        return amendment + "-" + position;
    }

    /** The replica a directory of this name holds, or null for any other name. */
    static @Nullable ReplicaId ofFileName(String name) {
        Matcher matcher = FILE_NAME.matcher(name);
        return matcher.matches()
                ? new ReplicaId(Long.parseLong(matcher.group(1)), Integer.parseInt(matcher.group(2)))
                : null;
    }

    @Override
    public String toString() {
        return "replica " + fileName();
    }
}
