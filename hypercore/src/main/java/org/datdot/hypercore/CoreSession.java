package org.datdot.hypercore;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A named branch of a core, kept in the store: begins as the core was, takes appends that are not signed and that nobody
 * else sees, and becomes part of the core when it is committed. Handles of the same session share its state. Thread-safe.
 * Source of the rules: npm hypercore's {@code session({ name })}.
 */
public final class CoreSession implements BlockLog {
    private final Hypercore core;
    private final String name;
    private final SessionState session;
    private final CoreCodec codec;

    CoreSession(Hypercore core, String name, SessionState session, CoreCodec codec) {
        this.core = core;
        this.name = name;
        this.session = session;
        this.codec = codec;
    }

    /** The name. */
    public String name() {
        return name;
    }

    @Override
    public long length() {
        return session.head().length();
    }

    @Override
    public long byteLength() {
        return codec.byteLength(session.head());
    }

    @Override
    public long fork() {
        return session.head().fork();
    }

    /** How many of its blocks are the core's. */
    public long sharedLength() {
        return session.sharedLength();
    }

    /** Appends blocks to the session and returns its new length in blocks. Durable when it returns. */
    public long append(byte[]... blocks) {
        return append(List.of(blocks));
    }

    /** As {@link #append(byte[]...)}. */
    public long append(List<byte[]> blocks) {
        return blocks.isEmpty() ? length() : session.append(blocks, codec);
    }

    /**
     * Cuts the session after its first blocks; the core is not changed.
     *
     * @throws IllegalArgumentException when it is not that long
     */
    public void truncate(long newLength) {
        session.truncate(newLength);
    }

    /**
     * Appends to the core what the session has beyond it, in one signed step.
     *
     * @return false when the core is not a beginning of this session: it grew otherwise, or the session was cut. Nothing
     *     is changed then
     * @throws IllegalStateException when the core is somebody else's
     */
    public boolean commit() {
        return session.commit();
    }

    /** Gives up what the session has of its own: it is what the core is now. */
    public void reset() {
        session.reset();
    }

    /** A value stored with the session under a name, null when there is none. */
    public byte @Nullable [] userData(String key) {
        return session.userData(key);
    }

    /** Stores a value with the session under a name; null removes it. */
    public void userData(String key, byte @Nullable [] value) {
        session.userData(key, value);
    }

    @Override
    public byte @Nullable [] local(long index) {
        if (index < 0 || index >= length()) return null;
        byte[] stored = session.block(index);
        return stored == null ? null : codec.decode(index, stored);
    }

    @Override
    public byte[] get(long index) {
        byte[] local = local(index);
        return local != null ? local : BlockWait.await(core, index, fetch(index), null);
    }

    @Override
    public byte[] get(long index, Duration timeout) {
        byte[] local = local(index);
        return local != null ? local : BlockWait.await(core, index, fetch(index), timeout);
    }

    @Override
    public CompletableFuture<byte[]> fetch(long index) {
        if (index < 0 || index >= length()) {
            throw new IndexOutOfBoundsException("block " + index + " of a session of " + length());
        }
        byte[] local = local(index);
        return local != null ? CompletableFuture.completedFuture(local) : core.fetch(index);
    }

    @Override
    public CompletableFuture<BytePosition> seek(long byteOffset) {
        ByteSeeker seeker = new ByteSeeker(byteOffset, codec.paddingBytes());
        return switch (seeker.find(session.head().roots(), session::node)) {
            case ByteSeeker.Found found -> CompletableFuture.completedFuture(found.position());
            case ByteSeeker.Within _ -> core.seek(byteOffset);
            case ByteSeeker.Beyond _ ->
                throw new IndexOutOfBoundsException("byte " + byteOffset + " of a session of " + byteLength());
        };
    }
}
