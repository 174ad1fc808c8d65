package org.datdot.hypercore;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A core as it was when the snapshot was taken: its length does not change. Blocks that were here stay readable even when
 * the core is cut or cleared afterwards; the others are fetched as long as they still belong to the core. Close it: it
 * keeps deleted blocks on disk. Thread-safe. Source of the rules: npm hypercore index.js and lib/session-state.js.
 */
public final class CoreSnapshot implements BlockLog, AutoCloseable {
    private final Hypercore core;
    private final CoreState state;
    private final CoreCodec codec;
    private final FrozenCore frozen;

    CoreSnapshot(Hypercore core, CoreCodec codec) {
        this.core = core;
        this.state = core.state();
        this.codec = codec;
        this.frozen = state.snapshot();
    }

    @Override
    public long length() {
        return frozen.head().length();
    }

    @Override
    public long byteLength() {
        return codec.byteLength(frozen.head());
    }

    @Override
    public long fork() {
        return frozen.head().fork();
    }

    /** The signed head. */
    public TreeHead head() {
        return frozen.head();
    }

    /** How many of its blocks still are the core's: less than the length once the core was cut or rewritten. */
    public long sharedLength() {
        return frozen.sharedLength();
    }

    @Override
    public byte @Nullable [] local(long index) {
        if (index < 0 || index >= length()) return null;
        byte[] stored = frozen.block(index);
        if (stored == null && index < sharedLength()) {
            stored = state.hasBlock(index) ? state.readBlock(index) : null;
            if (index >= sharedLength()) stored = null;
        }
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
            throw new IndexOutOfBoundsException("block " + index + " of a snapshot of " + length());
        }
        byte[] local = local(index);
        if (local != null) return CompletableFuture.completedFuture(local);
        if (index >= sharedLength()) return CompletableFuture.failedFuture(cut(index));
        CompletableFuture<byte[]> fetched = core.fetch(index);
        CompletableFuture<byte[]> checked = fetched.thenCompose(block -> index < sharedLength()
                ? CompletableFuture.completedFuture(block)
                : CompletableFuture.failedFuture(cut(index)));
        BlockWait.cancelWith(checked, fetched);
        return checked;
    }

    private BlockNotAvailableException cut(long index) {
        return new BlockNotAvailableException("block " + index + " was cut off the core after the snapshot was taken,"
                + " and was not here then; " + sharedLength() + " blocks are left");
    }

    @Override
    public CompletableFuture<BytePosition> seek(long byteOffset) {
        ByteSeeker seeker = new ByteSeeker(byteOffset, codec.paddingBytes());
        return switch (seeker.find(frozen.head().roots(), frozen::node)) {
            case ByteSeeker.Found found -> CompletableFuture.completedFuture(found.position());
            case ByteSeeker.Within _ -> core.seek(byteOffset);
            case ByteSeeker.Beyond _ ->
                throw new IndexOutOfBoundsException("byte " + byteOffset + " of a snapshot of " + byteLength());
        };
    }

    @Override
    public void close() {
        frozen.close();
    }
}
