package org.datdot.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.datdot.wire.OutgoingMessage;
import org.datdot.wire.SecretStream;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final int FRAME_BYTES = 10 + SecretStream.OVERHEAD_BYTES;

    private final Outbox outbox = new Outbox(1_000, 10_000);
    private final List<OutgoingMessage> taken = new ArrayList<>();
    private int writers;

    private static OutgoingMessage message() {
        return OutgoingMessage.of(new byte[10]);
    }

    @Test
    void shouldStartOneWriterAtATimeAndAnotherOneOnlyAfterItFoundNothing() {
        outbox.add(message());
        assertThat(writers).as("before anything may be written").isZero();
        outbox.writeWith(() -> writers++);
        assertThat(writers).isEqualTo(1);
        outbox.add(message());
        assertThat(outbox.take(taken, 1_000)).isEqualTo(2 * FRAME_BYTES);
        outbox.add(message());
        assertThat(writers).as("while the first one is at work").isEqualTo(1);
        assertThat(outbox.take(taken, 1_000)).isEqualTo(FRAME_BYTES);
        assertThat(outbox.take(taken, 1_000)).isZero();
        outbox.add(message());
        assertThat(writers).isEqualTo(2);
        assertThat(taken).hasSize(3);
    }

    @Test
    void shouldStartAWriterForTheEndWhenNothingIsLeftToWrite() {
        outbox.writeWith(() -> writers++);
        assertThat(writers).isZero();
        outbox.end();
        assertThat(writers).isEqualTo(1);
        assertThat(outbox.take(taken, 1_000)).isEqualTo(Outbox.OVER);
        assertThat(outbox.add(message())).isEqualTo(Outbox.Added.CLOSED);
        assertThat(writers).isEqualTo(1);
    }

    @Test
    void shouldWriteWhatIsQueuedBeforeTheEnd() {
        outbox.writeWith(() -> writers++);
        outbox.add(message());
        outbox.end();
        assertThat(outbox.take(taken, 1_000)).isEqualTo(FRAME_BYTES);
        assertThat(outbox.take(taken, 1_000)).isEqualTo(Outbox.OVER);
        assertThat(writers).isEqualTo(1);
    }

    @Test
    void shouldSayThatItIsOverToTheWriterOfTheLastMessagesOnly() {
        outbox.writeWith(() -> writers++);
        outbox.add(message());
        outbox.take(taken, 1_000);
        int first = outbox.take(taken, 1_000);
        outbox.add(message());
        outbox.end();
        assertThat(outbox.take(taken, 1_000)).as("for the second writer").isEqualTo(FRAME_BYTES);
        assertThat(first).isZero();
        assertThat(outbox.take(taken, 1_000)).isEqualTo(Outbox.OVER);
        assertThat(writers).isEqualTo(2);
    }

    @Test
    void shouldWaitForTheWriterThatIsAtWorkAndStartNoneAfterwards() throws Exception {
        outbox.writeWith(() -> writers++);
        outbox.add(message());
        outbox.close();
        CompletableFuture<Boolean> writerWasThere = new CompletableFuture<>();
        Thread waiting = Thread.ofVirtual().start(() -> {
            outbox.awaitWriter();
            writerWasThere.complete(taken.isEmpty());
        });
        while (waiting.getState() != Thread.State.WAITING) Thread.onSpinWait();
        assertThat(writerWasThere).isNotDone();
        outbox.writerEnded();
        assertThat(writerWasThere.get(60, TimeUnit.SECONDS)).isTrue();
        outbox.end();
        assertThat(writers).isEqualTo(1);
    }
}
