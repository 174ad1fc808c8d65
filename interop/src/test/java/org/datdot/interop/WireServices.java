package org.datdot.interop;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.datdot.encoding.CompactDecoder;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelHandler;
import org.datdot.wire.ChannelSpec;
import org.datdot.wire.Protomux;

/** Answers on a connection what interop/node/wire-peer.mjs answers; the protocols are described there. */
final class WireServices {
    private static final byte[] NOTHING = new byte[0];

    private WireServices() {}

    static void attach(Protomux mux) {
        serve(mux, "test/echo", Echo::new);
        serve(mux, "test/sink", Sink::new);
        serve(mux, "test/source", Source::new);
        serve(mux, "test/batch", Batch::new);
        serve(mux, "test/close", Closing::new);
    }

    private static void serve(Protomux mux, String protocol, Supplier<ChannelHandler> handler) {
        mux.pair(
                protocol,
                (on, id) -> on.open(
                        new ChannelSpec(protocol, id, protocol.getBytes(StandardCharsets.UTF_8), handler.get())));
    }

    static byte[] uint32(int... numbers) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int number : numbers) buffer.putInt(number);
        return buffer.array();
    }

    private static final class Echo implements ChannelHandler {
        @Override
        public void onMessage(Channel channel, int type, CompactDecoder payload) {
            channel.send(1, payload.raw());
        }
    }

    private static final class Sink implements ChannelHandler {
        private long byteLength;

        @Override
        public void onMessage(Channel channel, int type, CompactDecoder payload) {
            if (type == 0) {
                byteLength += payload.remaining();
            } else {
                channel.send(
                        1,
                        ByteBuffer.allocate(8)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .putLong(byteLength)
                                .array());
            }
        }
    }

    private static final class Source implements ChannelHandler {
        private byte[] block = NOTHING;
        private long left;

        @Override
        public void onMessage(Channel channel, int type, CompactDecoder payload) {
            left = payload.uint32();
            block = new byte[(int) payload.uint32()];
            onDrain(channel);
        }

        @Override
        public void onDrain(Channel channel) {
            while (left > 0) {
                boolean writable = channel.send(1, block);
                if (--left == 0) channel.send(2, NOTHING);
                if (!writable) return;
            }
        }
    }

    private static final class Batch implements ChannelHandler {
        @Override
        public void onMessage(Channel channel, int type, CompactDecoder payload) {
            channel.cork();
            long count = payload.uint32();
            for (int i = 0; i < count; i++) channel.send(1, uint32(i));
            channel.uncork();
        }
    }

    private static final class Closing implements ChannelHandler {
        @Override
        public void onMessage(Channel channel, int type, CompactDecoder payload) {
            channel.close();
        }
    }
}
