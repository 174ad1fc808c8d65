package org.datdot.wire;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who waits for whom under one protocol and id: the {@code info} objects of npm protomux. Guarded by the mux lock. */
final class Pairing {
    /** A protocol and an id as a map's key. */
    record Key(String protocol, ByteBuffer id) {
        static Key of(String protocol, byte @Nullable [] id) {
            return new Key(protocol, ByteBuffer.wrap(id == null ? new byte[0] : id.clone()));
        }
    }

    /** The names it is registered under, the protocol's own first. */
    final List<Key> keys = new ArrayList<>();
    /** Local ids whose open the peer has not answered yet, oldest first; their channels may be closed already. */
    final ArrayDeque<Integer> outgoing = new ArrayDeque<>();
    /** Remote ids which have no local channel yet, oldest first. */
    final ArrayDeque<Integer> incoming = new ArrayDeque<>();
    /** How many pair listeners are at work. */
    int pairing;
    /** How many local channels are open. */
    int opened;

    boolean unused() {
        return opened == 0 && pairing == 0 && outgoing.isEmpty() && incoming.isEmpty();
    }
}
