package org.datdot.chain;

import java.util.LinkedHashMap;
import java.util.Map;
import org.datdot.crypto.PublicKey;

/**
 * Who decides on rounds, for the rounds of an epoch.
 *
 * @param epoch how often the members changed before
 * @param weights what each member's word counts, more than 0; in the order they joined
 */
public record Membership(long epoch, Map<PublicKey, Long> weights) {
    /** Refuses a membership without anybody. */
    public Membership {
        if (epoch < 0 || weights.isEmpty() || weights.values().stream().anyMatch(weight -> weight <= 0)) {
            throw new IllegalArgumentException("a membership has members with weights above 0, and an epoch from 0 on");
        }
        weights = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }

    /** One member alone, for ever. */
    public static Membership of(PublicKey member) {
        return new Membership(0, Map.of(member, 1L));
    }
}
