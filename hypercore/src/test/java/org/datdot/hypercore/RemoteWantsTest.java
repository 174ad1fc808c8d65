package org.datdot.hypercore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RemoteWantsTest {

    private static ReplicationMessage.Want want(long start, long length) {
        return new ReplicationMessage.Want(start, length, false);
    }

    @Test
    void shouldKnowWhatWasWantedUntilItIsTakenBack() {
        RemoteWants wants = new RemoteWants();
        assertThat(wants.touches(0, 10)).isFalse();
        assertThat(wants.add(want(4096, 4096))).isTrue();
        assertThat(wants.touches(4095, 4096)).isFalse();
        assertThat(wants.touches(4095, 4097)).isTrue();
        assertThat(wants.touches(8191, 8192)).isTrue();
        assertThat(wants.touches(8192, 9000)).isFalse();
        wants.remove(new ReplicationMessage.Unwant(4096, 4096, false));
        assertThat(wants.touches(4096, 8192)).isFalse();
    }

    @Test
    void shouldTellEverythingWhenWantsAreManyOrOdd() {
        RemoteWants odd = new RemoteWants();
        assertThat(odd.add(want(1, 33))).isTrue();
        assertThat(odd.touches(1_000_000, 1_000_001)).isTrue();

        RemoteWants many = new RemoteWants();
        for (long i = 0; i < 512; i++) many.add(want(i * 32, 32));
        assertThat(many.touches(512 * 32, 512 * 32 + 1)).isFalse();
        many.add(want(512 * 32, 32));
        assertThat(many.touches(1_000_000, 1_000_001)).isTrue();
    }

    @Test
    void shouldIgnoreWantsLongerThanTheLimit() {
        RemoteWants wants = new RemoteWants();
        assertThat(wants.add(want(0, 2 * RemoteWants.MAX_LENGTH_BLOCKS))).isFalse();
        assertThat(wants.touches(0, 10)).isFalse();
    }
}
