package org.datdot.wire;

import org.datdot.encoding.CompactEncoder;
import org.jspecify.annotations.Nullable;

/**
 * One end of a conversation within a connection: npm {@code protomux} ({@code index.js}, class Channel), opened with {@link
 * Protomux#open(ChannelSpec)}.
 *
 * <p>{@link #send} may be called from any thread and while holding any lock of the caller's: it takes only the lock of the
 * connection's outbox. {@link #close()} takes the mux lock and must not be called while holding a lock that handlers take.
 */
public final class Channel {
    private final Protomux mux;
    private final Pairing pairing;
    private final ChannelSpec spec;
    private final int localId;

    // Guarded by the mux lock; volatile so that other threads may look.
    private volatile boolean opened;
    private volatile boolean closed;
    private int remoteId;

    // Guarded by the lock of the mux's BatchWriter.
    private boolean sendClosed;

    Channel(Protomux mux, Pairing pairing, ChannelSpec spec, int localId) {
        this.mux = mux;
        this.pairing = pairing;
        this.spec = spec;
        this.localId = localId;
    }

    /** The connection's other channels. */
    public Protomux mux() {
        return mux;
    }

    /** The protocol's name as this side calls it. */
    public String protocol() {
        return spec.protocol();
    }

    /** Which of the protocol's channels it is. */
    public byte @Nullable [] id() {
        byte[] id = spec.id();
        return id == null ? null : id.clone();
    }

    /** Whether the peer has opened its side, also after it was closed. */
    public boolean opened() {
        return opened;
    }

    /** Whether it is over. */
    public boolean closed() {
        return closed;
    }

    /**
     * Sends a message, whose payload is the concatenation of {@code payload}; the arrays must not be changed afterwards.
     * Never blocks: the message is queued. Allowed before the peer has opened its side. Dropped when the channel is closed.
     *
     * @param type the message's number in the channel's protocol
     * @return whether more may be sent; if not, wait for {@link ChannelHandler#onDrain}. Who goes on regardless loses the
     *     connection when the outbox exceeds its hard limit
     */
    public boolean send(int type, byte[]... payload) {
        return mux.writer().send(this, type, payload);
    }

    /** Sends what {@code payload} holds as one message, see {@link #send(int, byte[]...)}. */
    public boolean send(int type, CompactEncoder payload) {
        return send(type, payload.toBytes());
    }

    /** Whether the connection takes more without growing its outbox beyond the soft limit. */
    public boolean writable() {
        return mux.writable();
    }

    /** Holds messages of the whole connection back, to leave as one batch with the matching {@link #uncork()}. */
    public void cork() {
        mux.cork();
    }

    /** Ends a {@link #cork()}. */
    public void uncork() {
        mux.uncork();
    }

    /** Closes this end and tells the peer. Does nothing when already closed. */
    public void close() {
        mux.close(this);
    }

    @Override
    public String toString() {
        return spec.protocol() + " channel " + localId + (closed ? " (closed)" : opened ? "" : " (opening)");
    }

    ChannelHandler handler() {
        return spec.handler();
    }

    ChannelSpec spec() {
        return spec;
    }

    Pairing pairing() {
        return pairing;
    }

    int localId() {
        return localId;
    }

    int remoteId() {
        return remoteId;
    }

    void remoteId(int id) {
        remoteId = id;
    }

    void markOpened() {
        opened = true;
    }

    void markClosed() {
        closed = true;
    }

    boolean sendClosed() {
        return sendClosed;
    }

    void markSendClosed() {
        sendClosed = true;
    }
}
