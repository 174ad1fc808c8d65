package org.datdot.udx;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** An owner of a stream which writes noise as fast as it may, and checks the noise it gets. */
final class TestPeer implements StreamListener {
    private final Random outgoing;
    private final Random incoming;
    private long toWrite;
    private long written;
    private long read;
    private boolean endAfter;
    private @Nullable StreamCore core;
    private byte @Nullable [] rest;
    private int restAt;
    private long firstWrong = -1;

    final List<byte[]> messages = new ArrayList<>();
    boolean ended;
    boolean remoteChanged;

    @Nullable
    CloseReason closed;

    TestPeer(long outgoingSeed, long incomingSeed) {
        outgoing = new Random(outgoingSeed);
        incoming = new Random(incomingSeed);
    }

    void attach(StreamCore newCore) {
        core = newCore;
    }

    /** Writes so many bytes more and then ends, if asked to. */
    void write(long bytes, boolean end) {
        toWrite += bytes;
        endAfter = end;
        onDrain();
    }

    long written() {
        return written;
    }

    long read() {
        return read;
    }

    /** Where the first byte is that was not what was sent; -1 for none. */
    long firstWrong() {
        return firstWrong;
    }

    @Override
    public void onDrain() {
        StreamCore to = core;
        if (to == null) {
            throw new IllegalStateException("no stream");
        }
        while (written < toWrite) {
            byte[] chunk = rest;
            if (chunk == null || restAt == chunk.length) {
                chunk = new byte[(int) Math.min(toWrite - written, 10_000)];
                outgoing.nextBytes(chunk);
                rest = chunk;
                restAt = 0;
            }
            ByteBuffer data = ByteBuffer.wrap(chunk, restAt, chunk.length - restAt);
            boolean more = to.write(data);
            written += data.position() - restAt;
            restAt = data.position();
            if (!more) {
                break;
            }
        }
        if (written == toWrite && endAfter) {
            endAfter = false;
            to.end();
        }
    }

    private byte[] expected = new byte[0];
    private int expectedAt;

    /** The sender's noise comes in chunks of 10,000 bytes, which is how the generator must be asked. */
    @Override
    public void onData(ByteBuffer data) {
        while (data.hasRemaining()) {
            if (expectedAt == expected.length) {
                expected = new byte[10_000];
                incoming.nextBytes(expected);
                expectedAt = 0;
            }
            if (data.get() != expected[expectedAt++] && firstWrong < 0) {
                firstWrong = read;
            }
            read++;
        }
    }

    @Override
    public void onEnd() {
        ended = true;
    }

    @Override
    public void onMessage(ByteBuffer message) {
        byte[] copy = new byte[message.remaining()];
        message.get(copy);
        messages.add(copy);
    }

    @Override
    public void onRemoteChanged() {
        remoteChanged = true;
    }

    @Override
    public void onClose(CloseReason reason) {
        if (closed != null) {
            throw new IllegalStateException("closed twice");
        }
        closed = reason;
    }
}
