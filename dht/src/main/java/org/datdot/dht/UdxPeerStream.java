package org.datdot.dht;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
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
 * way as soon as there is one, and leaves the relay when the peer was heard on it. Any thread may call.
 */
final class UdxPeerStream implements PeerStreams.PeerStream, StreamListener {
    /** An address the peer may be at, and the socket through which it is reached. */
    private record Path(UdxSocket socket, InetSocketAddress remote) {}

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
    private boolean cameRelayed;
    private boolean confirming;
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
            if (path.equals(relayPath)) cameRelayed = true;
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
        } finally {
            lock.unlock();
        }
        if (relayed) {
            stream.changeRemote(path.socket(), remoteId, path.remote());
        } else {
            begin(path, remoteId, agreed);
        }
        sockets.tell(watcher::reached);
    }

    private void begin(Path path, int id, NoiseSession agreed) {
        stream.connect(path.socket(), id, path.remote());
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
                    public void paired(UdxSocket socket, InetSocketAddress relay, int id) {
                        relayed(new Path(socket, relay), id);
                    }

                    @Override
                    public void failed() {
                        sockets.tell(watcher::relayFailed);
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

    private void relayed(Path path, int id) {
        NoiseSession agreed;
        lock.lock();
        try {
            agreed = session;
            if (agreed == null || state != State.WAITING) return;
            state = State.RELAYED;
            relayPath = path;
        } finally {
            lock.unlock();
        }
        begin(path, id, agreed);
        sockets.tell(watcher::relayed);
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

    /** After the change to a direct way: once the peer is heard there, the relay is not needed any more. */
    private void heardSomething() {
        if (!confirming) return; // only ever set on the thread that calls this
        RelayDialer.Pairing left;
        lock.lock();
        try {
            boolean direct = !cameRelayed;
            cameRelayed = false;
            if (!direct) return;
            confirming = false;
            left = pairing;
        } finally {
            lock.unlock();
        }
        if (left != null) left.close();
    }

    @Override
    public void onData(ByteBuffer data) {
        heardSomething();
        listener().onData(data);
    }

    @Override
    public void onEnd() {
        listener().onEnd();
    }

    @Override
    public void onMessage(ByteBuffer message) {
        heardSomething();
        StreamListener hears = listener;
        if (hears != null && message.hasRemaining()) hears.onMessage(message);
    }

    @Override
    public void onDrain() {
        listener().onDrain();
    }

    @Override
    public void onRemoteChanged() {
        confirming = true;
        // Lets the peer hear this side on the direct way without a byte of the secret stream.
        stream.send(ByteBuffer.allocate(0));
    }

    @Override
    public void onClose(CloseReason reason) {
        RelayDialer.Pairing left;
        UdxSocket socket;
        lock.lock();
        try {
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
        if (hears != null) hears.onClose(reason);
        sockets.tell(watcher::closed);
    }
}
