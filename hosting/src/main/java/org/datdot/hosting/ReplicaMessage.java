package org.datdot.hosting;

import org.datdot.crypto.Signature;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;

/**
 * The messages of the replica channel (docs/protocol.md 4.1), in compact encoding. Every one begins with the amendment and
 * the position it is about.
 */
sealed interface ReplicaMessage {

    /** Highest position number on the wire: positions are a {@code u8} on the ledger. */
    int MAX_POSITION = 255;

    /** Highest message number of this version. */
    int NEWEST_TYPE = 7;

    /** Which replica it is about. */
    ReplicaId id();

    /** The message's number in the protocol. */
    int type();

    /** The bytes behind the number. */
    byte[] encode();

    /** The same in pieces, so that large ones need not be copied together. */
    default byte[][] parts() {
        return new byte[][] {encode()};
    }

    /** Asks to be told when the replica is ready. */
    record Want(ReplicaId id) implements ReplicaMessage {
        @Override
        public int type() {
            return 0;
        }

        @Override
        public byte[] encode() {
            return begin(id, 16).toBytes();
        }
    }

    /** The replica is ready and this is what it claims to be. */
    record Offer(ReplicaId id, ReplicaOffer offer) implements ReplicaMessage {
        @Override
        public int type() {
            return 1;
        }

        @Override
        public byte[] encode() {
            CompactEncoder out = begin(id, 4096);
            offer.encodeTo(out);
            return out.toBytes();
        }
    }

    /** Asks for the frames of {@code blockCount} blocks. */
    record Read(ReplicaId id, long fromBlock, long blockCount) implements ReplicaMessage {
        @Override
        public int type() {
            return 2;
        }

        @Override
        public byte[] encode() {
            return begin(id, 32).uint(fromBlock).uint(blockCount).toBytes();
        }
    }

    /** Frames, one after the other; the array is shared, do not modify. */
    @SuppressWarnings("ArrayRecordComponent") // a megabyte in transit, never compared
    record Frames(ReplicaId id, long fromBlock, long blockCount, byte[] frames) implements ReplicaMessage {
        @Override
        public int type() {
            return 3;
        }

        @Override
        public byte[] encode() {
            return begin(id, frames.length + 40)
                    .uint(fromBlock)
                    .uint(blockCount)
                    .raw(frames)
                    .toBytes();
        }

        @Override
        public byte[][] parts() {
            return new byte[][] {begin(id, 40).uint(fromBlock).uint(blockCount).toBytes(), frames};
        }
    }

    /** The hoster's receipt. */
    record Receipt(ReplicaId id, Signature signature) implements ReplicaMessage {
        @Override
        public int type() {
            return 4;
        }

        @Override
        public byte[] encode() {
            return begin(id, 80).fixed(signature.bytes()).toBytes();
        }
    }

    /** The answer is no, with one of the reasons of {@link Reason}. */
    record Refused(ReplicaId id, long reason, String text) implements ReplicaMessage {
        @Override
        public int type() {
            return 5;
        }

        @Override
        public byte[] encode() {
            return begin(id, 64).uint(reason).string(text).toBytes();
        }
    }

    /** The receipt was accepted. */
    record Confirmed(ReplicaId id) implements ReplicaMessage {
        @Override
        public int type() {
            return 6;
        }

        @Override
        public byte[] encode() {
            return begin(id, 16).toBytes();
        }
    }

    /** The encoder reaches no source, signed as an {@link org.datdot.ledger.UnreachableStatement}; it goes on trying. */
    record Unreachable(ReplicaId id, Signature signature) implements ReplicaMessage {
        @Override
        public int type() {
            return 7;
        }

        @Override
        public byte[] encode() {
            return begin(id, 80).fixed(signature.bytes()).toBytes();
        }
    }

    /** Why a request is refused. */
    enum Reason {
        /** The ledger does not say that this peer may ask for this replica. */
        NOT_YOURS(1),
        /** The replica cannot be made or did not verify. */
        FAILED(2),
        /** The amendment is over. */
        EXPIRED(3);

        private final int code;

        Reason(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /**
     * Reads the message with that number.
     *
     * @throws DecodingException when the bytes are not exactly such a message, or the number is unknown
     */
    static ReplicaMessage decode(int type, CompactDecoder in) {
        if (type < 0 || type > NEWEST_TYPE) throw new DecodingException("unknown replica channel message " + type);
        ReplicaId id = new ReplicaId(in.uint(), position(in.uint()));
        ReplicaMessage message = switch (type) {
            case 0 -> new Want(id);
            case 1 -> new Offer(id, ReplicaOffer.decode(in));
            case 2 -> new Read(id, in.uint(), in.uint());
            case 3 -> new Frames(id, in.uint(), in.uint(), in.raw());
            case 4 -> new Receipt(id, new Signature(in.fixed(64)));
            case 5 -> new Refused(id, in.uint(), in.string());
            case 6 -> new Confirmed(id);
            default -> new Unreachable(id, new Signature(in.fixed(64)));
        };
        in.requireEnd();
        return message;
    }

    private static int position(long value) {
        if (value > MAX_POSITION) throw new DecodingException("position " + value);
        return (int) value;
    }

    private static CompactEncoder begin(ReplicaId id, int capacityBytes) {
        return new CompactEncoder(capacityBytes).uint(id.amendment()).uint(id.position());
    }
}
