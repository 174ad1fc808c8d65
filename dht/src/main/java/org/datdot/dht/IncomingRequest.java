package org.datdot.dht;

import org.jspecify.annotations.Nullable;

/**
 * A request another node sent, and the way to answer it. Its token, if it has one, has been checked.
 *
 * @param id the sender's, if it told one and that is the hash of its address
 * @param socket where it arrived, and where the answer leaves
 */
record IncomingRequest(
        PeerAddress from, @Nullable NodeId id, LocalSocket socket, Message.Request message, Answering answering) {
    /**
     * What to answer.
     *
     * @param error 0 for none, see {@link ErrorCode}
     */
    @SuppressWarnings("ArrayRecordComponent") // Read only, inside this package.
    record Answer(PeerAddress to, long error, byte @Nullable [] value, boolean withToken, boolean withCloserNodes) {}

    /** Sends answers. */
    interface Answering {
        void answer(IncomingRequest request, Answer answer);

        /** Sends a request with the same number, command and target to somebody else. */
        void relay(IncomingRequest request, PeerAddress to, byte @Nullable [] value);
    }

    /** Answers requests about records; see {@link Command.Records}. */
    @FunctionalInterface
    interface Handler {
        /** Whether this request was understood; one that was not is answered with an error. */
        boolean handle(IncomingRequest request, long nowMs);
    }

    /** The same, to be answered through another socket; null for where it arrived. */
    IncomingRequest through(@Nullable LocalSocket other) {
        return other == null ? this : new IncomingRequest(from, id, other, message, answering);
    }

    /** Answers with a token and closer nodes, so that the sender can go on or write. */
    void reply(byte @Nullable [] value) {
        answering.answer(this, new Answer(from, 0, value, true, true));
    }

    /** Answers with closer nodes only. */
    void recommend() {
        answering.answer(this, new Answer(from, 0, null, false, true));
    }

    /** Says that it was done. */
    void acknowledge() {
        replyTo(from);
    }

    /** Says that it was done, to another address of the sender. */
    void replyTo(PeerAddress to) {
        answering.answer(this, new Answer(to, 0, null, false, false));
    }

    /** Answers with a value alone, to the sender or to whoever asked it. */
    void replyTo(PeerAddress to, byte[] value) {
        answering.answer(this, new Answer(to, 0, value, false, false));
    }

    /** Passes it on with another value; the answer comes to this node as a request, or goes to the asker directly. */
    void relay(PeerAddress to, byte[] value) {
        answering.relay(this, to, value);
    }

    void error(long code, boolean withToken) {
        answering.answer(this, new Answer(from, code, null, withToken, true));
    }
}
