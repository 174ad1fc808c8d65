package org.datdot.dht;

import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.DhtOptions.StorageLimits;
import org.datdot.dht.Forwards.Forward;
import org.datdot.dht.RecordSignatures.Addressee;
import org.datdot.dht.RecordSignatures.Purpose;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * What a node stores for others, and its answers to requests about that (npm {@code hyperdht}, {@code lib/persistent.js}).
 *
 * <p>Writes need a token the node gave to their sender, and a signature or hash that fits; others get no answer, as from stock
 * nodes. What is stored is bounded by {@link StorageLimits}, what one host can have checked and stored by {@link WriteBudget}.
 */
final class RecordStore implements IncomingRequest.Handler {
    /** How far the date in an announcement may be ahead. */
    private static final long MAX_BUMP_DRIFT_MS = 60_000;

    /** An announcement which can be renewed by showing what has a certain hash. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Renewable(Target target, PublicKey key, byte[] record, boolean self) {}

    private final Supplier<@Nullable NodeId> ownId;
    private final InstantSource wallClock;
    private final RandomGenerator random;
    private final Forwards forwards;
    private final AnnouncedPeers announced;
    private final GenerationCache<Target, Long> bumps;
    private final GenerationCache<Hash, Renewable> renewables;
    private final GenerationCache<Target, byte[]> mutables;
    private final GenerationCache<Target, byte[]> immutables;
    private final WriteBudget budget;

    /**
     * An empty store.
     *
     * @param ownId the node's id while others may rely on it; nothing is answered while it is null
     */
    RecordStore(
            StorageLimits limits,
            Supplier<@Nullable NodeId> ownId,
            InstantSource wallClock,
            RandomGenerator random,
            long nowMs) {
        this.ownId = ownId;
        this.wallClock = wallClock;
        this.random = random;
        GenerationCache.Limits records =
                new GenerationCache.Limits(limits.records(), Long.MAX_VALUE, limits.recordAgeMs(), true);
        GenerationCache.Limits values =
                new GenerationCache.Limits(limits.values(), limits.valueBytes(), limits.valueAgeMs(), true);
        forwards = new Forwards(limits.records(), limits.recordAgeMs(), nowMs);
        announced = new AnnouncedPeers(limits.records(), limits.recordAgeMs(), nowMs);
        bumps = new GenerationCache<>(records, bump -> 0, nowMs);
        renewables = new GenerationCache<>(records, renewable -> 0, nowMs);
        mutables = new GenerationCache<>(values, value -> value.length, nowMs);
        immutables = new GenerationCache<>(values, value -> value.length, nowMs);
        budget = new WriteBudget(nowMs);
    }

    @Override
    public boolean handle(IncomingRequest request, long nowMs) {
        NodeId self = ownId.get();
        long command = request.message().command();
        if (self == null || command < Command.Records.FIND_PEER || command > Command.Records.IMMUTABLE_GET)
            return false;
        Target target = request.message().target();
        if (target == null) return true;
        byte[] value = request.message().value();
        boolean writes = request.message().token() != null && Command.Records.WRITES.contains((int) command);
        if (writes && !budget.spend(request.from(), nowMs)) return true; // no answer: it has asked for enough
        try {
            switch ((int) command) {
                case Command.Records.FIND_PEER -> findPeer(request, target, nowMs);
                case Command.Records.LOOKUP -> lookup(request, target, nowMs);
                case Command.Records.ANNOUNCE -> announce(request, target, self, value, nowMs);
                case Command.Records.UNANNOUNCE -> unannounce(request, target, self, value);
                case Command.Records.MUTABLE_PUT -> putMutable(request, target, value, nowMs);
                case Command.Records.MUTABLE_GET -> getMutable(request, target, value, nowMs);
                case Command.Records.IMMUTABLE_PUT -> putImmutable(request, target, value, nowMs);
                default -> request.reply(immutables.get(target, nowMs));
            }
        } catch (DecodingException e) {
            // A malformed value is like one with a wrong signature: it is not worth an answer.
            return true;
        }
        return true;
    }

    /** Forgets an announcement of this node's own user. */
    void forget(Target target, PublicKey key) {
        if (Target.of(key).equals(target)) forwards.remove(target);
        announced.remove(target, key);
    }

    /** Who announced themselves under their own keys. */
    Forwards forwards() {
        return forwards;
    }

    /** How many announcements are stored. */
    int announcements() {
        return announced.size() + forwards.size();
    }

    /** How many values are stored. */
    int values() {
        return mutables.size() + immutables.size();
    }

    private void findPeer(IncomingRequest request, Target target, long nowMs) {
        request.reply(forwards.record(target, nowMs));
    }

    private void lookup(IncomingRequest request, Target target, long nowMs) {
        List<byte[]> records = announced.sample(target, LookupReply.MAX_PEERS, random, nowMs);
        byte[] self = forwards.record(target, nowMs);
        if (self != null && records.size() < LookupReply.MAX_PEERS) records.add(self);
        Long bump = bumps.get(target, nowMs);
        request.reply(records.isEmpty() ? null : LookupReply.encode(records, bump == null ? 0 : bump));
    }

    private void announce(IncomingRequest request, Target target, NodeId self, byte @Nullable [] value, long nowMs) {
        Token token = request.message().token();
        if (token == null || value == null) return;
        Announcement announcement = Announcement.decode(value);
        PeerRecord peer = announcement.peer();
        if (peer == null) {
            if (announcement.refresh() != null) renew(request, announcement.refresh(), nowMs);
            return;
        }
        if (!RecordSignatures.verify(Purpose.ANNOUNCE, new Addressee(target, self, token), announcement)) return;
        boolean isSelf = Target.of(peer.publicKey()).equals(target);
        Renewable record =
                new Renewable(target, peer.publicKey(), peer.trimmed().encode(), isSelf);
        store(record, request.from(), nowMs);
        if (!isSelf) bump(target, announcement.bump(), nowMs);
        if (announcement.refresh() != null) renewables.put(announcement.refresh(), record, nowMs);
        request.acknowledge();
    }

    private void bump(Target target, long bump, long nowMs) {
        Long before = bumps.get(target, nowMs);
        boolean isNewer = bump > (before == null ? 0 : before);
        if (isNewer && bump <= wallClock.millis() + MAX_BUMP_DRIFT_MS) bumps.put(target, bump, nowMs);
    }

    private void renew(IncomingRequest request, Hash shown, long nowMs) {
        Hash hash = new Hash(Blake2b.hash(shown.bytes()));
        Renewable record = renewables.get(hash, nowMs);
        if (record == null) return;
        store(record, request.from(), nowMs);
        renewables.remove(hash);
        renewables.put(shown, record, nowMs);
        request.acknowledge();
    }

    private void store(Renewable record, PeerAddress from, long nowMs) {
        if (record.self) {
            forwards.put(record.target, new Forward(from, record.record), nowMs);
            announced.remove(record.target, record.key);
        } else {
            announced.put(record.target, record.key, record.record, nowMs);
        }
    }

    private void unannounce(IncomingRequest request, Target target, NodeId self, byte @Nullable [] value) {
        Token token = request.message().token();
        if (token == null || value == null) return;
        Announcement announcement = Announcement.decode(value);
        PeerRecord peer = announcement.peer();
        Addressee addressee = new Addressee(target, self, token);
        if (peer == null || !RecordSignatures.verify(Purpose.UNANNOUNCE, addressee, announcement)) return;
        forget(target, peer.publicKey());
        request.acknowledge();
    }

    private void getMutable(IncomingRequest request, Target target, byte @Nullable [] value, long nowMs) {
        if (value == null) return;
        long wanted = new CompactDecoder(value).uint();
        byte[] stored = mutables.get(target, nowMs);
        boolean isNewEnough = stored != null && new CompactDecoder(stored).uint() >= wanted;
        request.reply(isNewEnough ? stored : null);
    }

    private void putMutable(IncomingRequest request, Target target, byte @Nullable [] put, long nowMs) {
        if (request.message().token() == null || put == null) return;
        CompactDecoder decoder = new CompactDecoder(put);
        PublicKey owner = new PublicKey(decoder.fixed(PublicKey.BYTES));
        MutableValue value = MutableValue.decode(decoder);
        if (!Target.of(owner).equals(target)) return;
        if (!RecordSignatures.verifyMutable(value, owner)) return;
        byte[] stored = mutables.get(target, nowMs);
        if (stored != null) {
            MutableValue before = MutableValue.decode(new CompactDecoder(stored));
            if (before.seq() == value.seq() && !Arrays.equals(before.value(), value.value())) {
                request.error(ErrorCode.SEQ_REUSED, false);
                return;
            }
            if (value.seq() < before.seq()) {
                request.error(ErrorCode.SEQ_TOO_LOW, false);
                return;
            }
        }
        mutables.put(target, value.encode(), nowMs);
        request.reply(null);
    }

    private void putImmutable(IncomingRequest request, Target target, byte @Nullable [] value, long nowMs) {
        if (request.message().token() == null || value == null) return;
        if (!Target.hash(value).equals(target)) return;
        immutables.put(target, value, nowMs);
        request.reply(null);
    }
}
