package org.datdot.dht;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.datdot.crypto.Entropy;
import org.datdot.encoding.CompactDecoder;
import org.datdot.udx.CloseReason;
import org.datdot.udx.StreamListener;
import org.datdot.udx.Udx;
import org.datdot.udx.UdxOptions;
import org.datdot.udx.UdxSocket;
import org.datdot.udx.UdxStream;
import org.jspecify.annotations.Nullable;

/**
 * Two streams of a relaying peer: what comes for one leaves through the other (npm {@code blind-relay} 1, class
 * BlindRelayLink). Where a side is, its first packet tells; until then it is taken to be where it asked from, so that what the
 * other one sends is not lost when a side is told of the relay but has no need of it any more.
 */
public final class RelayedPair implements AutoCloseable {
    private final End first;
    private final End second;
    private final Runnable ended;
    private final AtomicBoolean over = new AtomicBoolean();

    /**
     * One that asked to be joined to another.
     *
     * @param streamId how its stream is addressed
     * @param asked the stream through which it asked; null when it did not ask over UDX
     */
    public record Side(int streamId, @Nullable UdxStream asked) {}

    private RelayedPair(Udx udx, Entropy entropy, Side first, Side second, Runnable ended) {
        this.ended = ended;
        this.first = new End(udx, entropy, first);
        this.second = new End(udx, entropy, second);
    }

    /**
     * Makes both.
     *
     * @param ended runs once when it is over
     */
    static RelayedPair open(Udx udx, Entropy entropy, Side first, Side second, Runnable ended) {
        RelayedPair pair = new RelayedPair(udx, entropy, first, second, ended);
        pair.first.start(pair.second);
        pair.second.start(pair.first);
        return pair;
    }

    /** The id by which the first side is to address its stream here. */
    public int firstId() {
        return first.stream.id();
    }

    /** The id by which the second side is to address its stream here. */
    public int secondId() {
        return second.stream.id();
    }

    /** Relays no more; neither side is told. Closing twice does nothing. */
    @Override
    public void close() {
        first.stream.destroy();
        second.stream.destroy();
    }

    private final class End implements StreamListener {
        private final UdxStream stream;
        private final Side side;
        private @Nullable InetSocketAddress remote; // for the thread of Udx

        @SuppressWarnings("this-escape")
        End(Udx udx, Entropy entropy, Side side) {
            this.side = side;
            int id = (int) new CompactDecoder(entropy.bytes(4)).uint32();
            stream = udx.createStream(id, UdxOptions.defaults(), this, this::heard);
        }

        void start(End other) {
            UdxStream asked = side.asked();
            if (asked != null) stream.connectBeside(asked, side.streamId());
            stream.relayTo(other.stream);
        }

        private boolean heard(UdxSocket socket, InetSocketAddress from) {
            if (remote == null) {
                remote = from;
                stream.connect(socket, side.streamId(), from);
            }
            return from.equals(remote);
        }

        @Override
        public void onData(ByteBuffer data) {
            throw new IllegalStateException("what is relayed is not handed out");
        }

        @Override
        public void onClose(CloseReason reason) {
            if (!over.getAndSet(true)) ended.run();
        }
    }
}
