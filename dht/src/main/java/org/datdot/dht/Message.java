package org.datdot.dht;

import java.util.ArrayList;
import java.util.List;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * The two datagrams of the DHT (npm {@code dht-rpc}, {@code lib/io.js}): a type byte with version 3 in its low half, flags,
 * and what the flags announce.
 */
sealed interface Message {
    /** First byte of a request. */
    int REQUEST = 0x03;

    /** First byte of a reply. */
    int REPLY = 0x13;

    /** How many closer nodes of a reply are kept: no stock node sends more than its k. */
    int MAX_CLOSER_NODES = RoutingTable.K;

    /** Ties a reply to its request; chosen by who asks. */
    int tid();

    /** The receiver's address as its sender saw it. */
    PeerAddress to();

    /** The datagram. */
    byte[] encode();

    /** Whether a datagram is meant for the DHT: holepunch probes of one byte and other protocols are not. */
    static boolean isMessage(byte[] datagram) {
        return datagram.length > 1 && (datagram[0] == REQUEST || datagram[0] == REPLY);
    }

    /**
     * Reads a datagram for which {@link #isMessage} holds. Bytes after the end are ignored as in the stock packages.
     *
     * @throws DecodingException when it is malformed
     */
    static Message decode(byte[] datagram) {
        CompactDecoder decoder = new CompactDecoder(datagram, 1, datagram.length);
        return switch (datagram[0]) {
            case REQUEST -> Request.decode(decoder);
            case REPLY -> Reply.decode(decoder);
            default -> throw new DecodingException("expected a request or a reply, found type " + datagram[0]);
        };
    }

    /**
     * A question, or a write.
     *
     * @param id the sender's, told by nodes others may rely on
     * @param token what the receiver gave the sender before
     * @param internal whether {@code command} is one of the DHT itself ({@link Command}), not of the records on top
     * @param target what it is about
     * @param value the command's own data
     */
    @SuppressWarnings("ArrayRecordComponent") // Read only, inside this package.
    record Request(
            int tid,
            PeerAddress to,
            @Nullable NodeId id,
            @Nullable Token token,
            boolean internal,
            long command,
            @Nullable Target target,
            byte @Nullable [] value)
            implements Message {
        @Override
        public byte[] encode() {
            CompactEncoder encoder = new CompactEncoder(128 + (value == null ? 0 : value.length));
            encoder.uint8(REQUEST);
            encoder.uint8((id == null ? 0 : 1)
                    | (token == null ? 0 : 2)
                    | (internal ? 4 : 0)
                    | (target == null ? 0 : 8)
                    | (value == null ? 0 : 16));
            encoder.uint16(tid);
            to.encode(encoder);
            if (id != null) encoder.fixed(id.bytes());
            if (token != null) encoder.fixed(token.bytes());
            encoder.uint(command);
            if (target != null) encoder.fixed(target.bytes());
            if (value != null) encoder.buffer(value);
            return encoder.toBytes();
        }

        private static Request decode(CompactDecoder decoder) {
            long flags = decoder.uint();
            int tid = decoder.uint16();
            PeerAddress to = PeerAddress.decode(decoder);
            NodeId id = (flags & 1) == 0 ? null : new NodeId(decoder.fixed(NodeId.BYTES));
            Token token = (flags & 2) == 0 ? null : new Token(decoder.fixed(Token.BYTES));
            long command = decoder.uint();
            Target target = (flags & 8) == 0 ? null : new Target(decoder.fixed(Target.BYTES));
            byte[] value = (flags & 16) == 0 ? null : decoder.buffer();
            return new Request(tid, to, id, token, (flags & 4) != 0, command, target, value);
        }
    }

    /**
     * An answer.
     *
     * @param id the sender's, told by nodes others may rely on
     * @param token to be sent back with a write
     * @param closerNodes nodes the sender knows near the request's target
     * @param error 0 for none, else see {@link ErrorCode}
     * @param value the command's own data
     */
    @SuppressWarnings("ArrayRecordComponent") // Read only, inside this package.
    record Reply(
            int tid,
            PeerAddress to,
            @Nullable NodeId id,
            @Nullable Token token,
            List<PeerAddress> closerNodes,
            long error,
            byte @Nullable [] value)
            implements Message {
        @Override
        public byte[] encode() {
            CompactEncoder encoder = new CompactEncoder(
                    96 + closerNodes.size() * PeerAddress.BYTES + (value == null ? 0 : value.length));
            encoder.uint8(REPLY);
            encoder.uint8((id == null ? 0 : 1)
                    | (token == null ? 0 : 2)
                    | (closerNodes.isEmpty() ? 0 : 4)
                    | (error == 0 ? 0 : 8)
                    | (value == null ? 0 : 16));
            encoder.uint16(tid);
            to.encode(encoder);
            if (id != null) encoder.fixed(id.bytes());
            if (token != null) encoder.fixed(token.bytes());
            if (!closerNodes.isEmpty()) {
                encoder.uint(closerNodes.size());
                for (PeerAddress node : closerNodes) node.encode(encoder);
            }
            if (error != 0) encoder.uint(error);
            if (value != null) encoder.buffer(value);
            return encoder.toBytes();
        }

        private static Reply decode(CompactDecoder decoder) {
            long flags = decoder.uint();
            int tid = decoder.uint16();
            PeerAddress to = PeerAddress.decode(decoder);
            NodeId id = (flags & 1) == 0 ? null : new NodeId(decoder.fixed(NodeId.BYTES));
            Token token = (flags & 2) == 0 ? null : new Token(decoder.fixed(Token.BYTES));
            List<PeerAddress> closer = (flags & 4) == 0 ? List.of() : closerNodes(decoder);
            long error = (flags & 8) == 0 ? 0 : decoder.uint();
            byte[] value = (flags & 16) == 0 ? null : decoder.buffer();
            return new Reply(tid, to, id, token, closer, error, value);
        }

        private static List<PeerAddress> closerNodes(CompactDecoder decoder) {
            int count = decoder.count(PeerAddress.BYTES);
            List<PeerAddress> nodes = new ArrayList<>(Math.min(count, MAX_CLOSER_NODES));
            while (nodes.size() < Math.min(count, MAX_CLOSER_NODES)) nodes.add(PeerAddress.decode(decoder));
            decoder.skip((count - nodes.size()) * PeerAddress.BYTES);
            return List.copyOf(nodes);
        }
    }
}
