package org.datdot.dht;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.datdot.crypto.PublicKey;
import org.jspecify.annotations.Nullable;

/**
 * Who is announced under which topic (npm {@code record-cache}): forgotten in two generations as in {@link GenerationCache}.
 * Unlike in the stock cache a peer announced again is kept with its new relays at once.
 */
final class AnnouncedPeers {
    private static final class Topic {
        final List<PublicKey> keys = new ArrayList<>();
        final List<byte[]> records = new ArrayList<>();
        final Map<PublicKey, Integer> places = new HashMap<>();

        boolean put(PublicKey key, byte[] record) {
            Integer place = places.get(key);
            if (place != null) {
                records.set(place, record);
                return false;
            }
            places.put(key, keys.size());
            keys.add(key);
            records.add(record);
            return true;
        }

        boolean remove(PublicKey key) {
            Integer place = places.remove(key);
            if (place == null) return false;
            PublicKey lastKey = keys.removeLast();
            byte[] lastRecord = records.removeLast();
            if (place < keys.size()) {
                keys.set(place, lastKey);
                records.set(place, lastRecord);
                places.put(lastKey, place);
            }
            return true;
        }
    }

    private static final class Generation {
        final Map<Target, Topic> topics = new HashMap<>();
        int size;

        void put(Target target, PublicKey key, byte[] record) {
            if (topics.computeIfAbsent(target, t -> new Topic()).put(key, record)) size++;
        }

        void remove(Target target, PublicKey key) {
            Topic topic = topics.get(target);
            if (topic == null || !topic.remove(key)) return;
            size--;
            if (topic.keys.isEmpty()) topics.remove(target);
        }

        List<byte[]> records(Target target) {
            @Nullable Topic topic = topics.get(target);
            return topic == null ? List.of() : topic.records;
        }
    }

    private final int maxRecords;
    private final long stepMs;
    private Generation young = new Generation();
    private Generation old = new Generation();
    private long rotateMs;

    AnnouncedPeers(int maxRecords, long maxAgeMs, long nowMs) {
        this.maxRecords = maxRecords;
        this.stepMs = (2 * maxAgeMs + 2) / 3;
        this.rotateMs = nowMs + stepMs;
    }

    void put(Target target, PublicKey key, byte[] record, long nowMs) {
        advance(nowMs);
        old.remove(target, key);
        young.put(target, key, record);
        if (young.size > maxRecords) {
            rotate();
            rotateMs = nowMs + stepMs;
        }
    }

    void remove(Target target, PublicKey key) {
        young.remove(target, key);
        old.remove(target, key);
    }

    /** Up to {@code max} records, drawn at random if there are more. */
    List<byte[]> sample(Target target, int max, RandomGenerator random, long nowMs) {
        advance(nowMs);
        List<byte[]> first = young.records(target);
        List<byte[]> second = old.records(target);
        int all = first.size() + second.size();
        List<byte[]> drawn = new ArrayList<>(Math.min(max, all));
        // Of all sets of so many records each is as likely as any other: every one that comes takes one of the places
        // left.
        int left = Math.min(max, all);
        for (int i = all - left; i < all; i++) {
            int at = random.nextInt(i + 1);
            byte[] record = at(first, second, at);
            drawn.add(drawn.contains(record) ? at(first, second, i) : record);
        }
        return drawn;
    }

    int size() {
        return young.size + old.size;
    }

    private static byte[] at(List<byte[]> first, List<byte[]> second, int at) {
        return at < first.size() ? first.get(at) : second.get(at - first.size());
    }

    private void advance(long nowMs) {
        if (nowMs < rotateMs) return;
        long steps = (nowMs - rotateMs) / stepMs + 1;
        for (long i = 0; i < Math.min(steps, 2); i++) rotate();
        rotateMs += steps * stepMs;
    }

    private void rotate() {
        old = young;
        young = new Generation();
    }
}
