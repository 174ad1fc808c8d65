package org.datdot.dht;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.PublicKey;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;

/**
 * What one node says about a topic (npm {@code hyperdht}, {@code lib/messages.js}).
 *
 * @param peers who is announced under it, up to 20 drawn at random if there are more
 * @param bump when an announcer last asked others to come back, in milliseconds since 1970; 0 for never
 */
record LookupReply(List<PeerRecord> peers, long bump) {
    static final int MAX_PEERS = 20;

    static byte[] encode(List<byte[]> records, long bump) {
        CompactEncoder encoder = new CompactEncoder(1024).uint(records.size());
        for (byte[] record : records) encoder.raw(record);
        return encoder.uint(bump).toBytes();
    }

    /**
     * @throws DecodingException when it is malformed
     */
    static LookupReply decode(byte[] value) {
        CompactDecoder decoder = new CompactDecoder(value);
        int count = decoder.count(PublicKey.BYTES + 1);
        List<PeerRecord> peers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) peers.add(PeerRecord.decode(decoder));
        return new LookupReply(List.copyOf(peers), decoder.remaining() > 0 ? decoder.uint() : 0);
    }
}
