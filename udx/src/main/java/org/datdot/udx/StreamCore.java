package org.datdot.udx;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A UDX stream as libudx speaks it ({@code src/udx.c}), as a state machine without I/O: packets, calls and the time go in;
 * packets go out into a {@link PacketSink} when it is {@linkplain #flush flushed}, events to a {@link StreamListener}. After
 * anything that goes in, flush it, and then wake it at {@link #wakeAt()}. Times are microseconds of any clock.
 *
 * <p>For one thread, except {@link #write}. Memory is bounded by the options: one window and a quarter to receive, the send
 * buffer and what the packets in flight take on top. An idle stream holds about two kilobytes.
 *
 * <p>Acknowledgements go out once for each flush, not once for each packet as libudx sends them; to it that is the same as some
 * of them getting lost.
 */
public final class StreamCore {
    /** When there is nothing to wake up for. */
    public static final long NEVER = Sender.OFF;

    /** Unordered messages that wait for the socket; more are dropped, as the network would. */
    private static final int MAX_MESSAGES = 64;

    private enum State {
        OPEN,
        /** Over for the owner, but the last acknowledgement may have to be repeated. */
        LINGERING,
        CLOSED
    }

    private final int localId;
    private final UdxOptions options;
    private final StreamListener listener;
    private final SendBuffer buffer;
    private final Receiver receiver;
    private final Sender sender;
    private final ArrayDeque<byte[]> messages = new ArrayDeque<>();

    private State state = State.OPEN;
    private boolean ackWanted;
    private boolean destroyWanted;
    private boolean lastAckWanted;
    private long keepAliveAt = NEVER;
    private long lingerUntil = NEVER;
    private int keepAliveMs;

    /**
     * A stream that is not connected.
     *
     * @param localId the id by which the other side addresses it
     */
    public StreamCore(int localId, UdxOptions options, StreamListener listener, long now) {
        this.localId = localId;
        this.options = options;
        this.listener = listener;
        this.keepAliveMs = options.keepAliveMs();
        buffer = new SendBuffer(options.sendBufferBytes());
        receiver = new Receiver(options, listener);
        sender = new Sender(options, buffer, receiver, localId, now);
    }

    /** The id by which the other side addresses it. */
    public int localId() {
        return localId;
    }

    /** The id by which the other side knows it. */
    public int remoteId() {
        return sender.remoteId();
    }

    /** Where packets go, null before it is connected. */
    public @Nullable InetSocketAddress remote() {
        return sender.remote();
    }

    /** Whether it has a remote side and is not over. */
    public boolean isConnected() {
        return sender.remote() != null && state == State.OPEN;
    }

    /** Whether its owner was told that it is over. */
    public boolean isOver() {
        return state != State.OPEN;
    }

    /** Whether nothing will go out any more. */
    public boolean isFinished() {
        return state == State.CLOSED && !destroyWanted && !lastAckWanted;
    }

    /** Tells where the other side is. What it sent before is acknowledged with the next flush. */
    public void connect(int remoteId, InetSocketAddress remote, long now) {
        if (sender.remote() != null) {
            throw new IllegalStateException("connected already");
        }
        if (remote.isUnresolved() || remote.getPort() == 0) {
            throw new IllegalArgumentException("an address without a host or a port: " + remote);
        }
        sender.connect(remoteId, remote);
        armKeepAlive(now);
    }

    /**
     * Sends what is new, and what gets lost from now on, to another address and id. {@link StreamListener#onRemoteChanged()}
     * tells when all that went to the former one is acknowledged.
     *
     * @return whether nothing was on its way; no event then
     */
    public boolean changeRemote(int remoteId, InetSocketAddress remote) {
        if (!isConnected() || sender.isRemoteChanging()) {
            throw new IllegalStateException("not connected, or changing already");
        }
        return sender.changeRemote(remoteId, remote);
    }

    /**
     * Takes bytes to send, from any thread; the flush that follows is the caller's to arrange.
     *
     * @return whether there is room for more. When not, bytes may be left in the buffer, and {@link StreamListener#onDrain()}
     *     tells when to go on. After the stream is over bytes are swallowed and the answer is false.
     */
    public boolean write(ByteBuffer data) {
        return buffer.write(data);
    }

    /** No more writes; what was written is still sent. */
    public void end() {
        buffer.end();
    }

    /** Drops the stream; the other side is told once. */
    public void destroy() {
        destroy(CloseReason.DESTROYED);
    }

    /** As {@link #destroy()}, for a reason to be told to the stream's owner. */
    void destroy(CloseReason reason) {
        close(reason, true);
    }

    /** Ends the stream without a word. */
    public void abandon(CloseReason reason) {
        close(reason, false);
    }

    /** Sends a message outside of the order, without making sure that it arrives. Returns whether it was taken. */
    public boolean sendMessage(ByteBuffer message) {
        if (!isConnected() || message.remaining() > maxMessageBytes() || messages.size() >= MAX_MESSAGES) {
            return false;
        }
        byte[] copy = new byte[message.remaining()];
        message.get(copy);
        messages.add(copy);
        return true;
    }

    /** The longest message at present; it grows with what the way is found to carry. */
    public int maxMessageBytes() {
        return sender.maxPayloadBytes();
    }

    /** The longest IP packet which the way was found to carry. */
    public int mtuBytes() {
        return sender.mtu();
    }

    /** The smoothed round-trip time in microseconds, 0 before the first measurement. */
    public long roundTripUs() {
        return sender.roundTrip().smoothed();
    }

    /** How many packets may be on their way. */
    public int congestionWindowPackets() {
        return sender.congestion().window();
    }

    /** Packets that were sent again. */
    public long retransmissions() {
        return sender.retransmissions();
    }

    /** Bytes written and not acknowledged. */
    public int bufferedBytes() {
        return buffer.bufferedBytes();
    }

    /** After how much silence a heartbeat is sent; 0 for never. */
    public void keepAlive(int ms, long now) {
        keepAliveMs = ms;
        keepAliveAt = NEVER;
        armKeepAlive(now);
    }

    /** Hands no more data out until {@link #resume}; what arrives is kept, and the window closes. */
    public void pause() {
        receiver.pause();
    }

    /** Goes on handing data out, at once with what was kept. */
    public void resume(long now) {
        try {
            if (receiver.resume()) {
                ackWanted = true;
            }
        } catch (RuntimeException e) {
            fail(e);
        }
        closeIfEnded(now);
    }

    /** Whether all arrived that the other side had sent before a packet with a number. */
    boolean hasAllBefore(int seq) {
        return receiver.extend(seq) <= receiver.ack();
    }

    /** Takes a packet that is addressed to this stream. */
    public void onPacket(UdxPacket packet, long now) {
        if (state == State.CLOSED) {
            return;
        }
        if (packet.is(UdxPacket.HEARTBEAT)) {
            ackWanted = true;
            return;
        }
        long seq = receiver.extend(packet.seq());
        long ack = sender.extend(packet.ack());
        if (!sender.isPlausible(ack) || seq - receiver.ack() > Receiver.MAX_AHEAD) {
            return;
        }
        if (state == State.LINGERING) {
            ackWanted |= packet.is(UdxPacket.DATA | UdxPacket.END);
            return;
        }
        try {
            take(packet, seq, ack, now);
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void take(UdxPacket packet, long seq, long ack, long now) {
        boolean current = seq >= receiver.ack();
        if (packet.is(UdxPacket.DATA | UdxPacket.END)) {
            ackWanted = true;
            receiver.accept(packet, seq);
        } else if (packet.is(UdxPacket.MESSAGE)) {
            listener.onMessage(packet.payload());
        }
        if (state == State.OPEN && current && packet.is(UdxPacket.DESTROY)) {
            close(CloseReason.RESET, false);
        }
        if (state != State.OPEN) {
            return;
        }
        boolean idle = sender.isIdle();
        sender.onAck(packet, seq, ack, now);
        if (!idle && sender.isIdle()) {
            armKeepAlive(now);
        }
        if (sender.takeRemoteChanged()) {
            listener.onRemoteChanged();
        }
        tellDrained();
        closeIfEnded(now);
    }

    /** For who owns the machine: the remote was changed and nothing was on its way. */
    void tellRemoteChanged() {
        try {
            listener.onRemoteChanged();
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void tellDrained() {
        if (state == State.OPEN && buffer.drained()) {
            listener.onDrain();
        }
    }

    private void fail(RuntimeException cause) {
        System.getLogger(StreamCore.class.getName()).log(System.Logger.Level.ERROR, "a stream's owner failed", cause);
        close(CloseReason.FAILED, true);
    }

    /** When {@link #onTimer} has something to do, {@link #NEVER} if at no time. */
    public long wakeAt() {
        return switch (state) {
            case OPEN -> Math.min(sender.wakeAt(), keepAliveAt);
            case LINGERING -> lingerUntil;
            case CLOSED -> NEVER;
        };
    }

    /** Time has passed. */
    public void onTimer(long now) {
        if (state == State.LINGERING && lingerUntil <= now) {
            state = State.CLOSED;
        }
        if (state != State.OPEN) {
            return;
        }
        sender.onTimers(now);
        if (sender.isTimedOut()) {
            // A libudx peer which has everything is gone at once, also when its last acknowledgement got lost.
            boolean done = receiver.isEndTold() && sender.isOnlyEndMissing();
            close(done ? CloseReason.ENDED : CloseReason.TIMED_OUT, false);
            return;
        }
        if (keepAliveAt <= now) {
            keepAliveAt = NEVER;
            if (sender.isIdle()) {
                sender.wantHeartbeat();
                armKeepAlive(now);
            }
        }
    }

    private void armKeepAlive(long now) {
        if (keepAliveMs > 0 && sender.remote() != null) {
            keepAliveAt = now + keepAliveMs * 1_000L;
        }
    }

    /** Puts out what has to be sent now. */
    public void flush(PacketSink sink, long now) {
        InetSocketAddress to = sender.remote();
        if (to == null || !sink.ready()) {
            return;
        }
        if (destroyWanted) {
            destroyWanted = false;
            ByteBuffer packet = sink.begin(to, UdxPacket.HEADER_BYTES);
            sender.putHeader(packet, UdxPacket.DESTROY, 0, sender.remoteId(), sender.nextSeq());
            sink.end();
            return;
        }
        if (state == State.CLOSED) {
            if (lastAckWanted) {
                lastAckWanted = false;
                sendAck(sink, to);
            }
            return;
        }
        boolean acked = false;
        if (ackWanted && receiver.isEarly()) {
            acked = true;
            sendAck(sink, to);
        }
        if (state == State.OPEN) {
            sendMessages(sink, to);
            acked |= sender.flush(sink, now);
        }
        if (ackWanted && !acked && sink.ready()) {
            acked = true;
            sendAck(sink, to);
        }
        ackWanted &= !acked;
        tellDrained();
    }

    private void sendMessages(PacketSink sink, InetSocketAddress to) {
        while (!messages.isEmpty() && sink.ready()) {
            byte[] message = messages.remove();
            ByteBuffer packet = sink.begin(to, UdxPacket.HEADER_BYTES + message.length);
            sender.putHeader(packet, UdxPacket.MESSAGE, 0, sender.remoteId(), sender.nextSeq());
            packet.put(message);
            sink.end();
        }
    }

    private void sendAck(PacketSink sink, InetSocketAddress to) {
        PacketRanges ranges = receiver.ranges();
        int told = ranges.told();
        ByteBuffer packet = sink.begin(to, UdxPacket.HEADER_BYTES + told * UdxPacket.SACK_RANGE_BYTES);
        sender.putHeader(packet, told > 0 ? UdxPacket.SACK : 0, 0, sender.remoteId(), sender.nextSeq());
        for (int i = 0; i < told; i++) {
            UdxPacket.putRange(packet, (int) ranges.start(i), (int) ranges.end(i));
        }
        sink.end();
    }

    private void closeIfEnded(long now) {
        if (state == State.OPEN && receiver.isEndTold() && sender.isEndAcked()) {
            close(CloseReason.ENDED, false);
            if (options.lingerMs() > 0) {
                state = State.LINGERING;
                lingerUntil = now + options.lingerMs() * 1_000L;
            }
        }
    }

    private void close(CloseReason reason, boolean tell) {
        if (state != State.OPEN) {
            if (tell) {
                // A peer whose end nobody acknowledges repeats it for a long time.
                lastAckWanted = state == State.LINGERING && ackWanted;
                state = State.CLOSED;
            }
            return;
        }
        state = State.CLOSED;
        destroyWanted = tell && sender.remote() != null;
        buffer.close();
        receiver.close();
        messages.clear();
        try {
            listener.onClose(reason);
        } catch (RuntimeException e) {
            System.getLogger(StreamCore.class.getName()).log(System.Logger.Level.ERROR, "a stream's owner failed", e);
        }
    }
}
