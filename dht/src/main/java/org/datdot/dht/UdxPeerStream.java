package org.datdot.dht;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.datdot.crypto.Entropy;
import org.datdot.encoding.CompactDecoder;
import org.datdot.udx.CloseReason;
import org.datdot.udx.StreamListener;
import org.datdot.udx.Udx;
import org.datdot.udx.UdxOptions;
import org.datdot.udx.UdxSocket;
import org.datdot.udx.UdxStream;
import org.datdot.wire.NoiseSession;
import org.jspecify.annotations.Nullable;

/**
 * A {@link UdxStream} from before its peer is known until it is connected. Whoever comes first, a packet of the peer or {@link
 * #connect}, connects it; until then nothing of it is handed out. Any thread may call.
 */
final class UdxPeerStream implements PeerStreams.PeerStream, StreamListener {
    /** How an address came up that the peer may be at. */
    private record Path(UdxSocket socket, InetSocketAddress remote) {}

    private final UdxStream stream;
    private final Function<SocketKind, UdxSocket> sockets;
    private final Function<Peer, StreamListener> connected;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable NoiseSession session;
    private int remoteId;
    private @Nullable Path heardFrom;
    private boolean taken;
    private volatile @Nullable StreamListener listener;

    /**
     * @param connected makes the stream's listener as soon as it is connected; must not block
     */
    static UdxPeerStream open(
            Udx udx,
            Entropy entropy,
            Function<SocketKind, UdxSocket> sockets,
            Function<Peer, StreamListener> connected) {
        int id = (int) new CompactDecoder(entropy.bytes(4)).uint32();
        return new UdxPeerStream(udx, id, sockets, connected);
    }

    @SuppressWarnings("this-escape")
    private UdxPeerStream(
            Udx udx, int id, Function<SocketKind, UdxSocket> sockets, Function<Peer, StreamListener> connected) {
        this.sockets = sockets;
        this.connected = connected;
        stream = udx.createStream(id, UdxOptions.defaults(), this, this::heard);
        stream.pause();
    }

    @Override
    public long id() {
        return Integer.toUnsignedLong(stream.id());
    }

    /** A packet came for the stream before it was connected; it is kept. */
    private boolean heard(UdxSocket socket, InetSocketAddress from) {
        Path path = new Path(socket, from);
        lock.lock();
        try {
            if (taken) return true; // connected on another socket: packets of the peer may come to this one, too
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
    public void connect(SocketKind socket, PeerAddress remote) {
        connect(new Path(sockets.apply(socket), remote.toSocketAddress()));
    }

    private void connect(Path path) {
        NoiseSession agreed;
        lock.lock();
        try {
            agreed = session;
            if (agreed == null || taken) return;
            taken = true;
        } finally {
            lock.unlock();
        }
        stream.connect(path.socket(), remoteId, path.remote());
        listener = connected.apply(new Peer(stream, agreed, path.remote()));
        stream.resume();
    }

    @Override
    public boolean abandon() {
        lock.lock();
        try {
            if (taken) return false;
            taken = true;
        } finally {
            lock.unlock();
        }
        stream.destroy();
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
        if (hears != null) hears.onMessage(message);
    }

    @Override
    public void onDrain() {
        listener().onDrain();
    }

    @Override
    public void onRemoteChanged() {
        listener().onRemoteChanged();
    }

    @Override
    public void onClose(CloseReason reason) {
        StreamListener hears = listener;
        if (hears != null) hears.onClose(reason);
    }
}
