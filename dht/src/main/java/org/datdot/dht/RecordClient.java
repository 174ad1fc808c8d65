package org.datdot.dht;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.Call.Question;
import org.datdot.dht.DhtException.Reason;
import org.datdot.dht.RecordSignatures.Addressee;
import org.datdot.dht.RecordSignatures.Purpose;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/** What a node asks others about records (npm {@code hyperdht}, {@code index.js}), without I/O like {@link DhtNode}. */
final class RecordClient {
    /** Told once how it ended. */
    interface End {
        /** All was said or stored, and the nodes closest to the target that answered. */
        void finished(List<PeerAddress> closest);

        void failed(Reason reason);
    }

    /** Makes the value to store with a node, which gave a token. */
    @FunctionalInterface
    private interface Writing {
        byte[] value(NodeId node, Token token);
    }

    private final DhtNode node;
    private final List<PeerAddress> known;

    RecordClient(DhtNode node) {
        this(node, List.of());
    }

    /**
     * One for questions about one target.
     *
     * @param known the nodes that were the closest to it, as {@link End#finished} told
     */
    RecordClient(DhtNode node, List<PeerAddress> known) {
        this.node = node;
        this.known = List.copyOf(known);
    }

    /** Who is announced under a topic, as each node says. */
    Query lookup(Target topic, Consumer<LookupResult> results, End end, long now) {
        return query(topic, Command.Records.LOOKUP, null, answer -> acceptLookup(answer, results), end, null, now);
    }

    /** The peer with a key, as the nodes say that pass on handshakes to it. */
    Query findPeer(PublicKey key, Consumer<FoundPeer> results, End end, long now) {
        Consumer<Answer> answers = answer -> {
            PeerRecord peer = decoded(answer, value -> PeerRecord.decode(new CompactDecoder(value)));
            if (peer != null && peer.publicKey().equals(key)) results.accept(new FoundPeer(answer.from(), peer));
        };
        return query(Target.of(key), Command.Records.FIND_PEER, null, answers, end, null, now);
    }

    /** Announces a peer under a topic, with the nodes closest to it. */
    Query announce(Target topic, KeyPair keys, List<PeerAddress> relays, long bump, End end, long now) {
        return query(
                topic, Command.Records.LOOKUP, null, answer -> {}, end, announcing(topic, keys, relays, bump), now);
    }

    /**
     * Announces a peer under a topic, telling who is announced there already.
     *
     * @param clear whether to withdraw older announcements of the peer from nodes that are not the closest any more
     */
    Query announceAndLookup(
            Target topic,
            KeyPair keys,
            List<PeerAddress> relays,
            boolean clear,
            Consumer<LookupResult> results,
            End end,
            long now) {
        Unannouncing old = new Unannouncing(topic, keys, end);
        Consumer<Answer> answers = answer -> {
            acceptLookup(answer, results);
            if (clear) old.remember(answer);
        };
        return query(topic, Command.Records.LOOKUP, null, answers, old, announcing(topic, keys, relays, 0), now);
    }

    private Query.Commit announcing(Target topic, KeyPair keys, List<PeerAddress> relays, long bump) {
        Announcement unsigned = new Announcement(new PeerRecord(keys.publicKey(), relays), null, null, bump);
        Writing writing =
                (id, token) -> RecordSignatures.sign(Purpose.ANNOUNCE, new Addressee(topic, id, token), unsigned, keys)
                        .encode();
        return commit(topic, Command.Records.ANNOUNCE, writing);
    }

    /** Withdraws an announcement from all nodes that are met and have it, telling who else is announced. */
    Query unannounceAndLookup(Target topic, KeyPair keys, Consumer<LookupResult> results, End end, long now) {
        Unannouncing unannouncing = new Unannouncing(topic, keys, end);
        Consumer<Answer> answers = answer -> {
            acceptLookup(answer, results);
            unannouncing.met(answer);
        };
        return query(topic, Command.Records.LOOKUP, null, answers, unannouncing, null, now);
    }

    /** Withdraws an announcement from all nodes that are met and have it. */
    Query unannounce(Target topic, KeyPair keys, End end, long now) {
        Unannouncing unannouncing = new Unannouncing(topic, keys, end);
        return query(topic, Command.Records.LOOKUP, null, unannouncing::met, unannouncing, null, now);
    }

    /** Stores a value under its hash. */
    Query immutablePut(byte[] value, End end, long now) {
        Target target = Target.hash(value);
        Query.Commit commit = commit(target, Command.Records.IMMUTABLE_PUT, (id, token) -> value);
        return query(target, Command.Records.IMMUTABLE_GET, null, answer -> {}, end, commit, now);
    }

    /** The value with a hash, as often as nodes send it. */
    Query immutableGet(Target target, Consumer<byte[]> values, End end, long now) {
        Consumer<Answer> answers = answer -> {
            byte[] value = answer.message().value();
            if (value != null && Target.hash(value).equals(target)) values.accept(value);
        };
        return query(target, Command.Records.IMMUTABLE_GET, null, answers, end, null, now);
    }

    /** Stores a signed value under the hash of its owner's key, unless a node shows that the owner signed a newer one. */
    Query mutablePut(PublicKey owner, MutableValue value, End end, long now) {
        Target target = Target.of(owner);
        byte[] encoded = value.encodePut(owner);
        AtomicBoolean outdated = new AtomicBoolean();
        Consumer<Answer> answers = answer -> {
            MutableValue stored = signedBy(owner, answer);
            if (stored != null && replaces(stored, value)) outdated.set(true);
        };
        Query.Commit commit = commit(target, Command.Records.MUTABLE_PUT, (id, token) -> encoded);
        Query.Commit unlessOutdated = (closest, done) -> {
            if (outdated.get()) done.stored(Reason.OUTDATED);
            else commit.store(closest, done);
        };
        return query(target, Command.Records.MUTABLE_GET, uint(0), answers, end, unlessOutdated, now);
    }

    private static boolean replaces(MutableValue stored, MutableValue value) {
        return stored.seq() > value.seq()
                || (stored.seq() == value.seq() && !Arrays.equals(stored.value(), value.value()));
    }

    /** The properly signed values of an owner from a number on, as often as nodes send them. */
    Query mutableGet(PublicKey owner, long fromSeq, Consumer<MutableValue> values, End end, long now) {
        Consumer<Answer> answers = answer -> {
            MutableValue value = signedBy(owner, answer);
            if (value != null && value.seq() >= fromSeq) values.accept(value);
        };
        return query(Target.of(owner), Command.Records.MUTABLE_GET, uint(fromSeq), answers, end, null, now);
    }

    private static @Nullable MutableValue signedBy(PublicKey owner, Answer answer) {
        MutableValue value = decoded(answer, bytes -> MutableValue.decode(new CompactDecoder(bytes)));
        return value != null && RecordSignatures.verifyMutable(value, owner) ? value : null;
    }

    private Query query(
            Target target,
            int command,
            byte @Nullable [] value,
            Consumer<Answer> answers,
            End end,
            Query.@Nullable Commit commit,
            long now) {
        int concurrency = node.concurrency();
        Query.Listener listener = new Query.Listener() {
            @Override
            public int replied(Answer answer) {
                answers.accept(answer);
                return concurrency;
            }

            @Override
            public void finished(List<Answer> closest) {
                end.finished(closest.stream().map(Answer::from).toList());
            }

            @Override
            public void failed(Reason reason) {
                end.failed(reason);
            }
        };
        return node.query(new Query.Spec(target, false, command, value, concurrency, known), listener, commit, now);
    }

    private static void acceptLookup(Answer answer, Consumer<LookupResult> results) {
        LookupReply reply = decoded(answer, LookupReply::decode);
        if (reply != null) results.accept(new LookupResult(answer.from(), reply.peers(), reply.bump()));
    }

    /** What a node's value says; null when there is none or it is malformed, as if the node knew nothing. */
    private static <T> @Nullable T decoded(Answer answer, Function<byte[], T> decoder) {
        byte[] value = answer.message().value();
        if (value == null) return null;
        try {
            return decoder.apply(value);
        } catch (DecodingException e) {
            return null;
        }
    }

    private static byte[] uint(long value) {
        return new CompactEncoder(9).uint(value).toBytes();
    }

    private Query.Commit commit(Target target, int command, Writing writing) {
        return (closest, done) -> {
            Token token = closest.message().token();
            if (token == null) done.stored(Reason.REFUSED);
            else write(target, command, writing, closest, token, true, done);
        };
    }

    /** Writes, and once more with the token of the refusal when the one used was too old. */
    private void write(
            Target target,
            int command,
            Writing writing,
            Answer to,
            Token token,
            boolean again,
            Query.Commit.Done done) {
        NodeId id = to.id();
        if (id == null) {
            done.stored(Reason.REFUSED);
            return;
        }
        byte[] value = writing.value(id, token);
        node.call(Question.record(to.from(), token, command, target, value), new Call.Listener() {
            @Override
            public void replied(Answer answer) {
                Token fresh = answer.message().token();
                switch ((int) Math.min(answer.message().error(), Integer.MAX_VALUE)) {
                    case 0 -> done.stored(null);
                    case ErrorCode.INVALID_TOKEN -> {
                        if (again && fresh != null) write(target, command, writing, to, fresh, false, done);
                        else done.stored(Reason.REFUSED);
                    }
                    case ErrorCode.SEQ_REUSED, ErrorCode.SEQ_TOO_LOW -> done.stored(Reason.OUTDATED);
                    default -> done.stored(Reason.REFUSED);
                }
            }

            @Override
            public void failed(Reason reason) {
                done.stored(reason);
            }
        });
    }

    /** A withdrawal under way: over when all nodes were met and all that had the announcement answered. */
    private final class Unannouncing implements End {
        private final Target topic;
        private final End end;
        private final Announcement unsigned;
        private final KeyPair keys;
        private int missing = 1;
        private final List<Answer> remembered = new ArrayList<>();
        private List<PeerAddress> closest = new ArrayList<>();

        Unannouncing(Target topic, KeyPair keys, End end) {
            this.topic = topic;
            this.keys = keys;
            this.end = end;
            this.unsigned = new Announcement(new PeerRecord(keys.publicKey(), List.of()), null, null, 0);
        }

        void met(Answer answer) {
            if (mayHaveIt(answer)) withdraw(answer);
        }

        /** To be told in the end, unless it turns out to be one of the closest, which get the new announcement. */
        void remember(Answer answer) {
            if (mayHaveIt(answer)) remembered.add(answer);
        }

        private boolean mayHaveIt(Answer answer) {
            LookupReply reply = decoded(answer, LookupReply::decode);
            // A node with many peers shows only some of them.
            return reply != null
                    && (reply.peers().size() >= LookupReply.MAX_PEERS
                            || reply.peers().stream()
                                    .anyMatch(peer -> peer.publicKey().equals(keys.publicKey())));
        }

        private void withdraw(Answer answer) {
            Token token = answer.message().token();
            if (token == null) return;
            missing++;
            Writing writing =
                    (id, t) -> RecordSignatures.sign(Purpose.UNANNOUNCE, new Addressee(topic, id, t), unsigned, keys)
                            .encode();
            write(topic, Command.Records.UNANNOUNCE, writing, answer, token, true, failure -> oneLess());
        }

        @Override
        public void finished(List<PeerAddress> nodes) {
            closest = nodes;
            remembered.stream().filter(answer -> !nodes.contains(answer.from())).forEach(this::withdraw);
            oneLess();
        }

        @Override
        public void failed(Reason reason) {
            end.failed(reason);
        }

        private void oneLess() {
            if (--missing == 0) end.finished(closest);
        }
    }
}
