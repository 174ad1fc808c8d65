package org.datdot.chain;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.DecodingException;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Fees;
import org.datdot.ledger.StateReader;
import org.jspecify.annotations.Nullable;

/**
 * A second engine, for tests: several replicas in memory, each with its own ledger, and one order of rounds that all of them are given. What is handed in to different replicas comes in an order
 * nobody chose, with copies and rubbish between, as an order agreed on by many would have them. Members change at the end of an epoch of {@value #EPOCH_ROUNDS} rounds.
 */
final class MemoryNetwork implements EngineContract.Network {
    private static final int EPOCH_ROUNDS = 5;

    private final ChainSpec spec = TestChain.spec("test");
    private final Random random = new Random(42);
    private final List<Round> rounds = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();
    private Membership membership;
    private @Nullable Membership next;

    MemoryNetwork(int members) {
        Map<PublicKey, Long> weights = new LinkedHashMap<>();
        for (int i = 0; i < members; i++) {
            Replica replica = new Replica(key(i), null);
            replicas.add(replica);
            weights.put(replica.key, 1L + i);
        }
        membership = new Membership(0, weights);
    }

    private static PublicKey key(int number) {
        return KeyPair.fromSeed(TestChain.seed("member " + number)).publicKey();
    }

    @Override
    public List<Engine> members() {
        return replicas.stream()
                .filter(each -> membership.weights().containsKey(each.key))
                .<Engine>map(each -> each)
                .toList();
    }

    @Override
    public boolean grows() {
        return true;
    }

    @Override
    public void advance(int count) {
        for (int i = 0; i < count; i++) {
            round();
        }
    }

    private void round() {
        Replica any = replicas.getLast();
        List<byte[]> handedIn = new ArrayList<>();
        for (Replica replica : replicas) {
            handedIn.addAll(replica.takeWaiting());
        }
        if (random.nextBoolean()) {
            byte[] rubbish = new byte[random.nextInt(150)];
            random.nextBytes(rubbish);
            handedIn.add(rubbish);
        }
        for (byte[] each : List.copyOf(handedIn)) {
            if (random.nextInt(3) == 0) {
                handedIn.add(each);
            }
        }
        java.util.Collections.shuffle(handedIn, random);
        Header head = any.head();
        Round round = new Round(
                head.number() + 1,
                head.hash(),
                head.timestampMs() + 1 + random.nextInt(6_000),
                new Hash(Blake2b.hash(("round " + rounds.size()).getBytes(StandardCharsets.US_ASCII))),
                handedIn);
        rounds.add(round);
        replicas.forEach(each -> each.execute(round));
        if (rounds.size() % EPOCH_ROUNDS == 0 && next != null) {
            membership = next;
            next = null;
        }
    }

    @Override
    public void restart(int member) {
        // It kept nothing: all rounds once more.
        Replica old = (Replica) members().get(member);
        Replica again = new Replica(old.key, null);
        rounds.forEach(again::execute);
        replicas.set(replicas.indexOf(old), again);
        old.close();
    }

    @Override
    public EngineContract.Joined join(StateSnapshot snapshot) {
        Replica joined = new Replica(key(replicas.size()), snapshot);
        rounds.stream()
                .filter(round -> round.number() > snapshot.block().header().number())
                .forEach(joined::execute);
        replicas.add(joined);
        return new EngineContract.Joined(joined, joined.key);
    }

    @Override
    public void close() {
        replicas.forEach(Replica::close);
    }

    private final class Replica implements Engine {
        private final PublicKey key;
        private final Hash genesis;
        private final LedgerMachine machine;
        private final Map<Long, Block> blocks = new TreeMap<>();
        private final Map<Long, List<EventRecord>> events = new TreeMap<>();
        private final Map<Hash, byte[]> waiting = new LinkedHashMap<>();
        private final HeadFeed heads = new HeadFeed();
        private final CompletableFuture<Void> stopped = new CompletableFuture<>();
        private Best best;

        Replica(PublicKey key, @Nullable StateSnapshot from) {
            this.key = key;
            Block first = Replay.genesisBlock(
                    spec, StateTrie.EMPTY.with(LedgerMachine.genesis(spec, (feed, manifest, head) -> true)));
            this.genesis = first.header().hash();
            this.machine = new LedgerMachine(spec, (feed, manifest, head) -> true, genesis);
            Block start = from == null ? first : from.block();
            blocks.put(start.header().number(), start);
            events.put(start.header().number(), from == null ? List.of() : EventRecord.decodeAll(from.events()));
            best = new Best(
                    start.header(),
                    from == null
                            ? StateTrie.EMPTY.with(LedgerMachine.genesis(spec, (feed, manifest, head) -> true))
                            : from.trie());
        }

        void execute(Round round) {
            RoundResult result = machine.apply(best.state(), round);
            StateTrie after = best.state().with(result.changes());
            Header header = Header.unsigned(round, after.root(), Block.extrinsicsRoot(result.included()));
            blocks.put(header.number(), new Block(header, result.included()));
            events.put(header.number(), result.events());
            best = new Best(header, after);
            heads.publish(header);
        }

        List<byte[]> takeWaiting() {
            List<byte[]> taken = List.copyOf(waiting.values());
            waiting.clear();
            return taken;
        }

        @Override
        public Header head() {
            return best.head();
        }

        @Override
        public @Nullable Block block(long number) {
            return blocks.get(number);
        }

        @Override
        public List<EventRecord> events(long number) {
            return events.getOrDefault(number, List.of());
        }

        @Override
        public <T> T read(Function<StateReader, T> question) {
            return question.apply(best.state());
        }

        @Override
        public Extrinsic submit(byte[] encoded) {
            Extrinsic extrinsic;
            try {
                extrinsic = Extrinsic.decode(encoded);
            } catch (DecodingException e) {
                throw new PoolException(PoolException.Kind.BAD_FORMAT, String.valueOf(e.getMessage()));
            }
            BlockHashes hashes =
                    new BlockHashes(best.head().number(), best.head().hash(), best.state());
            if (!extrinsic.verify(genesis, hashes)) {
                throw PoolException.notSigned(extrinsic);
            }
            AccountId signer = extrinsic.signer();
            if (extrinsic.nonce() < LedgerMachine.nonce(best.state(), signer)) {
                throw new PoolException(PoolException.Kind.STALE_NONCE, "it was used already");
            }
            if (!Fees.payable(best.state(), spec.parameters(), signer, extrinsic.call())) {
                throw PoolException.cannotPay(Fees.of(spec.parameters(), extrinsic.call()));
            }
            if (waiting.putIfAbsent(extrinsic.hash(), encoded) != null) {
                throw new PoolException(PoolException.Kind.ALREADY_IMPORTED, "it waits");
            }
            return extrinsic;
        }

        @Override
        public Subscription onHead(Consumer<Header> listener) {
            return heads.subscribe(listener);
        }

        @Override
        public StateSnapshot snapshot() {
            long number = best.head().number();
            Block block = java.util.Objects.requireNonNull(blocks.get(number));
            return new StateSnapshot(spec, block, EventRecord.encodeAll(events(number)), best.state());
        }

        @Override
        public Membership membership() {
            return membership;
        }

        @Override
        public void propose(Membership proposed) {
            Set<PublicKey> known = new HashSet<>();
            replicas.forEach(each -> known.add(each.key));
            if (proposed.epoch() != membership.epoch() + 1
                    || !known.containsAll(proposed.weights().keySet())) {
                throw new IllegalArgumentException(
                        "the next epoch is " + (membership.epoch() + 1) + ", of known members");
            }
            next = proposed;
        }

        @Override
        public CompletableFuture<Void> stopped() {
            return stopped;
        }

        @Override
        public void close() {
            heads.close();
            stopped.complete(null);
        }
    }
}
