package org.datdot.dht;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.datdot.crypto.KeyPair;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.Call.Question;
import org.datdot.dht.DhtException.Reason;
import org.datdot.dht.RecordSignatures.Addressee;
import org.datdot.dht.RecordSignatures.Purpose;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a listening peer announced under its own key on the {@value #RELAYS} nodes closest to it, which pass handshakes on to
 * it, without I/O (npm {@code hyperdht}, {@code lib/announcer.js}). It announces again about every five minutes, and when too
 * few of these nodes answer its pings; those it does not need any more are told so.
 */
final class Announcer {
    static final int RELAYS = 3;
    private static final int TICKS = 60;

    private final DhtNode node;
    private final KeyPair keys;
    private final Target target;
    private final Announcement unsigned;
    private final LongConsumer tick = this::tick;
    private Map<PeerAddress, Answer> current = new HashMap<>();
    private List<PeerAddress> relays = List.of();
    private List<NoisePayload.Relay> ways = List.of();
    private List<PeerAddress> known = List.of();
    private @Nullable Query query;
    private int ticks;
    private boolean updating;
    private boolean suspended;
    private boolean stopped;

    Announcer(DhtNode node, KeyPair keys) {
        this.node = node;
        this.keys = keys;
        this.target = Target.of(keys.publicKey());
        this.unsigned = new Announcement(new PeerRecord(keys.publicKey(), List.of()), null, null, 0);
    }

    /** Begins; {@code announced} runs after the first time it tried, whether or not anybody could be told. */
    void start(Runnable announced, long now) {
        node.onTick(tick);
        update(announced, now);
    }

    /** Withdraws what was announced; {@code withdrawn} runs when everybody was told, or could not be. */
    void stop(Runnable withdrawn) {
        stopped = true;
        node.offTick(tick);
        if (query != null) query.cancel();
        Countdown countdown = new Countdown(current.size(), withdrawn);
        for (PeerAddress relay : current.keySet()) unannounce(relay, countdown);
        countdown.check();
    }

    /** Withdraws what was announced, as {@link #stop}, until {@link #resume}. */
    void suspend(Runnable withdrawn) {
        suspended = true;
        Map<PeerAddress, Answer> told = current;
        current = new HashMap<>();
        relays = List.of();
        ways = List.of();
        Countdown countdown = new Countdown(told.size(), withdrawn);
        for (PeerAddress relay : told.keySet()) unannounce(relay, countdown);
        countdown.check();
    }

    /** Announces it again, from where this node is now; {@code announced} runs after it tried. */
    void resume(Runnable announced, long now) {
        suspended = false;
        // What was under way when it was suspended tells nobody, or has just begun.
        if (query != null) query.cancel();
        update(announced, now);
    }

    /** The nodes that pass handshakes on, at present. */
    List<PeerAddress> relays() {
        return relays;
    }

    /** The same nodes, with where each of them sees this one. */
    List<NoisePayload.Relay> ways() {
        return ways;
    }

    private void tick(long now) {
        if (updating || suspended) return;
        ticks++;
        if (ticks >= TICKS || relays.isEmpty()) {
            update(() -> {}, now);
            return;
        }
        Set<PeerAddress> silent = new HashSet<>(relays);
        Countdown countdown = new Countdown(relays.size(), () -> {
            if (!silent.isEmpty()) ticks = TICKS; // the next tick looks for others
        });
        for (PeerAddress relay : relays) {
            node.call(Question.internal(relay, Command.PING, null, null), new Call.Listener() {
                @Override
                public void replied(Answer answer) {
                    silent.remove(relay);
                    countdown.oneLess();
                }

                @Override
                public void failed(Reason reason) {
                    countdown.oneLess();
                }
            });
        }
    }

    private void update(Runnable done, long now) {
        updating = true;
        ticks = 0;
        Query.Spec spec = new Query.Spec(target, false, Command.Records.FIND_PEER, null, node.concurrency(), known);
        Query.Listener listener = new Query.Listener() {
            @Override
            public int replied(Answer answer) {
                return node.concurrency();
            }

            @Override
            public void finished(List<Answer> closest) {
                known = closest.stream().map(Answer::from).toList();
                announce(closest.stream().limit(RELAYS).toList(), done);
            }

            @Override
            public void failed(Reason reason) {
                updating = false;
                done.run();
            }
        };
        query = node.query(spec, listener, null, now);
    }

    private void announce(List<Answer> closest, Runnable done) {
        if (suspended) {
            updating = false;
            done.run();
            return;
        }
        Map<PeerAddress, Answer> before = current;
        current = new HashMap<>();
        Countdown countdown = new Countdown(closest.size(), () -> {
            relays = closest.stream()
                    .map(Answer::from)
                    .filter(current::containsKey)
                    .toList();
            ways = closest.stream()
                    .filter(answer -> current.containsKey(answer.from()))
                    .map(answer -> new NoisePayload.Relay(
                            answer.from(), answer.message().to()))
                    .toList();
            updating = false;
            for (PeerAddress old : before.keySet()) {
                if (!current.containsKey(old)) unannounce(old, new Countdown(1, () -> {}));
            }
            done.run();
        });
        for (Answer answer : closest) announce(answer, countdown);
        countdown.check();
    }

    private void announce(Answer to, Countdown countdown) {
        Call.Listener listener = new Call.Listener() {
            @Override
            public void replied(Answer answer) {
                if (!answer.failed()) current.put(to.from(), to);
                countdown.oneLess();
            }

            @Override
            public void failed(Reason reason) {
                countdown.oneLess();
            }
        };
        if (!write(Purpose.ANNOUNCE, to, listener)) countdown.oneLess();
    }

    private void unannounce(PeerAddress relay, Countdown countdown) {
        // Asked twice at most: a node that is gone has nothing to forget, and one that is not forgets by itself.
        Question question =
                new Question(relay, null, null, false, Command.Records.FIND_PEER, target, null, 1, 0, false);
        node.call(question, new Call.Listener() {
            private boolean asked;

            @Override
            public void replied(Answer answer) {
                // The first answer brings the token, the second one says that it is done.
                boolean first = !asked;
                asked = true;
                if (!first || answer.message().value() == null || !write(Purpose.UNANNOUNCE, answer, this)) {
                    countdown.oneLess();
                }
            }

            @Override
            public void failed(Reason reason) {
                countdown.oneLess();
            }
        });
    }

    private boolean write(Purpose purpose, Answer to, Call.Listener listener) {
        NodeId id = to.id();
        Token token = to.message().token();
        if (id == null || token == null || (stopped && purpose == Purpose.ANNOUNCE)) return false;
        byte[] value = RecordSignatures.sign(purpose, new Addressee(target, id, token), unsigned, keys)
                .encode();
        int command = purpose == Purpose.ANNOUNCE ? Command.Records.ANNOUNCE : Command.Records.UNANNOUNCE;
        node.call(Question.record(to.from(), token, command, target, value), listener);
        return true;
    }

    /** Runs something once when several things are done. */
    private static final class Countdown {
        private final Runnable action;
        private final List<Runnable> due = new ArrayList<>(1);
        private int missing;

        Countdown(int missing, Runnable action) {
            this.missing = missing;
            this.action = action;
            due.add(action);
        }

        void oneLess() {
            missing--;
            check();
        }

        /** For none at all. */
        void check() {
            if (missing == 0 && !due.isEmpty()) {
                due.clear();
                action.run();
            }
        }
    }
}
