package org.datdot.dht;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sends what a node answers to requests, and what it passes on of them (npm {@code dht-rpc}, {@code lib/io.js}). */
final class Answers implements IncomingRequest.Answering {
    private final Calls.Owner owner;
    private final Tokens tokens;
    private final Neighbours neighbours;

    Answers(Calls.Owner owner, Tokens tokens, Neighbours neighbours) {
        this.owner = owner;
        this.tokens = tokens;
        this.neighbours = neighbours;
    }

    @Override
    public void answer(IncomingRequest request, IncomingRequest.Answer answer) {
        Target target = request.message().target();
        List<PeerAddress> closer = target == null || !answer.withCloserNodes()
                ? List.of()
                : neighbours.table().closest(target, RoutingTable.K).stream()
                        .map(contact -> contact.address)
                        .toList();
        PeerAddress to = answer.to();
        Message.Reply reply = new Message.Reply(
                request.message().tid(),
                to,
                owner.ownId(request.socket()),
                answer.withToken() ? tokens.give(to, owner.nowMs()) : null,
                closer,
                answer.error(),
                answer.value());
        owner.send(new Outgoing(request.socket(), to, reply.encode()));
    }

    @Override
    public void relay(IncomingRequest request, PeerAddress to, byte @Nullable [] value) {
        Message.Request asked = request.message();
        Message.Request passed = new Message.Request(
                asked.tid(),
                to,
                owner.ownId(request.socket()),
                null,
                asked.internal(),
                asked.command(),
                asked.target(),
                value);
        owner.send(new Outgoing(request.socket(), to, passed.encode()));
    }
}
