package org.datdot.chain;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Hash;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.Bytes;
import org.datdot.ledger.Call;
import org.datdot.ledger.FeedHead;
import org.datdot.ledger.Form;
import org.datdot.ledger.Queries;
import org.datdot.ledger.Segment;
import org.datdot.ledger.TreeHeadVerifier;

/**
 * A process for tests that makes the same history each time, in an order of threads that is not the same: users, providers, feeds, plans, draws, missed deadlines. It prints the root after each
 * block, then those it finds in other ways, and ends.
 */
final class HistoryProcess {
    private static final int PEOPLE = 24;
    private static final int BLOCKS = 120;
    private static final TreeHeadVerifier ANY = (key, manifest, head) -> true;

    private HistoryProcess() {}

    private static AccountKeys person(int number) {
        return TestChain.account("person " + number);
    }

    /** What people do in a block, those who do being drawn by its number. */
    private static List<Call> calls(int person, int block, Queries queries) {
        Random random = new Random(1_000L * block + person);
        AccountKeys keys = person(person);
        if (block == 1) {
            return List.of(
                    new Call.NewUser(keys.signing().publicKey(), keys.noise().publicKey()));
        }
        if (block == 2) {
            String region = String.format(Locale.ROOT, "R%d", person % 3);
            String address = "10.0." + person + ".1:4000";
            return List.of(
                    new Call.RegisterForWork(new Form(1L << 40, 100 + person, 4, address, List.of(region), 0, 0)));
        }
        if (person < 4 && block % 10 == 3) {
            CoreKey key = new CoreKey(TestChain.seed("feed " + person + " " + block));
            TreeNode root = new TreeNode(7, 8 * 65_536, new TreeHash(TestChain.seed("root " + person + " " + block)));
            return List.of(new Call.PublishFeed(
                    key, new Bytes(new byte[0]), new FeedHead(0, 8, List.of(root), new Bytes(new byte[64]))));
        }
        if (person < 4 && block % 10 == 4) {
            CoreKey key = new CoreKey(TestChain.seed("feed " + person + " " + (block - 1)));
            return queries.getFeedByKey(key)
                    .<List<Call>>map(feed -> List.of(new Call.PublishPlan(
                            List.of(new Segment(feed.id(), 8, 0, 8)),
                            3,
                            0,
                            TestChain.START_MS + 3_600_000,
                            50_000_000_000L + random.nextInt(1_000),
                            List.of(),
                            List.of("10.0.0.1:3000"))))
                    .orElse(List.of());
        }
        return random.nextInt(4) == 0
                ? List.of(TestChain.transfer(person(random.nextInt(PEOPLE)), 1 + random.nextInt(500)))
                : List.of();
    }

    private static ChainSpec spec() {
        ChainSpec rich = TestChain.spec("history");
        List<org.datdot.ledger.Genesis.Endowment> endowments =
                new ArrayList<>(rich.genesis().endowments());
        for (int i = 0; i < PEOPLE; i++) {
            endowments.add(new org.datdot.ledger.Genesis.Endowment(TestChain.id(person(i)), TestChain.RICH));
        }
        return new ChainSpec(
                rich.name(),
                rich.timestampMs(),
                rich.authority(),
                rich.parameters(),
                new org.datdot.ledger.Genesis(rich.genesis().treasury(), endowments));
    }

    private static Chain open(Path directory) {
        return Chain.open(directory, spec(), ANY);
    }

    /** Hands all in at once, from as many threads as there are; what each person sends has its own order. */
    private static void handIn(Chain chain, int block, ExecutorService threads) throws Exception {
        Queries queries = chain.read(Queries::new);
        List<java.util.concurrent.Future<?>> under = new ArrayList<>();
        for (int person = 0; person < PEOPLE; person++) {
            int who = person;
            // One after the other: the order of extrinsics is part of the history. Checks run on other threads.
            under.add(threads.submit(() -> {
                for (Call call : calls(who, block, queries)) {
                    TestChain.submit(chain, person(who), call);
                }
            }));
            under.getLast().get();
        }
    }

    /** The root of the state that the history leads to. */
    static Hash lastRoot(Path directory) throws Exception {
        try (ExecutorService one = Executors.newSingleThreadExecutor();
                Chain chain = open(directory)) {
            for (int block = 1; block <= BLOCKS; block++) {
                handIn(chain, block, one);
                TestChain.produce(chain);
            }
            return chain.head().stateRoot();
        }
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        Path place = Path.of(arguments[0]);
        int processors = Runtime.getRuntime().availableProcessors();
        Header head;
        try (ExecutorService threads = Executors.newFixedThreadPool(processors);
                Chain chain = open(place.resolve("one"))) {
            for (int block = 1; block <= BLOCKS; block++) {
                handIn(chain, block, threads);
                head = TestChain.produce(chain);
                out.println("root " + head.number() + " " + head.stateRoot().hex() + " "
                        + head.hash().hex() + " "
                        + new Hash(org.datdot.crypto.Blake2b.hash(EventRecord.encodeAll(chain.events(head.number()))))
                                .hex());
            }
            long kinds = java.util.stream.LongStream.rangeClosed(1, BLOCKS)
                    .mapToObj(chain::events)
                    .flatMap(List::stream)
                    .map(each -> each.event().getClass())
                    .distinct()
                    .count();
            out.println("kinds " + kinds);
        }
        try (Chain chain = open(place.resolve("one"))) {
            out.println("reopened " + chain.best().state().root().hex());
            out.println("verified " + chain.verify().stateRoot().hex());
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            chain.snapshot().write(bytes);
            out.println("snapshot " + new Hash(org.datdot.crypto.Blake2b.hash(bytes.toByteArray())).hex());
            ChainRestore.begin(
                    place.resolve("two"), StateSnapshot.read(new ByteArrayInputStream(bytes.toByteArray())), ANY);
        }
        try (Chain chain = open(place.resolve("two"))) {
            out.println("restored " + chain.best().state().root().hex());
            out.println("next " + TestChain.produce(chain).hash().hex());
        }
        out.println("on "
                + Arrays.asList(
                        Locale.getDefault(),
                        java.util.TimeZone.getDefault().getID(),
                        processors,
                        new Object().hashCode()));
        out.flush();
    }
}
