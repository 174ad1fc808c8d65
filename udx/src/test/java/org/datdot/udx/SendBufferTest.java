package org.datdot.udx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class SendBufferTest {
    @Test
    void shouldReadNothingWhenTheMemoryOfWhatCameBeforeWasGivenBack() {
        SendBuffer buffer = new SendBuffer(1 << 20);
        buffer.write(ByteBuffer.allocate(5_000));
        buffer.release(5_000);
        buffer.trim();
        buffer.end();
        ByteBuffer target = ByteBuffer.allocate(10);
        buffer.read(5_000, 0, target);
        assertThat(target.position()).isZero();
        assertThat(buffer.bufferedBytes()).isZero();
    }
}
