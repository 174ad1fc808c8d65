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
    private @Nullable FormerWay former;
    private boolean guessed;
    private volatile long roundTripUs;

    /** A way by which the other side may still send, until it was heard by another one and nothing of before is missing. */
    private static final class FormerWay {
        final UdxSocket socket;
        final InetSocketAddress address;
        final Runnable left;
        boolean heardElsewhere;
        int firstElsewhere;

        FormerWay(UdxSocket socket, InetSocketAddress address, Runnable left) {
            this.socket = socket;
            this.address = address;
            this.left = left;
        }

        boolean is(UdxSocket from, InetSocketAddress by) {
            return from == socket && by.equals(address);
        }
    }

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
                if (guessed) {
                    core.changeRemote(remoteId, remote);
                } else {
                    core.connect(remoteId, remote, udx.now());
                }
                guessed = false;
                socket = through;
                udx.touch(this);
            }
        });
    }

    /**
     * Takes it that the other side is where that of another stream is, until {@link #connect} tells; nothing when that stream is
     * not connected (npm {@code hyperdht}, {@code connectRawStream}). Until then the firewall is asked about every packet.
     */
    public void connectBeside(UdxStream other, int remoteId) {
        udx.execute(() -> {
            InetSocketAddress remote = other.core.remote();
            UdxSocket through = other.socket;
            if (remote != null && through != null && other.udx == udx && !core.isOver()) {
                core.connect(remoteId, remote, udx.now());
                socket = through;
                guessed = true;
                udx.touch(this);
            }
        });
    }

    /**
     * Sends what is new, and what gets lost from now on, elsewhere, for instance directly and no longer through a relay. {@link
     * StreamListener#onRemoteChanged()} tells when all that went the former way is acknowledged, and {@link #whenLeft} when the
     * other side has left that way.
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
     * Runs something, once and on the thread of {@link Udx}, when the other side does not send by a way any more: it was heard
     * by another one, and all that it had sent before that has arrived. The former way may then be given up, for instance the
     * relay it goes through. A peer that repeats packets on its former way, as libudx does, would not survive that earlier.
     */
    public void whenLeft(UdxSocket through, InetSocketAddress remote, Runnable left) {
        udx.execute(() -> former = new FormerWay(through, remote, left));
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

    private boolean refuses(UdxSocket from, InetSocketAddress address) {
        return (socket != from || guessed) && !firewall.admits(from, address);
    }

    void onPacket(UdxSocket from, UdxPacket packet, InetSocketAddress address, long now) {
        if (refuses(from, address)) {
            return;
        }
        core.onPacket(packet, now);
        if (former != null) {
            noteWay(former, from, packet, address);
        }
    }

    private void noteWay(FormerWay way, UdxSocket from, UdxPacket packet, InetSocketAddress address) {
        if (!way.heardElsewhere && !way.is(from, address)) {
            way.heardElsewhere = true;
            way.firstElsewhere = packet.seq();
        }
        if (way.heardElsewhere && core.hasAllBefore(way.firstElsewhere)) {
            former = null;
            way.left.run();
        }
    }

    /** Whether packets for it are passed on. */
    boolean isRelayed() {
        return relay != null;
    }

    /** Passes a packet on as it came, to another id. */
    void pass(UdxSocket from, InetSocketAddress address, ByteBuffer datagram, boolean last) {
        UdxStream destination = relay;
        if (destination == null || refuses(from, address)) {
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
