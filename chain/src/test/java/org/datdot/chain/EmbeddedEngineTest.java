package org.datdot.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedEngineTest {
    @TempDir
    Path temporary;

    @Test
    void shouldMakeBlocksWithRisingTimestampsWhenTheClockStandsStill() throws Exception {
        try (Chain chain = TestChain.open(temporary)) {
            CountDownLatch five = new CountDownLatch(5);
            chain.onHead(header -> five.countDown());
            InstantSource still = InstantSource.fixed(Instant.ofEpochMilli(TestChain.START_MS));
            EmbeddedEngine engine = EmbeddedEngine.start(chain, TestChain.AUTHORITY, Duration.ofMillis(5), still);
            assertThat(five.await(TestChain.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            engine.close();
            assertThat(engine.stopped()).isCompleted();
            Header head = chain.head();
            assertThat(head.timestampMs()).isEqualTo(TestChain.START_MS + head.number());
            assertThat(chain.verify()).isEqualTo(head);
        }
    }

    @Test
    void shouldClosePromptlyWhenTheNextBlockIsFarAway() {
        try (Chain chain = TestChain.open(temporary)) {
            EmbeddedEngine engine =
                    EmbeddedEngine.start(chain, TestChain.AUTHORITY, Duration.ofHours(1), InstantSource.system());
            long start = System.nanoTime();
            engine.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(5));
            assertThat(chain.head().number()).isZero();
        }
    }

    @Test
    void shouldTellWhyItStoppedWhenTheChainIsClosed() {
        Chain chain = TestChain.open(temporary);
        try (EmbeddedEngine engine =
                EmbeddedEngine.start(chain, TestChain.AUTHORITY, Duration.ofMillis(50), InstantSource.system())) {
            chain.close();
            assertThatThrownBy(() -> engine.stopped().get(TestChain.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .hasRootCauseInstanceOf(ChainException.class);
        }
    }

    @Test
    void shouldRefuseAKeyWhenItIsNotTheAuthoritys() {
        try (Chain chain = TestChain.open(temporary)) {
            assertThatThrownBy(() -> EmbeddedEngine.start(
                            chain, TestChain.BOB.chain(), Duration.ofSeconds(1), InstantSource.system()))
                    .isInstanceOf(ChainException.class)
                    .hasMessageContaining("authority");
        }
    }
}
