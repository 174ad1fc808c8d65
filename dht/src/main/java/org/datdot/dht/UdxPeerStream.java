package org.datdot.dht;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.datdot.udx.CloseReason;
import org.datdot.udx.StreamListener;
import org.datdot.udx.UdxOptions;
import org.datdot.udx.UdxSocket;
import org.datdot.udx.UdxStream;
import org.datdot.wire.NoiseSession;
import org.jspecify.annotations.Nullable;

/**
 * A {@link UdxStream} from before its peer is known until it is closed. Whoever comes first, a packet of the peer, {@link
 * #connect} or a relay, connects it; until then nothing of it is handed out. One that goes through a relay changes to a direct
 * way as soon as there is one, and leaves the relay when neither side has anything there any more. Any thread may call.
 */
final class UdxPeerStream implements PeerStreams.PeerStream, StreamListener {
    /** An address the peer may be at, and the socket through which it is reached. */
    private record Path(UdxSocket socket, InetSocketAddress remote) {}

    /** How long a stream whose relay is gone may take to find a direct way. */
    static final long DIRECT_WAY_MS = 5_000;

    private enum State {
        WAITING,
        RELAYED,
        DIRECT,
        OVER
    }

    private final UdxStream stream;
    private final PeerSockets sockets;
    private final Function<Peer, StreamListener> connected;
    private final PeerStreams.Watcher watcher;
    private final ReentrantLock lock = new ReentrantLock();
    private State state = State.WAITING;
    private @Nullable NoiseSession session;
    private int remoteId;
    private @Nullable Path heardFrom;
    private @Nullable Path relayPath;
    private RelayDialer.@Nullable Pairing pairing;
    private @Nullable UdxSocket held;
    /** Whether all that went to the relay is acknowledged, and all that the peer sent there has come. */
    private boolean sentThere;

    private boolean heardThere;
    private boolean relayLost;
    private volatile @Nullable StreamListener listener;

    /**
     * @param connected makes the stream's listener as soon as it is connected; must not block
     */
    @SuppressWarnings("this-escape")
    UdxPeerStream(int id, PeerSockets sockets, Function<Peer, StreamListener> connected, PeerStreams.Watcher watcher) {
        this.sockets = sockets;
        this.connected = connected;
        this.watcher = watcher;
        stream = sockets.udx().createStream(id, UdxOptions.defaults(), this, this::heard);
        stream.pause();
    }

    @Override
    public long id() {
        return Integer.toUnsignedLong(stream.id());
    }

    /** A packet came for the stream before it was connected, or on another socket; it is kept. */
    private boolean heard(UdxSocket socket, InetSocketAddress from) {
        Path path = new Path(socket, from);
        lock.lock();
        try {
            // Connected on another socket, packets of the peer may come to this one, too.
            if (state == State.DIRECT || state == State.OVER || path.equals(relayPath)) return true;
            if (session == null) heardFrom = path;
        } finally {
            lock.unlock();
        }
        connect(path);
        return true;
    }

    @Override
    public void agree(NoiseSession agreed, long newRemoteId) {
        Path path;
        lock.lock();
        try {
            session = agreed;
            remoteId = (int) newRemoteId;
            path = heardFrom;
        } finally {
            lock.unlock();
        }
        if (path != null) connect(path);
    }

    @Override
    public void connect(LocalSocket socket, PeerAddress remote) {
        UdxSocket through = sockets.socket(socket);
        if (through != null) connect(new Path(through, remote.toSocketAddress()));
    }

    private void connect(Path path) {
        NoiseSession agreed;
        boolean relayed;
        lock.lock();
        try {
            agreed = session;
            if (agreed == null || state == State.DIRECT || state == State.OVER) return;
            relayed = state == State.RELAYED;
            state = State.DIRECT;
            held = path.socket();
            sockets.hold(path.socket());
            // In the order of the states: another thread may be connecting it to the relay.
            if (relayed) stream.changeRemote(path.socket(), remoteId, path.remote());
            else stream.connect(path.socket(), remoteId, path.remote());
        } finally {
            lock.unlock();
        }
        if (!relayed) begin(path, agreed);
        sockets.tell(watcher::reached);
    }

    private void begin(Path path, NoiseSession agreed) {
        listener = connected.apply(new Peer(stream, path.socket(), agreed, path.remote()));
        stream.resume();
    }

    @Override
    public void relay(PeerStreams.RelayRequest request) {
        RelayDialer dialer = sockets.relays();
        if (dialer == null) {
            sockets.tell(watcher::relayFailed);
            return;
        }
        NoisePayload.RelayThrough through = request.through();
        RelayDialer.Pairing made = dialer.pair(
                through.publicKey(), request.initiator(), through.token(), stream.id(), new RelayDialer.Outcome() {
                    @Override
                    public void reached(UdxSocket socket, InetSocketAddress relay) {
                        expectRelayed(new Path(socket, relay));
                    }

                    @Override
                    public void paired(int id) {
                        relayed(id);
                    }

                    @Override
                    public void failed() {
                        sockets.tell(watcher::relayFailed);
                    }

                    @Override
                    public void lost() {
                        CompletableFuture.delayedExecutor(DIRECT_WAY_MS, TimeUnit.MILLISECONDS)
                                .execute(UdxPeerStream.this::endWithRelay);
                    }
                });
        boolean late;
        lock.lock();
        try {
            pairing = made;
            late = state == State.DIRECT || state == State.OVER;
        } finally {
            lock.unlock();
        }
        if (late) made.close();
    }

    /** What comes from there was passed on, also when the peer learns sooner than this side that the relay joins them. */
    private void expectRelayed(Path path) {
        lock.lock();
        try {
            relayPath = path;
        } finally {
            lock.unlock();
        }
    }

    private void relayed(int id) {
        NoiseSession agreed;
        Path path;
        lock.lock();
        try {
            agreed = session;
            path = relayPath;
            if (agreed == null || path == null || state == State.RELAYED || state == State.OVER) return;
            stream.whenLeft(path.socket(), path.remote(), this::leftByPeer);
            if (state == State.DIRECT) {
                // The peer may have begun to use the relay, which has to stay for that long.
                sentThere = true;
                return;
            }
            state = State.RELAYED;
            stream.connect(path.socket(), id, path.remote());
        } finally {
            lock.unlock();
        }
        begin(path, agreed);
        sockets.tell(watcher::relayed);
    }

    /** The relay is gone, and no direct way was found since. */
    private void endWithRelay() {
        lock.lock();
        try {
            if (state != State.RELAYED) return;
            relayLost = true;
        } finally {
            lock.unlock();
        }
        stream.destroy();
    }

    private void leftByPeer() {
        lock.lock();
        try {
            heardThere = true;
        } finally {
            lock.unlock();
        }
        leaveRelay();
    }

    /** The relay is not needed any more once both sides have moved to the direct way with all they have sent. */
    private void leaveRelay() {
        RelayDialer.Pairing left;
        lock.lock();
        try {
            if (!sentThere || !heardThere) return;
            left = pairing;
        } finally {
            lock.unlock();
        }
        if (left != null) left.close();
    }

    @Override
    public boolean abandon() {
        RelayDialer.Pairing left;
        lock.lock();
        try {
            if (state != State.WAITING) return false;
            state = State.OVER;
            left = pairing;
        } finally {
            lock.unlock();
        }
        stream.destroy();
        if (left != null) left.close();
        return true;
    }

    private StreamListener listener() {
        StreamListener hears = listener;
        if (hears == null) throw new IllegalStateException("nothing is handed out before the stream is connected");
        return hears;
    }

    @Override
    public void onData(ByteBuffer data) {
        listener().onData(data);
    }

    @Override
    public void onEnd() {
        listener().onEnd();
    }

    @Override
    public void onMessage(ByteBuffer message) {
        StreamListener hears = listener;
        if (hears != null && message.hasRemaining()) hears.onMessage(message);
    }

    @Override
    public void onDrain() {
        listener().onDrain();
    }

    @Override
    public void onRemoteChanged() {
        // Lets the peer hear this side on the direct way without a byte of the secret stream.
        stream.send(ByteBuffer.allocate(0));
        lock.lock();
        try {
            sentThere = true;
        } finally {
            lock.unlock();
        }
        leaveRelay();
    }

    @Override
    public void onClose(CloseReason reason) {
        RelayDialer.Pairing left;
        UdxSocket socket;
        CloseReason told;
        lock.lock();
        try {
            boolean silent = state == State.RELAYED && reason == CloseReason.TIMED_OUT;
            told = silent || relayLost ? CloseReason.RELAY_LOST : reason;
            state = State.OVER;
            left = pairing;
            socket = held;
            held = null;
        } finally {
            lock.unlock();
        }
        if (socket != null) sockets.letGo(socket);
        if (left != null) left.close();
        StreamListener hears = listener;
        if (hears != null) hears.onClose(told);
        sockets.tell(watcher::closed);
    }
}
