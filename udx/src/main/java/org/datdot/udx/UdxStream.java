package org.datdot.udx;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A stream of {@link Udx}: reliable and ordered bytes both ways, and messages that may get lost, as npm {@code udx-native}'s
 * {@code UDXStream}. Any thread may call; events come to the {@link StreamListener} on the thread of {@link Udx}.
 *
 * <p>Calls on the thread of {@link Udx} take effect at once, others soon and in their order.
 */
public final class UdxStream {
    private final Udx udx;
    private final Firewall firewall;
    private final StreamCore core;
    private final AtomicBoolean queued = new AtomicBoolean();
    private final Set<UdxStream> relayedFrom = new HashSet<>(0);
    private @Nullable UdxSocket socket;
    private @Nullable UdxStream relay;
    private volatile long roundTripUs;

    /** For {@link TimerHeap}. */
    long timerAt;

    int timerIndex = -1;

    /** For {@link Udx}: whether it is in the list of what is flushed next. */
    boolean touched;

    UdxStream(Udx udx, int id, UdxOptions options, StreamListener listener, Firewall firewall, long now) {
        this.udx = udx;
        this.firewall = firewall;
        core = new StreamCore(id, options, listener, now);
    }

    /** The id by which the other side addresses it. */
    public int id() {
        return core.localId();
    }

    /** Tells where the other side is, and through which socket it is reached. */
    public void connect(UdxSocket through, int remoteId, InetSocketAddress remote) {
        through.check(remote);
        udx.execute(() -> {
            if (!core.isOver()) {
                core.connect(remoteId, remote, udx.now());
                socket = through;
                udx.touch(this);
            }
        });
    }

    /**
     * Sends what is new elsewhere, for instance directly and no longer through a relay. {@link
     * StreamListener#onRemoteChanged()} tells when all that went the former way is acknowledged.
     */
    public void changeRemote(UdxSocket through, int remoteId, InetSocketAddress remote) {
        through.check(remote);
        udx.execute(() -> {
            if (core.isConnected()) {
                boolean done = core.changeRemote(remoteId, remote);
                socket = through;
                udx.touch(this);
                if (done) {
                    core.tellRemoteChanged();
                }
            }
        });
    }

    /**
     * Writes bytes; they are copied.
     *
     * @return whether there is room for more. When not, bytes may be left in the buffer, and {@link StreamListener#onDrain()}
     *     tells when to go on. After the stream is over bytes are swallowed and the answer is false.
     * @throws IllegalStateException after {@link #end()}
     */
    public boolean write(ByteBuffer data) {
        boolean more = core.write(data);
        schedule();
        return more;
    }

    /** No more writes; what was written is still sent. */
    public void end() {
        core.end();
        schedule();
    }

    /** Drops the stream; the other side is told once. */
    public void destroy() {
        udx.execute(() -> {
            if (relay == null) {
                core.destroy();
            } else {
                core.abandon(CloseReason.DESTROYED);
            }
            udx.touch(this);
        });
    }

    /**
     * Sends a message outside of the order, which is never repeated. A message that is too long for the way, or one of too many
     * at once, is dropped as the network would.
     */
    public void send(ByteBuffer message) {
        byte[] copy = new byte[message.remaining()];
        message.get(copy);
        udx.execute(() -> {
            core.sendMessage(ByteBuffer.wrap(copy));
            udx.touch(this);
        });
    }

    /** Hands no more data out until {@link #resume()}. */
    public void pause() {
        udx.execute(core::pause);
    }

    /** Goes on handing data out. */
    public void resume() {
        udx.execute(() -> {
            core.resume(udx.now());
            udx.touch(this);
        });
    }

    /** Sends a heartbeat after so much silence; 0 for never. */
    public void keepAlive(int ms) {
        udx.execute(() -> {
            core.keepAlive(ms, udx.now());
            udx.touch(this);
        });
    }

    /**
     * Passes every packet for this stream on to where another one is connected, and takes none itself any more. The other
     * stream ending ends this one.
     */
    public void relayTo(UdxStream destination) {
        udx.execute(() -> {
            if (relay != null || core.isOver()) {
                return;
            }
            if (destination.core.isOver()) {
                core.abandon(CloseReason.DESTROYED);
                udx.touch(this);
                return;
            }
            relay = destination;
            destination.relayedFrom.add(this);
        });
    }

    /** The smoothed round-trip time in microseconds, 0 before the first measurement. At most some packets old. */
    public long roundTripUs() {
        return roundTripUs;
    }

    /** How it is doing. */
    public CompletableFuture<StreamStats> stats() {
        CompletableFuture<StreamStats> result = new CompletableFuture<>();
        boolean open = udx.execute(() -> result.complete(new StreamStats(
                core.roundTripUs(),
                core.mtuBytes(),
                core.congestionWindowPackets(),
                core.bufferedBytes(),
                core.retransmissions())));
        if (!open) {
            result.completeExceptionally(new IllegalStateException("closed"));
        }
        return result;
    }

    // What follows is for the thread of Udx.

    private void schedule() {
        if (udx.isLoopThread()) {
            udx.touch(this);
        } else if (!queued.getAndSet(true)) {
            udx.schedule(this);
        }
    }

    /** It was taken from the queue: from now on it is put in again. */
    void unqueue() {
        queued.set(false);
    }

    StreamCore core() {
        return core;
    }

    /** Other threads see from now on what the stream has measured. */
    void publish() {
        long measured = core.roundTripUs();
        if (measured != roundTripUs) {
            roundTripUs = measured;
        }
    }

    @Nullable
    UdxSocket socket() {
        return socket;
    }

    void onPacket(UdxSocket from, UdxPacket packet, InetSocketAddress address, long now) {
        if (socket != from && !firewall.admits(from, address)) {
            return;
        }
        core.onPacket(packet, now);
    }

    /** Whether packets for it are passed on. */
    boolean isRelayed() {
        return relay != null;
    }

    /** Passes a packet on as it came, to another id. */
    void pass(UdxSocket from, InetSocketAddress address, ByteBuffer datagram, boolean last) {
        UdxStream destination = relay;
        if (destination == null || (socket != from && !firewall.admits(from, address))) {
            return;
        }
        UdxSocket through = destination.socket;
        InetSocketAddress remote = destination.core.remote();
        if (through != null
                && remote != null
                && !through.isClosed()
                && through.port().ready()) {
            UdxPacket.readdress(datagram, destination.core.remoteId());
            through.port().begin(remote, datagram.remaining()).put(datagram);
            through.port().end();
            udx.touch(through);
        }
        if (last) {
            core.abandon(CloseReason.RESET);
        }
    }

    /** It is over: those which pass packets on to it are too. */
    void detach() {
        UdxStream destination = relay;
        if (destination != null) {
            destination.relayedFrom.remove(this);
        }
        for (UdxStream source : Set.copyOf(relayedFrom)) {
            source.core.abandon(CloseReason.DESTROYED);
            udx.touch(source);
        }
        relayedFrom.clear();
    }
}
