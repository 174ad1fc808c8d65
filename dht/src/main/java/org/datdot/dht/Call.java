package org.datdot.dht;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request under way: what was asked whom, how often, and who waits for the answer. Made by {@link Calls}. */
final class Call {
    /** Who waits. Exactly one of {@code replied} and {@code failed} is called, once. */
    interface Listener {
        /** For courtesies nothing depends on. */
        Listener NOBODY = new Listener() {
            @Override
            public void replied(Answer answer) {
                // Nobody waits for it.
            }

            @Override
            public void failed(DhtException.Reason reason) {
                // As above.
            }
        };

        void replied(Answer answer);

        void failed(DhtException.Reason reason);

        /** No answer to the first sending, it is sent again. */
        default void slow() {}
    }

    /**
     * A reply that came in.
     *
     * @param id the sender's, if it told one and that is the hash of its address
     * @param socket where it arrived
     */
    record Answer(PeerAddress from, @Nullable NodeId id, LocalSocket socket, long roundTripMs, Message.Reply message) {
        List<PeerAddress> closerNodes() {
            return message.closerNodes();
        }

        boolean failed() {
            return message.error() != 0;
        }
    }

    /**
     * What is asked.
     *
     * @param id the id of the node asked, when it is known: it leaves the routing table if it does not answer
     * @param retries how often it is sent again
     * @param timeoutMs how long to wait for the answer to each sending; 0 to let {@link Calls} choose
     * @param forced whether it goes out however much is under way
     */
    @SuppressWarnings("ArrayRecordComponent") // Read only, inside this package.
    record Question(
            PeerAddress to,
            @Nullable NodeId id,
            @Nullable Token token,
            boolean internal,
            int command,
            @Nullable Target target,
            byte @Nullable [] value,
            int retries,
            long timeoutMs,
            boolean forced) {
        static final int RETRIES = 3;

        static Question internal(PeerAddress to, int command, @Nullable Target target, byte @Nullable [] value) {
            return new Question(to, null, null, true, command, target, value, RETRIES, 0, false);
        }

        static Question record(
                PeerAddress to, @Nullable Token token, int command, Target target, byte @Nullable [] value) {
            return new Question(to, null, token, false, command, target, value, RETRIES, 0, false);
        }

        Question withTimeoutMs(long milliseconds) {
            return new Question(to, id, token, internal, command, target, value, retries, milliseconds, forced);
        }
    }

    final int tid;
    final Question question;
    final Listener listener;
    final LocalSocket socket;
    final long startedMs;
    int sent;
    boolean done;
    byte @Nullable [] datagram;
    Timers.@Nullable Timer timer;

    Call(int tid, Question question, Listener listener, LocalSocket socket, long startedMs) {
        this.tid = tid;
        this.question = question;
        this.listener = listener;
        this.socket = socket;
        this.startedMs = startedMs;
    }
}
