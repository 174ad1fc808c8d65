package org.datdot.hypercore;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.datdot.crypto.TreeNode;
import org.jspecify.annotations.Nullable;

/**
 * Reading of what shares a beginning with a core and then is something of its own: a snapshot or a session. What is not
 * at hand is fetched through the core, as long as it still is the core's. The public methods are those of {@link BlockLog}.
 */
abstract sealed class CoreBranch permits CoreSession, CoreSnapshot {
    private final Hypercore core;
    private final CoreCodec codec;

    CoreBranch(Hypercore core, CoreCodec codec) {
        this.core = core;
        this.codec = codec;
    }

    /** The newest head of the branch. */
    public abstract TreeHead head();

    /** How many of its blocks are the core's. */
    public abstract long sharedLength();

    /** A block as it is stored, null when it is not here. */
    abstract byte @Nullable [] stored(long index);

    abstract @Nullable TreeNode node(long index);

    /** What it is called in messages. */
    abstract String noun();

    CoreCodec codec() {
        return codec;
    }

    public final long length() {
        return head().length();
    }

    public final long byteLength() {
        return codec.byteLength(head());
    }

    public final long fork() {
        return head().fork();
    }

    public final byte @Nullable [] local(long index) {
        if (index < 0 || index >= length()) return null;
        byte[] stored = stored(index);
        return stored == null ? null : codec.decode(index, stored);
    }

    public final byte[] get(long index) {
        byte[] local = local(index);
        return local != null ? local : BlockWait.await(core, index, fetch(index), null);
    }

    public final byte[] get(long index, Duration timeout) {
        byte[] local = local(index);
        return local != null ? local : BlockWait.await(core, index, fetch(index), timeout);
    }

    public final CompletableFuture<byte[]> fetch(long index) {
        if (index < 0 || index >= length()) {
            throw new IndexOutOfBoundsException("block " + index + " of a " + noun() + " of " + length());
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
        return new BlockNotAvailableException("block " + index + " was cut off the core after the " + noun()
                + " was taken, and was not here then; " + sharedLength() + " blocks are left");
    }

    public final CompletableFuture<BytePosition> seek(long byteOffset) {
        ByteSeeker seeker = new ByteSeeker(byteOffset, codec.paddingBytes());
        return switch (seeker.find(head().roots(), this::node)) {
            case ByteSeeker.Found found -> CompletableFuture.completedFuture(found.position());
            case ByteSeeker.Within _ -> core.seek(byteOffset);
            case ByteSeeker.Beyond _ ->
                throw new IndexOutOfBoundsException("byte " + byteOffset + " of a " + noun() + " of " + byteLength());
        };
    }
}
