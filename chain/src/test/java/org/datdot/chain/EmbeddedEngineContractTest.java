package org.datdot.chain;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** {@link EngineContract} of the engine of one author. */
class EmbeddedEngineContractTest extends EngineContract {
    @Override
    Network start(Path directory) {
        return new Alone(directory);
    }

    /** The author, and followers that were begun from snapshots: they import its blocks. */
    private static final class Alone implements Network {
        private final Path directory;
        private Chain chain;
        private EmbeddedEngine engine;
        private final List<Chain> followers = new ArrayList<>();

        Alone(Path directory) {
            this.directory = directory;
            this.chain = TestChain.open(directory.resolve("author"));
            this.engine = start(chain);
        }

        private static EmbeddedEngine start(Chain chain) {
            return EmbeddedEngine.start(chain, TestChain.AUTHORITY, Duration.ofMillis(3), InstantSource.system());
        }

        @Override
        public List<Engine> members() {
            return List.of(engine);
        }

        @Override
        public boolean grows() {
            return false;
        }

        @Override
        public void advance(int rounds) {
            long wanted = chain.head().number() + rounds;
            try (LocalLedgerClient client = new LocalLedgerClient(chain, TestChain.PATIENCE)) {
                Header head = TestChain.awaitHead(client, header -> header.number() >= wanted);
                for (Chain follower : followers) {
                    while (follower.head().number() < head.number()) {
                        follower.importBlock(
                                TestChain.block(chain, follower.head().number() + 1));
                    }
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void restart(int member) {
            engine.close();
            chain.close();
            chain = TestChain.open(directory.resolve("author"));
            engine = start(chain);
        }

        @Override
        public Joined join(StateSnapshot snapshot) {
            Path place = directory.resolve("joiner-" + followers.size());
            ChainRestore.begin(place, snapshot, (key, manifest, head) -> true);
            Chain follower = Chain.open(place, (key, manifest, head) -> true);
            followers.add(follower);
            // The author's own engine stands for it: a follower takes no part in deciding.
            return new Joined(engine, TestChain.AUTHORITY.publicKey());
        }

        @Override
        public void close() {
            engine.close();
            followers.forEach(Chain::close);
            chain.close();
        }
    }
}
