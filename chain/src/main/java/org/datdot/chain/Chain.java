package org.datdot.chain;

import java.io.Closeable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.datdot.chain.ChainException.Kind;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Signature;
import org.datdot.encoding.DecodingException;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Balances;
import org.datdot.ledger.DispatchInfo;
import org.datdot.ledger.Fees;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.StateReader;
import org.datdot.ledger.TreeHeadVerifier;
import org.jspecify.annotations.Nullable;

/**
 * A chain of blocks with one author, kept in a directory: state, waiting extrinsics, and the blocks themselves. After a crash
 * it opens at the newest block anybody heard of.
 *
 * <p>States are on the disk, those of the last blocks, and what is used of them in a bounded part of the memory; opening a chain takes as long with a large state as with a small one. Thread-safe:
 * a state that was asked for does not change, whatever blocks come. Failures
 * of the disk are {@link ChainException}s; after one while writing, the chain can be read but takes nothing more.
 */
public final class Chain implements Closeable {
    private final ChainStore store;
    private final ChainSpec spec;
    private final TreeHeadVerifier treeHeads;
    private final Hash genesis;
    private final LedgerMachine machine;
    private final PoolLimits limits;
    private final Mempool pool;
    private final HeadFeed heads = new HeadFeed();

    /** Held by whoever adds a block. */
    private final ReentrantLock adding = new ReentrantLock();
    /** Held exclusively while a block becomes the best one, shared by who needs that none does meanwhile. */
    private final ReentrantReadWriteLock bestLock = new ReentrantReadWriteLock();

    private volatile Best best;

    private Chain(ChainStore store, ChainSpec spec, TreeHeadVerifier treeHeads, PoolLimits limits, Best best) {
        this.store = store;
        this.spec = spec;
        this.treeHeads = treeHeads;
        this.genesis = storedHeader(store, 0).hash();
        this.machine = new LedgerMachine(spec, treeHeads, genesis);
        this.limits = limits;
        this.pool = new Mempool(limits, spec.parameters());
        this.best = best;
    }

    /**
     * Opens the chain in a directory, or starts it there.
     *
     * @param spec what chain it is
     * @param treeHeads tells the pallet whether a tree head is signed by a feed's owner
     * @throws ChainException when another chain is there, another process has it, or it cannot be read
     */
    public static Chain open(Path directory, ChainSpec spec, TreeHeadVerifier treeHeads, PoolLimits limits) {
        return openStore(directory, true, spec, treeHeads, limits);
    }

    /** Opens or starts a chain with {@link PoolLimits#defaults()}. */
    public static Chain open(Path directory, ChainSpec spec, TreeHeadVerifier treeHeads) {
        return openStore(directory, true, spec, treeHeads, PoolLimits.defaults());
    }

    /**
     * Opens the chain in a directory, or returns null where none is, or none that was there to its end.
     *
     * @throws ChainException as above
     */
    public static @Nullable Chain openExisting(Path directory, ChainSpec spec, TreeHeadVerifier treeHeads) {
        try {
            return openStore(directory, false, spec, treeHeads, PoolLimits.defaults());
        } catch (ChainException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    /**
     * Opens whatever chain is in a directory.
     *
     * @throws ChainException as above, and when there is none
     */
    public static Chain open(Path directory, TreeHeadVerifier treeHeads) {
        return openStore(directory, false, null, treeHeads, PoolLimits.defaults());
    }

    private static Chain openStore(
            Path directory, boolean create, @Nullable ChainSpec spec, TreeHeadVerifier treeHeads, PoolLimits limits) {
        ChainStore store = ChainStore.open(directory, create);
        try {
            ChainSpec stored = store.spec();
            if (stored == null) {
                if (!create || spec == null) {
                    throw ChainStore.notFound(directory);
                }
                stored = spec;
                StateTrie first = StateTrie.EMPTY.with(LedgerMachine.genesis(spec, treeHeads));
                store.commit(Replay.genesisBlock(spec, first), EventRecord.encodeAll(List.of()), null, first, spec);
            } else if (spec != null && !stored.equals(spec)) {
                throw new ChainException(
                        Kind.OTHER_CHAIN,
                        "the directory " + directory + " holds the chain '" + stored.name()
                                + "' with another genesis than '" + spec.name()
                                + "'; give another directory, or move this one away to start anew");
            }
            Header head = storedHeader(store, store.head());
            StateTrie state = store.openState();
            if (!state.root().equals(head.stateRoot())) {
                throw store.damaged("the state is not the one block " + head.number() + " was stored with", null);
            }
            return new Chain(store, stored, treeHeads, limits, new Best(head, state));
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static Header storedHeader(ChainStore store, long number) {
        Block block = store.block(number);
        if (block == null) {
            throw store.damaged("block " + number + " is missing", null);
        }
        return block.header();
    }

    /** What chain this is. */
    public ChainSpec spec() {
        return spec;
    }

    /** The hash of the first header. */
    public Hash genesis() {
        return genesis;
    }

    /** The best block's header. */
    public Header head() {
        return best.head();
    }

    /** The best block's header and state. */
    Best best() {
        return best;
    }

    /** A block, or null when there is none with this number. */
    public @Nullable Block block(long number) {
        return number < 0 || number > head().number() ? null : store.block(number);
    }

    /** The number of a block, or -1 when there is none with this hash. */
    public long numberOf(Hash blockHash) {
        return store.number(blockHash);
    }

    /** The bytes of a block's events, as {@link ChainStorage#EVENTS} had them after it; null for a block that does not exist. */
    byte @Nullable [] encodedEvents(long number) {
        return number < 0 || number > head().number() ? null : store.events(number);
    }

    /** All events of a block, in order; none for a block that does not exist. */
    public List<EventRecord> events(long number) {
        byte[] bytes = encodedEvents(number);
        if (bytes == null) {
            return List.of();
        }
        try {
            return EventRecord.decodeAll(bytes);
        } catch (DecodingException e) {
            throw store.damaged("the events of block " + number + " cannot be read", e);
        }
    }

    /** Reads the state of the best block, whichever that is at each read. */
    public StateReader state() {
        return new BestState(this);
    }

    /** Reads several things of one and the same state. */
    public <T> T read(Function<StateReader, T> question) {
        return question.apply(best.state());
    }

    /** The state after a block, or null when it is not kept, or there is no such block. */
    @Nullable
    Best past(Hash at) {
        Best newest = best;
        if (at.equals(newest.head().hash())) {
            return newest;
        }
        Block block = block(numberOf(at));
        if (block == null) {
            return null;
        }
        StateTrie state = store.state(block.header().number());
        return state == null ? null : new Best(block.header(), state);
    }

    /** All extrinsics that wait, in the order they came. */
    List<Extrinsic> waiting() {
        return pool.waiting();
    }

    /** The nonce for an account's next extrinsic, counting those which wait for a block. */
    public long nextNonce(AccountId account) {
        return pool.nextNonce(account, read(best -> LedgerMachine.nonce(best, account)));
    }

    /** How many extrinsics wait for a block. */
    public int waitingCount() {
        return pool.size();
    }

    /**
     * Takes an extrinsic into the pool.
     *
     * @throws PoolException when it is not taken
     * @throws ChainException when the chain takes nothing any more
     */
    public Extrinsic submit(byte[] encoded) {
        return submit(encoded, null);
    }

    /**
     * Takes an extrinsic into the pool and tells once what became of it, on the author's thread: {@code listener} must not block.
     *
     * @throws PoolException when it is not taken
     * @throws ChainException when the chain takes nothing any more
     */
    public Extrinsic submit(byte[] encoded, @Nullable Consumer<ExtrinsicStatus> listener) {
        store.requireWritable();
        if (encoded.length > limits.maxExtrinsicBytes()) {
            throw new PoolException(
                    PoolException.Kind.TOO_LARGE,
                    "an extrinsic has at most " + limits.maxExtrinsicBytes() + " bytes, not " + encoded.length);
        }
        Extrinsic extrinsic;
        try {
            extrinsic = Extrinsic.decode(encoded);
        } catch (DecodingException e) {
            throw new PoolException(PoolException.Kind.BAD_FORMAT, String.valueOf(e.getMessage()));
        }
        requireLight(extrinsic);
        Hash birth = birth(extrinsic);
        if (birth == null || !extrinsic.verify(genesis, birth)) {
            throw PoolException.notSigned(extrinsic);
        }
        bestLock.readLock().lock();
        try {
            // A block may have come since, and the era be over.
            if (!Objects.equals(birth, birth(extrinsic))) {
                throw PoolException.notSigned(extrinsic);
            }
            Best at = best;
            requirePayable(extrinsic, at.state());
            pool.add(
                    extrinsic,
                    LedgerMachine.nonce(at.state(), extrinsic.signer()),
                    at.head().number(),
                    cost(extrinsic),
                    Balances.of(at.state(), extrinsic.signer()).free(),
                    listener);
        } finally {
            bestLock.readLock().unlock();
        }
        return extrinsic;
    }

    private void requireLight(Extrinsic extrinsic) {
        long weight = Fees.extrinsicWeight(spec.parameters(), extrinsic.call());
        long most = Fees.blockWeight(spec.parameters());
        if (weight > most) {
            throw new PoolException(
                    PoolException.Kind.TOO_LARGE,
                    "the extrinsic weighs " + weight + ", a whole block at most " + most
                            + "; make it a plan of fewer contracts, or several calls");
        }
    }

    private @Nullable Hash birth(Extrinsic extrinsic) {
        Best at = best;
        return extrinsic.birth(
                genesis, new BlockHashes(at.head().number(), at.head().hash(), at.state()));
    }

    /** Its fee and its tip; work that was asked for is free when it is right. */
    private long cost(Extrinsic extrinsic) {
        Parameters parameters = spec.parameters();
        boolean pays = Fees.info(parameters, extrinsic.call(), true).paysFee() == DispatchInfo.Pays.YES;
        long fee = pays ? Fees.of(parameters, extrinsic.call()) : 0;
        long tip = extrinsic.terms().tip();
        return tip > Long.MAX_VALUE - fee ? Long.MAX_VALUE : fee + tip;
    }

    private void requirePayable(Extrinsic extrinsic, StateReader state) {
        Parameters parameters = spec.parameters();
        if (!Fees.payable(state, parameters, extrinsic.signer(), extrinsic.call())) {
            throw PoolException.cannotPay(Fees.of(parameters, extrinsic.call()));
        }
    }

    /** Calls {@code listener} for each new best block, in order, on a thread of its own. */
    public Subscription onHead(Consumer<Header> listener) {
        return heads.subscribe(listener);
    }

    /** Refuses a key pair which is not the authority's. */
    void requireAuthority(KeyPair author) {
        if (!author.publicKey().equals(spec.authority())) {
            throw new ChainException(
                    Kind.INVALID_BLOCK,
                    "blocks of the chain '" + spec.name() + "' are made by " + spec.authority() + ", not by "
                            + author.publicKey() + "; use the authority's key");
        }
    }

    /**
     * Makes the next block out of what waits and stores it.
     *
     * @param author the key pair of the chain's authority
     * @param nowMs the block's timestamp, moved up when it is not later than the parent's
     * @throws ChainException when the block cannot be stored; the chain stays at its head
     */
    public Header produce(KeyPair author, long nowMs) {
        requireAuthority(author);
        adding.lock();
        try {
            store.requireWritable();
            Best before = best;
            Header parent = before.head();
            long number = parent.number() + 1;
            long timestampMs = Math.max(nowMs, parent.timestampMs() + 1);
            Signature entropySignature =
                    Ed25519.sign(Header.entropySignable(genesis, parent.entropy(), number), author.secretKey());
            Round round = new Round(number, parent.hash(), timestampMs, Header.entropyOf(entropySignature), List.of());
            List<Extrinsic> chosen = pool.ready(account -> LedgerMachine.nonce(before.state(), account));
            RoundResult result = machine.applyVerified(before.state(), round, chosen);
            StateTrie after = before.state().with(result.changes());
            Hash extrinsicsRoot = Block.extrinsicsRoot(result.included());
            Header header = Header.unsigned(parent, timestampMs, after.root(), extrinsicsRoot, entropySignature)
                    .signedBy(author, genesis);
            add(new Block(header, result.included()), result, after);
            for (RoundResult.Refusal refusal : result.refused()) {
                // Those after a refused one may still get their turn.
                if (refusal.reason() != PoolException.Kind.FUTURE_NONCE
                        && refusal.reason() != PoolException.Kind.BLOCK_FULL) {
                    pool.drop(chosen.get(refusal.index()), refusal.detail());
                }
            }
            return header;
        } finally {
            adding.unlock();
        }
    }

    /**
     * Adds a block made by the author elsewhere, after executing and checking all of it.
     *
     * @throws ChainException when it does not follow the head or breaks a rule; nothing is changed then
     */
    public void importBlock(Block block) {
        adding.lock();
        try {
            store.requireWritable();
            BlockCheck.Step step = new BlockCheck(spec, genesis, machine).execute(best.head(), best.state(), block);
            add(block, step.result(), step.state());
        } finally {
            adding.unlock();
        }
    }

    private void add(Block block, RoundResult result, StateTrie after) {
        StateTrie stored = store.commit(block, EventRecord.encodeAll(result.events()), best.state(), after, null);
        bestLock.writeLock().lock();
        try {
            best = new Best(block.header(), stored);
        } finally {
            bestLock.writeLock().unlock();
        }
        pool.onBlock(block, block.header().hash(), account -> LedgerMachine.nonce(stored, account));
        heads.publish(block.header());
    }

    /**
     * Executes all stored blocks once more, from genesis to the head, and compares every root, signature and event, and the state
     * at the end.
     *
     * @return the head that was verified
     * @throws ChainException naming the first block that does not fit
     */
    public Header verify() {
        Best until = best;
        store.verifyFiles();
        until.state().forEach(new byte[0], (key, value) -> true); // each node is compared with what its parent says
        Replay replay = new Replay(spec, treeHeads);
        if (!replay.genesis().equals(genesis)) {
            throw store.damaged("block 0 is not what the chain's specification gives", null);
        }
        for (long number = 1; number <= until.head().number(); number++) {
            Block block = store.block(number);
            if (block == null) {
                throw missing(number);
            }
            byte[] events = EventRecord.encodeAll(replay.add(block));
            if (!Arrays.equals(events, store.events(number))) {
                throw new ChainException(Kind.INVALID_BLOCK, block.header() + " has other events than those stored");
            }
        }
        if (!replay.head().equals(until.head())
                || !replay.stateRoot().equals(until.state().root())) {
            throw store.damaged("executing all blocks again does not lead to the stored state", null);
        }
        return until.head();
    }

    private ChainException missing(long number) {
        return number < store.base()
                ? new ChainException(
                        Kind.NOT_FOUND,
                        "the chain here began with a snapshot at block " + store.base()
                                + ", the blocks before are not here; verify an export of a ledger that has them")
                : store.damaged("block " + number + " is missing", null);
    }

    /** The state after the best block, to begin elsewhere from. */
    public StateSnapshot snapshot() {
        Best at = best;
        long number = at.head().number();
        byte[] events = store.events(number);
        Block block = store.block(number);
        if (block == null || events == null) {
            throw store.damaged("block " + number + " is missing", null);
        }
        return new StateSnapshot(spec, block, events, at.state());
    }

    /** Ends all subscriptions and closes the database; waits for a block being added. */
    @Override
    public void close() {
        adding.lock();
        try {
            heads.close();
            store.close();
        } finally {
            adding.unlock();
        }
    }
}
