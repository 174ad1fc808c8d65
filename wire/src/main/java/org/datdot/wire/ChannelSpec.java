package org.datdot.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A channel to be opened. Two ends meet when both sides opened the same protocol with the same id.
 *
 * @param protocol the protocol's name, at most {@link Protomux#MAX_NAME_BYTES} bytes
 * @param aliases other names the peer may use for it
 * @param id which of the protocol's channels; empty is the same as none
 * @param handshake bytes for the peer's {@link ChannelHandler#onOpen}, already encoded
 * @param handler what this end does
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, compared never
public record ChannelSpec(
        String protocol, List<String> aliases, byte @Nullable [] id, byte[] handshake, ChannelHandler handler) {
    /** A channel, by all its parts. */
    public ChannelSpec(
            String protocol, List<String> aliases, byte @Nullable [] id, byte[] handshake, ChannelHandler handler) {
        this.protocol = protocol;
        this.aliases = List.copyOf(aliases);
        this.id = id == null || id.length == 0 ? null : id.clone();
        this.handshake = handshake;
        this.handler = handler;
    }

    /** A channel without other names. */
    public ChannelSpec(String protocol, byte @Nullable [] id, byte[] handshake, ChannelHandler handler) {
        this(protocol, List.of(), id, handshake, handler);
    }
}
