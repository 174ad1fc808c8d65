package org.datdot.dht;

import java.util.HashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A map that forgets (npm {@code xache}): entries go into a young generation; when that is full, or two thirds of the maximum
 * age have passed, it becomes the old one and what was old is gone. An entry so lives between two thirds and four thirds of
 * the maximum age, and there are never more than two generations of entries and bytes.
 */
final class GenerationCache<K, V> {
    private final Limits limits;
    private final ToIntFunction<V> weigher;
    private Map<K, V> young = new HashMap<>();
    private Map<K, V> old = new HashMap<>();
    private long youngBytes;
    private long rotateMs;

    /**
     * @param maxEntries how many entries a generation holds
     * @param maxBytes how many bytes the values of a generation may have
     * @param maxAgeMs how long an entry lives, about
     * @param readingRenews whether an entry that is read starts anew
     */
    record Limits(int maxEntries, long maxBytes, long maxAgeMs, boolean readingRenews) {
        long stepMs() {
            return (2 * maxAgeMs + 2) / 3;
        }
    }

    GenerationCache(Limits limits, ToIntFunction<V> weigher, long nowMs) {
        this.limits = limits;
        this.weigher = weigher;
        this.rotateMs = nowMs + limits.stepMs();
    }

    @Nullable
    V get(K key, long nowMs) {
        advance(nowMs);
        V value = young.get(key);
        if (value != null) return value;
        value = old.get(key);
        if (value != null && limits.readingRenews()) put(key, value, nowMs);
        return value;
    }

    void put(K key, V value, long nowMs) {
        advance(nowMs);
        old.remove(key);
        V before = young.put(key, value);
        youngBytes += weigher.applyAsInt(value) - (before == null ? 0 : weigher.applyAsInt(before));
        if (young.size() >= limits.maxEntries() || youngBytes >= limits.maxBytes()) {
            rotate();
            rotateMs = nowMs + limits.stepMs();
        }
    }

    void remove(K key) {
        V before = young.remove(key);
        if (before != null) youngBytes -= weigher.applyAsInt(before);
        old.remove(key);
    }

    int size() {
        return young.size() + old.size();
    }

    private void advance(long nowMs) {
        if (nowMs < rotateMs) return;
        long steps = (nowMs - rotateMs) / limits.stepMs() + 1;
        for (long i = 0; i < Math.min(steps, 2); i++) rotate();
        rotateMs += steps * limits.stepMs();
    }

    private void rotate() {
        old = young;
        young = new HashMap<>();
        youngBytes = 0;
    }
}
