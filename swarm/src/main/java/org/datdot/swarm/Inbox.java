package org.datdot.swarm;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.datdot.wire.SecretStream;

/**
 * What was read from a {@link ByteStream} and not yet taken by the {@link SecretStream}. While a thread waits for something to
 * arrive it holds {@value #IDLE_BYTES} bytes; while bytes flow, a buffer of the pool; for a longer frame, one that grows as its
 * bytes arrive; and when nobody waits, nothing.
 */
final class Inbox {
    static final int IDLE_BYTES = 512;
    private static final byte[] NOTHING = new byte[0];

    private final ByteStream bytes;
    private final BufferPool pool;
    private byte[] buffer = NOTHING;
    private int start;
    private int end;

    Inbox(ByteStream bytes, BufferPool pool) {
        this.bytes = bytes;
        this.pool = pool;
    }

    /** Hands what is there to the stream. Returns whether it took anything. */
    boolean handOver(SecretStream stream) {
        int taken = stream.receive(buffer, start, end - start);
        start += taken;
        return taken > 0;
    }

    /** Waits for bytes. Returns how many came, -1 at the end of the stream. */
    int fill() throws IOException {
        makeRoom();
        int count = bytes.read(ByteBuffer.wrap(buffer, end, buffer.length - end));
        end += Math.max(count, 0);
        return count;
    }

    boolean isEmpty() {
        return start == end;
    }

    /** Lets go of its buffer, of which it gives nothing back; only while it {@link #isEmpty}. */
    byte[] detach() {
        byte[] held = buffer;
        buffer = NOTHING;
        start = 0;
        end = 0;
        return held;
    }

    /** Takes a buffer back that it let go of. */
    void attach(byte[] held) {
        buffer = held;
    }

    /** Gives back its buffer; what is in it is lost. */
    void release() {
        use(NOTHING);
        start = 0;
        end = 0;
    }

    private void makeRoom() throws IOException {
        if (start == end) {
            start = 0;
            end = 0;
            int there = bytes.available();
            if (there == 0) {
                if (buffer.length != IDLE_BYTES) {
                    use(new byte[IDLE_BYTES]); // this read may wait for hours
                }
            } else if (there > buffer.length) {
                use(there <= IDLE_BYTES ? new byte[IDLE_BYTES] : pool.take());
            }
            return;
        }
        int held = end - start;
        int frameBytes = SecretStream.frameBytes(buffer, start, held);
        if (frameBytes > buffer.length && (held == buffer.length || buffer.length == IDLE_BYTES)) {
            move(grown(frameBytes));
        } else if (buffer.length - start < frameBytes || buffer.length - end < buffer.length / 2) {
            move(buffer);
        }
    }

    /** A bigger buffer, but never much more than what already arrived of the frame: its length is only a promise. */
    private byte[] grown(int frameBytes) {
        return buffer.length == IDLE_BYTES
                ? pool.take()
                : pool.takeOversize((int) Math.min(frameBytes, 2L * buffer.length));
    }

    private void move(byte[] target) {
        int held = end - start;
        System.arraycopy(buffer, start, target, 0, held);
        start = 0;
        end = held;
        use(target);
    }

    @SuppressWarnings("ReferenceEquality") // which array it is, not what is in it
    private void use(byte[] next) {
        byte[] previous = buffer;
        buffer = next;
        if (previous != next) {
            pool.release(previous);
        }
    }
}
