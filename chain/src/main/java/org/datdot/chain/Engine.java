package org.datdot.chain;

import java.io.Closeable;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;

/**
 * One member's part in agreeing on rounds, whichever way that is done, and the ledger they lead to: extrinsics in, headers with state roots and events out. Every member runs the rounds through
 * the same {@link LedgerMachine} and so comes to the same roots. A round that was told of is final and survives the process.
 *
 * <p>What every engine must keep is written down as {@code EngineContract} among the tests. Thread-safe.
 */
public interface Engine extends Closeable {
    /** The newest round's header. */
    Header head();

    /** A round that was decided on, without what was refused in it; null when there is none, or it was before the snapshot that this member began with. */
    @Nullable
    Block block(long number);

    /** The events of a round, in order; none for a round that is not there. */
    List<EventRecord> events(long number);

    /** Reads several things of one and the same state, the newest. */
    <T> T read(Function<StateReader, T> question);

    /**
     * Hands an extrinsic in, to be in a round once.
     *
     * @throws PoolException when it cannot be
     */
    Extrinsic submit(byte[] encoded);

    /** Calls {@code listener} for each new round, in order, on a thread of its own. */
    Subscription onHead(Consumer<Header> listener);

    /**
     * The newest state with all that a new member needs to go on from there. Its bytes are the same from every member at the same round, and bound by that round's header: they may come from anybody, in any
     * pieces, and are taken by {@link ChainRestore} however many they are, or into memory by {@link StateSnapshot#read}.
     */
    StateSnapshot snapshot();

    /** Who decides now. */
    Membership membership();

    /**
     * Asks that others decide from the next epoch on. When that begins is the engine's matter; until then nothing changes.
     *
     * @throws IllegalArgumentException when this engine cannot work with these members, saying which one can
     */
    void propose(Membership next);

    /** Completes when there will be no more rounds: normally after {@link #close()}, exceptionally with the cause. */
    CompletableFuture<Void> stopped();

    @Override
    void close();
}
