package org.datdot.interop;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.datdot.encoding.CompactDecoder;
import org.datdot.wire.Channel;
import org.datdot.wire.ChannelHandler;
import org.datdot.wire.ChannelSpec;
import org.datdot.wire.Protomux;
import org.jspecify.annotations.Nullable;

/** A channel of a test's own: what happens on it waits in queues. */
final class Talk implements ChannelHandler {
    /** A message of the peer. */
    @SuppressWarnings("ArrayRecordComponent") // looked at, never compared
    record Message(int type, byte[] payload) {}

    final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<byte[]> opened = new CompletableFuture<>();
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
    private final BlockingQueue<Boolean> drained = new LinkedBlockingQueue<>();
    final Channel channel;

    Talk(Protomux mux, String protocol, byte @Nullable [] id, byte[] handshake) {
        channel = mux.open(new ChannelSpec(protocol, id, handshake, this));
    }

    /** A channel whose handshake is its protocol's name. */
    static Talk open(Protomux mux, String protocol, byte @Nullable [] id) {
        return new Talk(mux, protocol, id, protocol.getBytes(StandardCharsets.UTF_8));
    }

    /** Waits until the peer has opened its end too; its handshake. */
    byte[] awaitOpen() {
        return opened.orTimeout(60, TimeUnit.SECONDS).join();
    }

    /** Waits for the end; whether the peer made it. */
    boolean awaitClosed() {
        return closed.orTimeout(60, TimeUnit.SECONDS).join();
    }

    boolean isOpened() {
        return opened.isDone();
    }

    Message next() {
        return Waiting.next(messages);
    }

    /** Sends and, when the connection is full, waits until it takes more. */
    void sendPatiently(int type, byte[] payload) {
        if (!channel.send(type, payload) && !channel.writable()) Waiting.next(drained);
    }

    @Override
    public void onOpen(Channel on, CompactDecoder handshake) {
        opened.complete(handshake.raw());
    }

    @Override
    public void onMessage(Channel on, int type, CompactDecoder payload) {
        messages.add(new Message(type, payload.raw()));
    }

    @Override
    public void onClose(Channel on, boolean byRemote) {
        closed.complete(byRemote);
    }

    @Override
    public void onDrain(Channel on) {
        drained.add(true);
    }
}
