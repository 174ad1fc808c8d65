package org.datdot.ledger;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.encoding.FlatTree;
import org.datdot.encoding.ScaleEncoder;

/** A ledger in memory with people around it who really sign: what the tests of the pallet play with. */
final class World {
    static final Hash GENESIS = new Hash(Blake2b.hash("genesis".getBytes(StandardCharsets.UTF_8)));
    static final long TOKEN = 1_000_000_000L;
    static final long START_MS = 1_700_000_000_000L;
    static final long BLOCK_MS = 500;
    static final AccountId TREASURY = keys("treasury").accountId();

    final State state;
    final Parameters parameters;
    final Pallet pallet;
    final List<Event> events = new ArrayList<>();
    final Set<Long> silentHosters = new HashSet<>();
    final Set<Long> silentAttestors = new HashSet<>();
    final Map<Long, Person> people = new HashMap<>();
    private final String seed;
    long number;
    long nowMs;
    Measurement measured = new Measurement(true, 20, 10_000_000);

    /** Without fees, so that tests can count the other units. */
    World(Parameters parameters, String seed) {
        this(parameters.with(parameters.economy().withoutFees()), seed, START_MS);
    }

    /** With all parameters as they are. */
    World(Parameters parameters, String seed, long startMs) {
        this(parameters, seed, startMs, new MapState());
    }

    World(Parameters parameters, String seed, long startMs, State state) {
        this.state = state;
        this.parameters = parameters;
        this.seed = seed;
        this.nowMs = startMs;
        this.pallet = new Pallet(new Config(this.parameters, World::verifies, GENESIS));
        pallet.genesis(state, new Genesis(TREASURY, List.of(new Genesis.Endowment(TREASURY, 1_000_000_000L * TOKEN))));
        block();
    }

    World() {
        this(Parameters.devnet(), "world");
    }

    /** Those of {@link Parameters} that are no records, in order, with the devnet's others. */
    static Parameters parameters(long... n) {
        return new Parameters(
                n[0],
                n[1],
                n[2],
                n[3],
                n[4],
                n[5],
                n[6],
                n[7],
                n[8],
                n[9],
                n[10],
                n[11],
                n[12],
                n[13],
                n[14],
                n[15],
                n[16],
                n[17],
                n[18],
                n[19],
                n[20],
                Economy.defaults(),
                Periods.devnet());
    }

    /** Somebody with keys and a user id. */
    record Person(long id, AccountKeys keys) {
        AccountId account() {
            return keys.accountId();
        }
    }

    /** Told of each call and the nanoseconds it took. */
    BiConsumer<Call, Long> meter = (call, nanos) -> {};

    /** A feed of somebody. */
    record Published(long id, CoreKey key, long length) {}

    static AccountKeys keys(String name) {
        return AccountKeys.fromSeed(Blake2b.hash(name.getBytes(StandardCharsets.UTF_8)));
    }

    BlockContext context() {
        byte[] number32 = new ScaleEncoder().string(seed).u64(number).toBytes();
        return new BlockContext(number, nowMs, new Hash(Blake2b.hash(number32)));
    }

    /** The next block's beginning; its events. */
    List<Event> block() {
        return block(BLOCK_MS);
    }

    List<Event> block(long laterMs) {
        number++;
        nowMs += laterMs;
        List<Event> caused = pallet.onInitialize(state, context());
        events.addAll(caused);
        return caused;
    }

    /** Blocks in which nobody does anything, until one after a number. */
    void passBlock(long until) {
        while (number <= until) {
            block();
        }
    }

    DispatchResult apply(AccountId origin, Call call) {
        // Through its bytes, as on a chain.
        Call decoded = Call.CODEC.decode(call.encode());
        BlockContext context = context();
        long began = System.nanoTime();
        DispatchResult result = pallet.apply(state, origin, decoded, context);
        meter.accept(decoded, System.nanoTime() - began);
        if (result instanceof DispatchResult.Applied applied) {
            events.addAll(applied.events());
        }
        return result;
    }

    /** Applies a call that must be fine. */
    List<Event> submit(Person person, Call call) {
        return switch (apply(person.account(), call)) {
            case DispatchResult.Applied applied -> applied.events();
            case DispatchResult.Rejected rejected -> throw new AssertionError(call + " was " + rejected);
        };
    }

    /** Applies a call that must be rejected, and checks that nothing changed. */
    DispatchResult.Rejected refused(AccountId origin, Call call) {
        Map<String, String> before = dump();
        DispatchResult result = apply(origin, call);
        if (!(result instanceof DispatchResult.Rejected rejected)) {
            throw new AssertionError(call + " was applied");
        }
        if (!dump().equals(before)) {
            throw new AssertionError(call + " was rejected and changed the state");
        }
        return rejected;
    }

    Map<String, String> dump() {
        Map<String, String> all = new java.util.TreeMap<>();
        java.util.HexFormat hex = java.util.HexFormat.of();
        state.forEach(new byte[0], (key, value) -> all.put(hex.formatHex(key), hex.formatHex(value)) == null);
        return all;
    }

    Queries queries() {
        return new Queries(state);
    }

    Person user(String name) {
        AccountKeys keys = keys(name);
        DispatchResult result = apply(
                keys.accountId(),
                new Call.NewUser(keys.signing().publicKey(), keys.noise().publicKey()));
        if (!(result instanceof DispatchResult.Applied)) {
            throw new AssertionError(name + ": " + result);
        }
        Person person = new Person(
                queries().getUserByAccount(keys.accountId()).orElseThrow().id(), keys);
        people.put(person.id(), person);
        return person;
    }

    static Form form() {
        return new Form(1L << 40, 1_000_000, 4, "127.0.0.1:4000", List.of("EU"), 0, 0);
    }

    Person provider(String name, Form form) {
        Person person = user(name);
        submit(person, new Call.RegisterForWork(form));
        return person;
    }

    List<Person> providers(int count) {
        return providers(count, form());
    }

    List<Person> providers(int count, Form form) {
        List<Person> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(provider("provider " + i, form));
        }
        return all;
    }

    // Feeds: the key is an Ed25519 key which signs the head's roots and length, without hypercore's manifests.

    static boolean verifies(CoreKey key, Bytes manifest, FeedHead head) {
        byte[] signature = head.signature().bytes();
        return signature.length == 64
                && Ed25519.verify(
                        signable(head),
                        new org.datdot.crypto.Signature(signature),
                        new org.datdot.crypto.PublicKey(key.bytes()));
    }

    private static byte[] signable(FeedHead head) {
        ScaleEncoder out = new ScaleEncoder().compact(head.fork()).compact(head.length());
        Codec.of(TreeNode.class).list().write().accept(out, head.roots());
        return out.toBytes();
    }

    static CoreKey coreKey(String name) {
        return new CoreKey(keys(name).signing().publicKey().bytes());
    }

    /** A signed head whose blocks all have the same size. */
    static FeedHead head(String name, long fork, long length, long blockBytes) {
        List<TreeNode> roots = new ArrayList<>();
        for (long index : FlatTree.fullRoots(2 * length)) {
            long blocks = FlatTree.countLeaves(index);
            byte[] hash = Blake2b.hash((name + fork + ":" + length + ":" + index).getBytes(StandardCharsets.UTF_8));
            roots.add(new TreeNode(index, Math.multiplyExact(blocks, blockBytes), new TreeHash(hash)));
        }
        return head(name, fork, length, roots);
    }

    static FeedHead head(String name, long fork, long length, List<TreeNode> roots) {
        FeedHead unsigned = new FeedHead(fork, length, roots, new Bytes(new byte[0]));
        KeyPair pair = keys(name).signing();
        return new FeedHead(
                fork,
                length,
                roots,
                new Bytes(Ed25519.sign(signable(unsigned), pair.secretKey()).bytes()));
    }

    Published feed(Person publisher, String name, long length, long blockBytes) {
        CoreKey key = coreKey(name);
        submit(publisher, new Call.PublishFeed(key, new Bytes(new byte[0]), head(name, 0, length, blockBytes)));
        return new Published(queries().getFeedByKey(key).orElseThrow().id(), key, length);
    }

    Call.PublishPlan planCall(Published feed, int replicas, long forMs, long budget) {
        return new Call.PublishPlan(
                List.of(new Segment(feed.id(), feed.length(), 0, feed.length())),
                replicas,
                0,
                nowMs + forMs,
                budget,
                List.of(),
                List.of("127.0.0.1:3000"));
    }

    Plan publish(Person sponsor, Call.PublishPlan call) {
        List<Event> caused = submit(sponsor, call);
        long id = caused.stream()
                .filter(Event.NewPlan.class::isInstance)
                .map(event -> ((Event.NewPlan) event).plan())
                .findFirst()
                .orElseThrow();
        return plan(id);
    }

    Plan plan(long id) {
        return queries().getPlanByID(id).orElseThrow();
    }

    Contract contract(long id) {
        return queries().getContractByID(id).orElseThrow();
    }

    Amendment amendment(long id) {
        return queries().getAmendmentByID(id).orElseThrow();
    }

    User user(long id) {
        return queries().getUserByID(id).orElseThrow();
    }

    Jobs jobs(long user) {
        return queries().getJobs(user);
    }

    Person person(long id) {
        return Optional.ofNullable(people.get(id)).orElseThrow();
    }

    /** The amendment a position is in. */
    Amendment amendmentOf(Contract contract) {
        return contract.positions().stream()
                .filter(position -> position.status() == PositionStatus.SETUP)
                .map(position -> amendment(position.amendment()))
                .findFirst()
                .orElseThrow();
    }

    // Replicas: a small tree with really different bytes for every position.

    /** The bytes of a replica. */
    static byte[] replicaBytes(long amendment, int position, int bytes) {
        byte[] out = new byte[bytes];
        new java.util.Random(amendment * 1000 + position).nextBytes(out);
        return out;
    }

    static int replicaSize(Contract contract) {
        return Math.clamp(contract.estimatedBytes() / 2, 1, 5_000);
    }

    Outcome.Hosted hosted(Amendment amendment, Assignment assignment) {
        Contract contract = contract(amendment.contract());
        byte[] bytes = replicaBytes(amendment.id(), assignment.position(), replicaSize(contract));
        return hosted(amendment, assignment, new Tree(bytes).root(), bytes.length);
    }

    Outcome.Hosted hosted(Amendment amendment, Assignment assignment, Hash root, long encodedBytes) {
        Outcome.SignedStatement statement = statement(amendment, assignment, root, encodedBytes);
        HosterReceipt receipt = new HosterReceipt(
                amendment.contract(), amendment.id(), assignment.position(), assignment.hoster(), root);
        return new Outcome.Hosted(
                assignment.position(),
                statement,
                Ed25519.sign(
                        receipt.signable(GENESIS),
                        person(assignment.hoster()).keys().signing().secretKey()));
    }

    Outcome.SignedStatement statement(Amendment amendment, Assignment assignment, Hash root, long encodedBytes) {
        int sealing = plan(contract(amendment.contract()).plan()).sealing();
        ReplicaStatement statement = new ReplicaStatement(
                amendment.contract(),
                amendment.id(),
                assignment.position(),
                assignment.encoder(),
                root,
                ReplicaHash.leafCount(encodedBytes),
                encodedBytes,
                sealing,
                new Bytes(new byte[sealing == 0 ? 0 : ReplicaStatement.SEALING_KEY_BYTES]));
        return new Outcome.SignedStatement(
                statement,
                Ed25519.sign(
                        statement.signable(GENESIS),
                        person(assignment.encoder()).keys().signing().secretKey()));
    }

    Outcome.SignedStatement statement(Amendment amendment, Assignment assignment) {
        byte[] bytes = replicaBytes(amendment.id(), assignment.position(), replicaSize(contract(amendment.contract())));
        return statement(amendment, assignment, new Tree(bytes).root(), bytes.length);
    }

    /** The report that everything went well. */
    Call.AmendmentReport report(Amendment amendment) {
        List<Outcome> outcomes = new ArrayList<>();
        amendment.assignments().forEach(assignment -> outcomes.add(hosted(amendment, assignment)));
        return new Call.AmendmentReport(amendment.id(), outcomes);
    }

    List<Event> reportAll(Amendment amendment) {
        return submit(person(amendment.attestor()), report(amendment));
    }

    /** The right answer to a challenge. */
    Call.SubmitStorageChallenge answer(StorageChallenge challenge) {
        List<StorageProof> proofs = new ArrayList<>();
        for (Check check : challenge.checks()) {
            Position position = contract(check.contract()).positions().get(check.position());
            if (position.status() != PositionStatus.ACTIVE || position.hoster() != challenge.hoster()) {
                // It was told to drop it meanwhile.
                proofs.add(new StorageProof(check.leafIndex(), new byte[0], List.of()));
                continue;
            }
            byte[] bytes = replicaBytes(position.amendment(), check.position(), (int)
                    position.replica().orElseThrow().encodedBytes());
            proofs.add(new Tree(bytes).prove(check.leafIndex()));
        }
        return new Call.SubmitStorageChallenge(challenge.id(), proofs);
    }

    StorageChallenge challenge(long id) {
        return queries().getStorageChallengeByID(id).orElseThrow();
    }

    /** Everybody who is not silent does what is to be done now. */
    void everybodyWorks() {
        List<Long> ids = new ArrayList<>(people.keySet());
        Collections.sort(ids);
        for (long id : ids) {
            for (long open : jobs(id).amendments()) {
                Amendment amendment = amendment(open);
                if (amendment.attestor() == id && !silentAttestors.contains(id)) {
                    reportAll(amendment);
                }
            }
            jobs(id).challenge().ifPresent(open -> {
                if (!silentHosters.contains(id)) {
                    submit(person(id), answer(challenge(open)));
                }
            });
            for (long open : jobs(id).performances()) {
                measure(id, open, measured).ifPresent(call -> submit(person(id), call));
            }
        }
    }

    static Hash salt(long challenge, long attestor) {
        return new Hash(
                Blake2b.hash(new ScaleEncoder().u64(challenge).u64(attestor).toBytes()));
    }

    /** What an attestor is to submit to a performance challenge now, if anything. */
    Optional<Call> measure(long attestor, long id, Measurement found) {
        PerformanceChallenge challenge =
                queries().getPerformanceChallengeByID(id).orElseThrow();
        PerformanceChallenge.Report own = challenge.report(attestor).orElseThrow();
        Hash salt = salt(id, attestor);
        if (challenge.status() == PerformanceStatus.COMMITTING
                && own.commitment().isEmpty()) {
            return Optional.of(new Call.SubmitPerformanceChallenge(
                    id, new PerformanceSubmission.Commit(found.commitment(GENESIS, id, attestor, salt))));
        }
        if (challenge.status() == PerformanceStatus.REVEALING
                && own.measurement().isEmpty()) {
            return Optional.of(new Call.SubmitPerformanceChallenge(id, new PerformanceSubmission.Reveal(found, salt)));
        }
        return Optional.empty();
    }

    /** So many blocks in which everybody works. */
    void blocks(int count) {
        for (int i = 0; i < count; i++) {
            block();
            everybodyWorks();
        }
    }

    <E extends Event> List<E> seen(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** A replica's Merkle tree, written for the tests: all levels in memory. */
    static final class Tree {
        private final byte[] bytes;
        private final List<List<Hash>> levels = new ArrayList<>();

        Tree(byte[] bytes) {
            this.bytes = bytes;
            List<Hash> level = new ArrayList<>();
            for (int at = 0; at < bytes.length; at += ReplicaHash.LEAF_BYTES) {
                level.add(ReplicaHash.leaf(bytes, at, Math.min(ReplicaHash.LEAF_BYTES, bytes.length - at)));
            }
            levels.add(level);
            while (level.size() > 1) {
                List<Hash> above = new ArrayList<>();
                for (int i = 0; i < level.size(); i += 2) {
                    above.add(
                            i + 1 == level.size() ? level.get(i) : ReplicaHash.parent(level.get(i), level.get(i + 1)));
                }
                level = above;
                levels.add(level);
            }
        }

        Hash root() {
            return levels.getLast().getFirst();
        }

        int leaves() {
            return levels.getFirst().size();
        }

        StorageProof prove(long leaf) {
            int from = (int) leaf * ReplicaHash.LEAF_BYTES;
            int to = Math.min(bytes.length, from + ReplicaHash.LEAF_BYTES);
            List<Hash> siblings = new ArrayList<>();
            int index = (int) leaf;
            for (List<Hash> level : levels) {
                int sibling = index ^ 1;
                if (sibling < level.size()) {
                    siblings.add(level.get(sibling));
                }
                index >>= 1;
            }
            return new StorageProof(leaf, java.util.Arrays.copyOfRange(bytes, from, to), siblings);
        }
    }
}
