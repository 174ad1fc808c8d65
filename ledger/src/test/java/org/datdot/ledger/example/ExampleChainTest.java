package org.datdot.ledger.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Hash;
import org.datdot.crypto.TreeHash;
import org.datdot.crypto.TreeNode;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.AccountKeys;
import org.datdot.ledger.BlockContext;
import org.datdot.ledger.Bytes;
import org.datdot.ledger.Call;
import org.datdot.ledger.Config;
import org.datdot.ledger.Contract;
import org.datdot.ledger.Event;
import org.datdot.ledger.FeedHead;
import org.datdot.ledger.Form;
import org.datdot.ledger.Genesis;
import org.datdot.ledger.MapState;
import org.datdot.ledger.Pallet;
import org.datdot.ledger.Parameters;
import org.datdot.ledger.Queries;
import org.datdot.ledger.Segment;
import org.junit.jupiter.api.Test;

class ExampleChainTest {
    private static final long NOW_MS = 1_700_000_000_000L;
    private static final Path SOURCE = Path.of("src/test/java/org/datdot/ledger/example/ExampleChain.java");

    private static AccountKeys keys(String name) {
        return AccountKeys.fromSeed(hash(name).bytes());
    }

    private static Hash hash(String text) {
        return new Hash(Blake2b.hash(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static SignedCall by(String name, Call call) {
        return new SignedCall(keys(name).accountId(), call);
    }

    private static Call newUser(String name) {
        return new Call.NewUser(
                keys(name).signing().publicKey(), keys(name).noise().publicKey());
    }

    private static BlockContext block(long number) {
        return new BlockContext(number, NOW_MS + 1000 * number, hash("block " + number));
    }

    /** Ten blocks in a contract as the original had it, one copy instead of three, no fees and no collateral. */
    @Test
    void shouldHostInAChainWithParametersOfItsOwn() {
        Parameters own = Parameters.defaults()
                .with("ContractSetSize", 10)
                .with("FeePerWeight", 0)
                .with("FeePerByte", 0)
                .with("CollateralPerGib", 0);
        AccountId sponsor = keys("sponsor").accountId();
        MapState state = new MapState();
        Pallet pallet = new Pallet(new Config(own, (key, manifest, head) -> head.fork() == 0, hash("another chain")));
        pallet.genesis(
                state,
                new Genesis(keys("treasury").accountId(), List.of(new Genesis.Endowment(sponsor, 1_000_000_000L))));
        ExampleChain chain = new ExampleChain(pallet, state);

        CoreKey feed = new CoreKey(hash("feed").bytes());
        FeedHead head = new FeedHead(
                0, 16, List.of(new TreeNode(15, 1600, new TreeHash(hash("root").bytes()))), new Bytes(new byte[0]));
        List<SignedCall> first = new ArrayList<>();
        for (String name : List.of("sponsor", "a", "b", "c")) {
            first.add(by(name, newUser(name)));
        }
        for (String name : List.of("a", "b", "c")) {
            first.add(by(name, new Call.RegisterForWork(new Form(1L << 30, 0, 4, "127.0.0.1:4000", List.of(), 0, 0))));
        }
        first.add(by("sponsor", new Call.PublishFeed(feed, new Bytes(new byte[0]), head)));
        chain.execute(block(1), first);
        long id = new Queries(state).getFeedByKey(feed).orElseThrow().id();
        List<Event> events = chain.execute(
                block(2),
                List.of(by(
                        "sponsor",
                        new Call.PublishPlan(
                                List.of(new Segment(id, 16, 0, 16)),
                                1,
                                0,
                                NOW_MS + 3_600_000,
                                1_000_000,
                                List.of(),
                                List.of("127.0.0.1:3000")))));

        List<Long> blocks = events.stream()
                .filter(Event.NewContract.class::isInstance)
                .map(event -> ((Event.NewContract) event).contract())
                .map(contract -> new Queries(state)
                        .getContractByID(contract)
                        .map(Contract::blocks)
                        .orElseThrow())
                .toList();
        assertThat(blocks).as("as many blocks in a contract as this chain says").containsExactly(10L, 6L);
        assertThat(events).filteredOn(Event.NewAmendment.class::isInstance).hasSize(2);
        assertThat(new Queries(state).getAccount(sponsor).free()).isEqualTo(1_000_000_000L - 1_000_000);
        // No unit came or went: the treasury, the sponsor's free and reserved ones.
        assertThat(new Queries(state).getTotalIssuance()).isEqualTo(1_000_000_000L);
    }

    @Test
    void shouldStandInTheReadmeAsItIs() throws IOException {
        String code = Files.readString(SOURCE);
        String shown = code.substring(
                code.indexOf("// begin README\n") + "// begin README\n".length(), code.indexOf("// end README"));
        assertThat(Files.readString(Path.of("README.md"))).contains("```java\n" + shown + "```");
    }
}
