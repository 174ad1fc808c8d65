package org.datdot.dht;

import org.datdot.encoding.CompactDecoder;

/** Answers the requests of the DHT itself (npm {@code dht-rpc}, {@code index.js}). */
final class InternalCommands implements IncomingRequest.Handler {
    static final long MAX_PING_DELAY_MS = 10_000;

    /** How many delayed answers wait at most; the stock package sets no limit. */
    private static final int MAX_DELAYED_PINGS = 1_024;

    private final Neighbours neighbours;
    private final Timers timers;
    private int delayedPings;

    InternalCommands(Neighbours neighbours, Timers timers) {
        this.neighbours = neighbours;
        this.timers = timers;
    }

    /** The timers were cleared. */
    void forgetDelayedPings() {
        delayedPings = 0;
    }

    @Override
    public boolean handle(IncomingRequest request, long nowMs) {
        byte[] value = request.message().value();
        switch ((int) Math.min(request.message().command(), Integer.MAX_VALUE)) {
            case Command.PING -> request.acknowledge();
            case Command.PING_NAT -> {
                int port = value == null || value.length < 2 ? 0 : new CompactDecoder(value).uint16();
                if (port != 0) request.replyTo(new PeerAddress(request.from().host(), port));
            }
            case Command.FIND_NODE -> {
                if (request.message().target() != null) request.recommend();
            }
            case Command.DOWN_HINT -> {
                if (value == null || value.length < PeerAddress.BYTES) return true;
                neighbours.hintedDown(PeerAddress.decode(new CompactDecoder(value)));
                request.acknowledge();
            }
            case Command.DELAYED_PING -> {
                long delayMs = value == null || value.length < 4 ? Long.MAX_VALUE : new CompactDecoder(value).uint32();
                if (delayMs <= MAX_PING_DELAY_MS) acknowledgeAt(nowMs + delayMs, request);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void acknowledgeAt(long atMs, IncomingRequest request) {
        if (delayedPings >= MAX_DELAYED_PINGS) return;
        delayedPings++;
        timers.at(atMs, () -> {
            delayedPings--;
            request.acknowledge();
        });
    }
}
