package org.datdot.dht;

import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Ed25519;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Namespaces;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.Signature;
import org.datdot.encoding.CompactEncoder;
import org.jspecify.annotations.Nullable;

/**
 * What announcers and owners of mutable values sign: 32 bytes which name the purpose, and a hash (npm {@code hyperdht}, {@code
 * lib/persistent.js}). An announcement is signed for one node and one token, so that it cannot be replayed elsewhere or later.
 */
final class RecordSignatures {
    private static final byte[][] NAMESPACES = Namespaces.derive(
            "hyperswarm/dht", Command.Records.ANNOUNCE, Command.Records.UNANNOUNCE, Command.Records.MUTABLE_PUT);

    /** What is signed about a peer. */
    enum Purpose {
        ANNOUNCE(0),
        UNANNOUNCE(1);

        private final int namespace;

        Purpose(int namespace) {
            this.namespace = namespace;
        }
    }

    /** Where an announcement goes: what about, to which node, and what that gave as token. */
    record Addressee(Target target, NodeId node, Token token) {}

    private RecordSignatures() {}

    /** The announcement with its signature. */
    static Announcement sign(Purpose purpose, Addressee to, Announcement unsigned, KeyPair keys) {
        Signature signature = Ed25519.sign(signable(purpose, to, unsigned), keys.secretKey());
        return new Announcement(unsigned.peer(), unsigned.refresh(), signature, unsigned.bump());
    }

    static boolean verify(Purpose purpose, Addressee to, Announcement announcement) {
        @Nullable Signature signature = announcement.signature();
        @Nullable PeerRecord peer = announcement.peer();
        return signature != null
                && peer != null
                && Ed25519.verify(signable(purpose, to, announcement), signature, peer.publicKey());
    }

    static MutableValue signMutable(long seq, byte[] value, KeyPair keys) {
        return new MutableValue(seq, value, Ed25519.sign(signable(seq, value), keys.secretKey()));
    }

    static boolean verifyMutable(MutableValue value, PublicKey owner) {
        return Ed25519.verify(signable(value.seq(), value.value()), value.signature(), owner);
    }

    private static byte[] signable(Purpose purpose, Addressee to, Announcement announcement) {
        PeerRecord peer = announcement.peer();
        Blake2b.Hasher hasher = Blake2b.hasher()
                .update(to.target().bytes())
                .update(to.node().bytes())
                .update(to.token().bytes());
        if (peer != null) hasher.update(peer.encode());
        if (announcement.refresh() != null) hasher.update(announcement.refresh().bytes());
        return joined(NAMESPACES[purpose.namespace], hasher.digest());
    }

    private static byte[] signable(long seq, byte[] value) {
        byte[] encoded =
                new CompactEncoder(value.length + 16).uint(seq).buffer(value).toBytes();
        return joined(NAMESPACES[2], Blake2b.hash(encoded));
    }

    private static byte[] joined(byte[] namespace, byte[] hash) {
        return new CompactEncoder(64).fixed(namespace).fixed(hash).toBytes();
    }
}
