package org.datdot.dht;

import org.datdot.crypto.Hash;
import org.datdot.crypto.Signature;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * The value of an announcement, of its withdrawal, and of its renewal (npm {@code hyperdht}, {@code lib/messages.js}).
 *
 * @param peer who is announced; null in a renewal
 * @param refresh in an announcement the hash of what will renew it, in a renewal what has that hash
 * @param signature see {@link RecordSignatures}
 * @param bump asks others to come back, see {@link LookupReply}; 0 for not
 */
record Announcement(
        @Nullable PeerRecord peer,
        @Nullable Hash refresh,
        @Nullable Signature signature,
        long bump) {
    byte[] encode() {
        CompactEncoder encoder = new CompactEncoder(192);
        encoder.uint(
                (peer == null ? 0 : 1) | (refresh == null ? 0 : 2) | (signature == null ? 0 : 4) | (bump == 0 ? 0 : 8));
        if (peer != null) peer.encode(encoder);
        if (refresh != null) encoder.fixed(refresh.bytes());
        if (signature != null) encoder.fixed(signature.bytes());
        if (bump != 0) encoder.uint(bump);
        return encoder.toBytes();
    }

    /**
     * @throws DecodingException when it is malformed
     */
    static Announcement decode(byte[] value) {
        CompactDecoder decoder = new CompactDecoder(value);
        long flags = decoder.uint();
        PeerRecord peer = (flags & 1) == 0 ? null : PeerRecord.decode(decoder);
        Hash refresh = (flags & 2) == 0 ? null : new Hash(decoder.fixed(Hash.BYTES));
        Signature signature = (flags & 4) == 0 ? null : new Signature(decoder.fixed(Signature.BYTES));
        return new Announcement(peer, refresh, signature, (flags & 8) == 0 ? 0 : decoder.uint());
    }
}
