package org.datdot.bench;

import static org.datdot.bench.LedgerBench.say;

import java.util.ArrayList;
import java.util.List;
import org.datdot.chain.Extrinsic;
import org.datdot.chain.LedgerMachine;
import org.datdot.chain.Round;
import org.datdot.chain.RoundResult;
import org.datdot.chain.StateChanges;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Hash;
import org.datdot.crypto.Signature;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.ScaleEncoder;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Amendment;
import org.datdot.ledger.Assignment;
import org.datdot.ledger.BlockContext;
import org.datdot.ledger.Bytes;
import org.datdot.ledger.Call;
import org.datdot.ledger.Config;
import org.datdot.ledger.DispatchResult;
import org.datdot.ledger.Event;
import org.datdot.ledger.FeedHead;
import org.datdot.ledger.Form;
import org.datdot.ledger.HosterReceipt;
import org.datdot.ledger.MapState;
import org.datdot.ledger.Outcome;
import org.datdot.ledger.Pallet;
import org.datdot.ledger.Queries;
import org.datdot.ledger.ReplicaHash;
import org.datdot.ledger.ReplicaStatement;
import org.datdot.ledger.Segment;
import org.datdot.ledger.StorageProof;

/**
 * Extrinsics executed a second on one core ({@code bench/README.md}): transfers, plans of one contract that is drawn at once, answers to storage challenges; from their bytes with signatures checked, and without. A market of 300
 * providers, contracts of 256 MiB, the state in memory; neither root nor disk. Processor time of the one thread, the least of some rounds.
 */
public final class LedgerCalls {
    private static final int PROVIDERS = 300;
    private static final int PLANS = 400;
    private static final int MEASURED_PLANS = 100;
    private static final int MEASURED_TRANSFERS = 1_000;
    private static final int ROUNDS = 12;
    private static final int CONTRACT_BLOCKS = 4_096;
    private static final int BLOCK_BYTES = 64 << 10;
    private static final int LEVELS = 18;
    private static final Hash GENESIS = new Hash(Blake2b.hash(new byte[] {1}));

    private final LedgerBench people = new LedgerBench();
    private final MapState state = new MapState();
    private final Pallet pallet =
            new Pallet(new Config(people.spec().parameters(), (key, manifest, head) -> true, GENESIS));
    private final LedgerMachine machine = new LedgerMachine(people.spec(), (key, manifest, head) -> true, GENESIS);
    private final List<AccountKeys> providers = new ArrayList<>();
    private final AccountKeys sponsor = AccountKeys.fromSeed(LedgerBench.seed(2));
    /** Of a replica whose leaves are all the same, the hashes from leaf to root. */
    private final List<Hash> levels = new ArrayList<>();

    private final List<Long> challenges = new ArrayList<>();
    private long number;
    private int feeds;

    private LedgerCalls() {
        levels.add(ReplicaHash.leaf(new byte[ReplicaHash.LEAF_BYTES], 0, ReplicaHash.LEAF_BYTES));
        for (int i = 0; i < LEVELS; i++) {
            levels.add(ReplicaHash.parent(levels.getLast(), levels.getLast()));
        }
    }

    private BlockContext context() {
        Hash entropy = new Hash(Blake2b.hash(new ScaleEncoder().u64(number).toBytes()));
        return new BlockContext(number, people.spec().timestampMs() + number * 6_000, entropy);
    }

    private void block() {
        number++;
        for (Event event : pallet.onInitialize(state, context())) {
            if (event instanceof Event.NewStorageChallenge(long id, long hoster)) challenges.add(id);
        }
    }

    private List<Event> apply(AccountKeys origin, Call call) {
        return switch (pallet.apply(state, origin.accountId(), call, context())) {
            case DispatchResult.Applied(List<Event> events) -> events;
            case DispatchResult.Rejected rejected -> throw new IllegalStateException(call + " was " + rejected);
        };
    }

    private AccountKeys user(int number) {
        AccountKeys keys = AccountKeys.fromSeed(LedgerBench.seed(number));
        apply(keys, new Call.NewUser(keys.signing().publicKey(), keys.noise().publicKey()));
        return keys;
    }

    /** A plan of a feed of its own that is one contract. */
    private Call.PublishPlan plan() {
        CoreKey key = new CoreKey(Blake2b.hash(new byte[] {2}, LedgerBench.seed(feeds++)));
        TreeNode root = new TreeNode(
                CONTRACT_BLOCKS - 1L, (long) CONTRACT_BLOCKS * BLOCK_BYTES, new TreeHash(Blake2b.hash(key.bytes())));
        FeedHead head = new FeedHead(0, CONTRACT_BLOCKS, List.of(root), new Bytes(new byte[64]));
        apply(sponsor, new Call.PublishFeed(key, new Bytes(new byte[0]), head));
        long feed = new Queries(state).getFeedByKey(key).orElseThrow().id();
        return new Call.PublishPlan(
                List.of(new Segment(feed, CONTRACT_BLOCKS, 0, CONTRACT_BLOCKS)),
                3,
                0,
                context().timestampMs() + 30L * 86_400_000,
                100_000_000_000L,
                List.of(),
                List.of("10.0.0.1:3000"));
    }

    /** All of an amendment is done as it should be. */
    private Call.AmendmentReport report(Amendment amendment) {
        List<Outcome> outcomes = new ArrayList<>();
        for (Assignment one : amendment.assignments()) {
            ReplicaStatement statement = new ReplicaStatement(
                    amendment.contract(),
                    amendment.id(),
                    one.position(),
                    one.encoder(),
                    levels.getLast(),
                    1L << LEVELS,
                    (long) ReplicaHash.LEAF_BYTES << LEVELS);
            HosterReceipt receipt = new HosterReceipt(
                    amendment.contract(), amendment.id(), one.position(), one.hoster(), levels.getLast());
            outcomes.add(new Outcome.Hosted(
                    one.position(),
                    new Outcome.SignedStatement(statement, sign(one.encoder(), statement.signable(GENESIS))),
                    sign(one.hoster(), receipt.signable(GENESIS))));
        }
        return new Call.AmendmentReport(amendment.id(), outcomes);
    }

    private AccountKeys keys(long user) {
        return providers.stream()
                .filter(each -> new Queries(state)
                                .getUserByAccount(each.accountId())
                                .orElseThrow()
                                .id()
                        == user)
                .findFirst()
                .orElseThrow();
    }

    private Signature sign(long user, byte[] message) {
        return Ed25519.sign(message, keys(user).signing().secretKey());
    }

    private void market() {
        for (StateChanges.Change change : LedgerMachine.genesis(people.spec(), (key, manifest, head) -> true)
                .list()) {
            state.put(change.key(), java.util.Objects.requireNonNull(change.value()));
        }
        block();
        give(sponsor, 100_000_000_000_000L);
        apply(
                sponsor,
                new Call.NewUser(sponsor.signing().publicKey(), sponsor.noise().publicKey()));
        for (int i = 0; i < PROVIDERS; i++) {
            AccountKeys keys = AccountKeys.fromSeed(LedgerBench.seed(20_000 + i));
            give(keys, 1_000_000_000_000L);
            providers.add(user(20_000 + i));
            String address = "10." + i / 250 + "." + i % 250 + ".1:4000";
            apply(keys, new Call.RegisterForWork(new Form(1L << 42, 1_000_000, 8, address, List.of("EU"), 0, 0)));
        }
        for (int i = 0; i < PLANS; i++) {
            for (Event event : apply(sponsor, plan())) {
                if (event instanceof Event.NewAmendment(long id, long contract)) {
                    Amendment amendment =
                            new Queries(state).getAmendmentByID(id).orElseThrow();
                    apply(keys(amendment.attestor()), report(amendment));
                }
            }
        }
        while (challenges.isEmpty()) block();
    }

    private void give(AccountKeys to, long units) {
        DispatchResult result = pallet.apply(
                state, LedgerBench.id(LedgerBench.AUTHORITY), new Call.Transfer(to.accountId(), units), context());
        if (!(result instanceof DispatchResult.Applied)) throw new IllegalStateException("the treasury: " + result);
    }

    private Call answer(long id) {
        List<StorageProof> proofs = new ArrayList<>();
        new Queries(state)
                .getStorageChallengeByID(id)
                .orElseThrow()
                .checks()
                .forEach(check -> proofs.add(new StorageProof(
                        check.leafIndex(), new byte[ReplicaHash.LEAF_BYTES], levels.subList(0, LEVELS))));
        return new Call.SubmitStorageChallenge(id, proofs);
    }

    private Extrinsic signed(AccountKeys from, long nonce, Call call) {
        return Extrinsic.sign(from.chain(), nonce, call, GENESIS);
    }

    /** Executes the same round again and again on the same state. */
    private void measure(String what, List<Extrinsic> extrinsics) {
        List<byte[]> bytes = extrinsics.stream().map(Extrinsic::encode).toList();
        BlockContext at = context();
        Round round = new Round(number + 1, GENESIS, at.timestampMs() + 6_000, at.entropy(), bytes);
        Round empty = new Round(number + 1, GENESIS, at.timestampMs() + 6_000, at.entropy(), List.of());
        long checked = Long.MAX_VALUE;
        long unchecked = Long.MAX_VALUE;
        long nothing = Long.MAX_VALUE;
        for (int i = 0; i < ROUNDS; i++) {
            long began = LedgerBench.threadNanos();
            RoundResult with = machine.apply(state, round);
            long first = LedgerBench.threadNanos();
            RoundResult without = machine.applyVerified(state, empty, extrinsics);
            long second = LedgerBench.threadNanos();
            machine.apply(state, empty);
            long third = LedgerBench.threadNanos();
            if (with.included().size() != extrinsics.size() || !with.events().equals(without.events())) {
                throw new IllegalStateException(what + ": " + with.refused());
            }
            with.events().forEach(record -> {
                if (record.event() instanceof Event.ExtrinsicFailed failed)
                    throw new IllegalStateException("" + failed);
            });
            checked = Math.min(checked, first - began);
            unchecked = Math.min(unchecked, second - first);
            nothing = Math.min(nothing, third - second);
        }
        double one = (checked - nothing) / 1e3 / extrinsics.size();
        double other = (unchecked - nothing) / 1e3 / extrinsics.size();
        say(
                "%s: %.1f us from its bytes with its signature checked, %.0f a second; %.1f us without, %.0f a second"
                        + " (%d of %d bytes)",
                what, one, 1e6 / one, other, 1e6 / other, extrinsics.size(), bytes.getFirst().length);
    }

    private void run() {
        market();
        say(
                "%d providers, %d plans, %d hosters asked for leaves, %d entries",
                PROVIDERS, PLANS, challenges.size(), state.size());
        List<Extrinsic> answers = new ArrayList<>();
        for (long id : challenges) {
            long hoster =
                    new Queries(state).getStorageChallengeByID(id).orElseThrow().hoster();
            answers.add(signed(keys(hoster), 0, answer(id)));
        }
        List<Extrinsic> plans = new ArrayList<>();
        for (int i = 0; i < MEASURED_PLANS; i++) plans.add(signed(sponsor, i, plan()));
        List<Extrinsic> transfers = people.transfers(MEASURED_TRANSFERS, GENESIS);
        for (int i = 0; i < 2; i++) {
            measure("transfer", transfers);
            measure("publishPlan", plans);
            measure("submitStorageChallenge", answers);
        }
    }

    /** Runs it. */
    public static void main(String[] arguments) {
        new LedgerCalls().run();
    }
}
