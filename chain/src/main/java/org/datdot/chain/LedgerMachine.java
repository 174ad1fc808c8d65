package org.datdot.chain;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.datdot.crypto.Hash;
import org.datdot.encoding.DecodingException;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Balances;
import org.datdot.ledger.BlockContext;
import org.datdot.ledger.Config;
import org.datdot.ledger.DispatchResult;
import org.datdot.ledger.Event;
import org.datdot.ledger.Fees;
import org.datdot.ledger.MapState;
import org.datdot.ledger.OverlayState;
import org.datdot.ledger.Pallet;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.StateReader;
import org.datdot.ledger.Storage;
import org.datdot.ledger.TreeHeadVerifier;

/**
 * DatDot's ledger as every engine runs it, as the crate {@code frame-executive} does: time first, then each extrinsic, fully or with no trace but its nonce and its failure event. A function of
 * a state and a round: the same two give the same changes and events on every machine. It changes nothing by itself, has no clock, no randomness and no I/O, and is total: whatever is in a
 * round, it does not throw. What cannot be executed is refused by name.
 *
 * <p>Errors of the machine it runs on (no memory left) are not the round's: they go through, and the member has to stop.
 */
public final class LedgerMachine {
    private static final Logger LOG = System.getLogger(LedgerMachine.class.getName());
    private static final Hash NO_GENESIS = new Hash(new byte[Hash.BYTES]);

    private final Pallet pallet;
    private final Parameters parameters;
    private final Hash genesis;

    /**
     * A machine of a chain.
     *
     * @param genesis the hash of the chain's first header
     */
    public LedgerMachine(ChainSpec spec, TreeHeadVerifier treeHeads, Hash genesis) {
        this.parameters = spec.parameters();
        this.pallet = new Pallet(new Config(parameters, treeHeads, genesis));
        this.genesis = genesis;
    }

    /** What makes the state of block 0 out of nothing. The hash of the block does not exist yet, and nothing in its state depends on it. */
    public static StateChanges genesis(ChainSpec spec, TreeHeadVerifier treeHeads) {
        OverlayState overlay = new OverlayState(new MapState());
        new Pallet(new Config(spec.parameters(), treeHeads, NO_GENESIS)).genesis(overlay, spec.genesis());
        return StateChanges.of(overlay);
    }

    /** The number of an account's extrinsics so far. */
    public static long nonce(StateReader state, AccountId account) {
        return Balances.nonce(state, account);
    }

    /**
     * Executes a round.
     *
     * @param state the state after the round before
     */
    public RoundResult apply(StateReader state, Round round) {
        BlockHashes hashes = new BlockHashes(round.number() - 1, round.parent(), state);
        return run(state, round, round.extrinsics().size(), index -> {
            Extrinsic extrinsic;
            try {
                extrinsic = Extrinsic.decode(round.extrinsics().get(index));
            } catch (DecodingException e) {
                throw new PoolException(PoolException.Kind.BAD_FORMAT, String.valueOf(e.getMessage()));
            }
            if (!extrinsic.verify(genesis, hashes)) {
                throw PoolException.notSigned(extrinsic);
            }
            return extrinsic;
        });
    }

    /** Executes a round of extrinsics whose format and signatures were checked before; those of {@code round} are not looked at. */
    public RoundResult applyVerified(StateReader state, Round round, List<Extrinsic> verified) {
        return run(state, round, verified.size(), verified::get);
    }

    private RoundResult run(StateReader state, Round round, int count, IntFunction<Extrinsic> extrinsics) {
        OverlayState overlay = new OverlayState(state);
        BlockContext context = new BlockContext(round.number(), round.timestampMs(), round.entropy());
        List<EventRecord> events = new ArrayList<>();
        long parent = round.number() - 1;
        ChainStorage.BLOCK_HASH.put(overlay, parent, round.parent());
        if (parent >= ChainStorage.BLOCK_HASH_COUNT) {
            ChainStorage.BLOCK_HASH.remove(overlay, parent - ChainStorage.BLOCK_HASH_COUNT);
        }
        add(events, EventRecord.INITIALIZATION, begin(overlay, context));
        List<Extrinsic> included = new ArrayList<>();
        List<RoundResult.Refusal> refused = new ArrayList<>();
        long room = Fees.blockWeight(parameters);
        for (int i = 0; i < count; i++) {
            try {
                Extrinsic extrinsic = extrinsics.apply(i);
                long weight = Fees.extrinsicWeight(parameters, extrinsic.call());
                requireRoom(weight, room);
                List<Event> caused = execute(overlay, context, extrinsic);
                add(events, included.size(), caused);
                included.add(extrinsic);
                room -= weight;
            } catch (PoolException e) {
                refused.add(new RoundResult.Refusal(i, e.kind(), String.valueOf(e.getMessage())));
            } catch (RuntimeException e) {
                // A mistake in the rules must not stop the chain. It is the same on every machine, so all refuse.
                LOG.log(Level.ERROR, "the ledger's rules failed at extrinsic " + i + " of round " + round.number(), e);
                refused.add(new RoundResult.Refusal(i, PoolException.Kind.FAULT, "the ledger failed to execute it"));
            }
        }
        ChainStorage.EVENTS.put(overlay, events);
        return new RoundResult(included, refused, StateChanges.of(overlay), events);
    }

    /** A round takes a bounded time on every member, whatever its engine put into it. */
    private void requireRoom(long weight, long room) {
        if (weight > room) {
            throw new PoolException(
                    PoolException.Kind.BLOCK_FULL,
                    "it weighs " + weight + " and the block has room for " + room + " of "
                            + Fees.blockWeight(parameters));
        }
    }

    private List<Event> begin(OverlayState block, BlockContext context) {
        OverlayState overlay = new OverlayState(block);
        try {
            List<Event> events = pallet.onInitialize(overlay, context);
            overlay.commitTo(block);
            return events;
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the ledger's rules failed at the beginning of round " + context.number(), e);
            Storage.BLOCK_NUMBER.put(block, context.number());
            Storage.NOW.put(block, context.timestampMs());
            return List.of();
        }
    }

    /** Executes an extrinsic, or throws and leaves no trace. */
    private List<Event> execute(OverlayState block, BlockContext context, Extrinsic extrinsic) {
        OverlayState overlay = new OverlayState(block);
        AccountId signer = extrinsic.signer();
        long expected = nonce(overlay, signer);
        if (extrinsic.nonce() != expected) {
            throw new PoolException(
                    extrinsic.nonce() < expected ? PoolException.Kind.STALE_NONCE : PoolException.Kind.FUTURE_NONCE,
                    "nonce " + extrinsic.nonce() + " is not the account's next, which is " + expected);
        }
        if (!Fees.payable(overlay, parameters, signer, extrinsic.call())) {
            throw PoolException.cannotPay(Fees.of(parameters, extrinsic.call()));
        }
        Balances.incrementNonce(overlay, signer);
        List<Event> events = new ArrayList<>();
        DispatchResult result = pay(overlay, extrinsic, events);
        if (result instanceof DispatchResult.Applied) {
            result = pallet.apply(overlay, signer, extrinsic.call(), context);
        }
        switch (result) {
            case DispatchResult.Applied applied -> {
                events.addAll(applied.events());
                events.add(new Event.ExtrinsicSuccess(Fees.info(parameters, extrinsic.call(), true)));
            }
            case DispatchResult.Rejected rejected ->
                events.add(new Event.ExtrinsicFailed(
                        rejected.error(), Fees.info(parameters, extrinsic.call(), false), rejected.detail()));
        }
        overlay.commitTo(block);
        return events;
    }

    private DispatchResult pay(OverlayState state, Extrinsic extrinsic, List<Event> events) {
        long tip = extrinsic.terms().tip();
        if (tip == 0) {
            return new DispatchResult.Applied(List.of());
        }
        DispatchResult paid = pallet.payTip(state, extrinsic.signer(), tip);
        if (paid instanceof DispatchResult.Applied applied) {
            events.addAll(applied.events());
        }
        return paid;
    }

    private static void add(List<EventRecord> records, int extrinsicIndex, List<Event> events) {
        for (Event event : events) {
            records.add(new EventRecord(extrinsicIndex, event));
        }
    }
}
