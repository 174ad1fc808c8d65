package org.datdot.swarm;

import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;

/** The messages of npm {@code blind-relay} 1 ({@code index.js}), on a channel whose id is the key of the one who asks. */
final class BlindRelay {
    static final String PROTOCOL = "blind-relay";
    static final int PAIR = 0;
    static final int UNPAIR = 1;
    static final int TOKEN_BYTES = 32;

    private BlindRelay() {}

    /**
     * To the relay: join this stream to the one of whoever names the same token. From it: address this stream of mine.
     *
     * @param initiator which of the two sides
     * @param token the same for both
     * @param streamId of the sender's UDX stream
     */
    @SuppressWarnings("ArrayRecordComponent") // read only, inside this package
    record Pair(boolean initiator, byte[] token, long streamId) {
        byte[] encode() {
            CompactEncoder encoder = new CompactEncoder(48);
            encoder.uint8(initiator ? 1 : 0).fixed(token).uint(streamId).uint(0);
            return encoder.toBytes();
        }

        /**
         * Reads one.
         *
         * @throws org.datdot.encoding.DecodingException when it is malformed
         */
        static Pair decode(CompactDecoder decoder) {
            boolean initiator = (decoder.uint() & 1) != 0;
            byte[] token = decoder.fixed(TOKEN_BYTES);
            long id = decoder.uint();
            decoder.uint(); // the first sequence number, which always is 0
            return new Pair(initiator, token, id);
        }
    }

    /** The token of an unpair message. */
    static byte[] decodeUnpair(CompactDecoder decoder) {
        decoder.uint(); // flags, none so far
        return decoder.fixed(TOKEN_BYTES);
    }
}
