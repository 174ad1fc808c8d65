package org.datdot.drive;

import java.time.Duration;
import java.util.List;
import org.datdot.hypercore.CoreWatcher;

/** What the formats of this module need of a core. Blocks handed in or out are shared and never modified. */
interface BlockLog {

    long length();

    long byteLength();

    /** Changes whenever blocks below {@link #length()} may have been replaced. */
    long fork();

    boolean writable();

    boolean has(long index);

    /** Whether a block that is not here is asked from peers. */
    default boolean asksPeers() {
        return !writable();
    }

    /** The block, local or waited for. */
    byte[] get(long index);

    /** The same log; a block is waited for at most this long, and never when it is zero. */
    BlockLog within(Duration patience);

    /** Bytes before a block that is here; taken from the tree. */
    long byteOffset(long index);

    /** Appends all of them or none; they are durable when this returns. */
    void append(List<byte[]> blocks);

    /**
     * Appends without waiting for the disk: the blocks are part of the log, and durable, when what is returned was waited
     * for, or a later append to any log of the same store.
     */
    Pending submit(List<byte[]> blocks);

    /** Asks for a block that is not here, before ranges, without waiting. */
    void want(long index);

    /** Asks for blocks {@code [start, end)} without waiting; closing the handle withdraws what is still asked for. */
    Prefetch prefetch(long start, long end);

    /** Drops blocks {@code [start, end)} here; peers may supply them again. Returns how many were here. */
    long clear(long start, long end);

    /** The log as it is now, for reading; must be closed. */
    default BlockLog snapshot() {
        throw new DriveException("This log cannot be kept as it is.");
    }

    /** Gives back what a snapshot holds; does nothing to other logs. */
    default void close() {}

    /** How many peers it is replicated with. */
    default int peers() {
        return 0;
    }

    /** Has a watcher hear what goes to and from peers, if there can be any. */
    default Subscription watch(CoreWatcher watcher) {
        return () -> {};
    }

    /** Hears, on whatever thread, whenever the length or the fork may have changed, until the subscription is closed. */
    Subscription onChange(Runnable listener);

    /** Blocks on their way to the disk. */
    interface Pending {

        Pending NONE = () -> {};

        void await();
    }

    /** Somebody who hears of changes. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /** A running prefetch. */
    interface Prefetch extends AutoCloseable {

        Prefetch NONE = () -> {};

        @Override
        void close();
    }
}
