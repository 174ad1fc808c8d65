package org.datdot.wire;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The peer's end of a channel, by its id. Guarded by the mux lock. */
final class RemoteChannel {
    /** A message that came before the local end was there; the payload is a copy of its own. */
    @SuppressWarnings("ArrayRecordComponent") // a queue entry, compared never
    record Pending(int type, byte[] payload) {
        int cost() {
            return OVERHEAD_BYTES + payload.length;
        }
    }

    /** What a waiting message is counted as on top of its payload, as in the stock package. */
    static final int OVERHEAD_BYTES = 512;

    /** The local end, null while there is none. */
    @Nullable
    Channel channel;

    /** What came with the open, until the local end has seen it. */
    byte[] handshake;

    /** Messages which wait for the local end; null when it has taken over. */
    @Nullable
    List<Pending> pending = new ArrayList<>();

    /** The peer closed its end while the local one was not there yet. */
    boolean closedEarly;

    /** How much of the mux's budget for waiting messages this channel uses. */
    int bufferedBytes;

    RemoteChannel(byte[] handshake) {
        this.handshake = handshake;
    }
}
