package org.datdot.hypercore;

import org.datdot.encoding.CompactDecoder;
import org.jspecify.annotations.Nullable;

/**
 * The ten messages of the protocol {@code hypercore/alpha} (npm hypercore lib/messages.js), in the order of their wire
 * types. {@link ReplicationCodec} turns them into bytes. Lengths and indexes count blocks unless a name says otherwise.
 */
public sealed interface ReplicationMessage {

    /** Position in the channel's message table. */
    int type();

    /**
     * What a side has and is willing to do, sent after the channel opens and whenever one of the fields changes.
     *
     * @param fork the sender's fork number
     * @param length the sender's length in blocks
     * @param remoteLength the length the sender believes the receiver has: acknowledges the receiver's own sync
     * @param canUpgrade whether the sender can prove its length to the receiver
     * @param uploading whether the sender answers requests
     * @param downloading whether the sender wants blocks
     * @param hasManifest whether the sender knows the manifest
     * @param allowPush whether the sender accepts blocks it did not ask for
     */
    record Sync(
            long fork,
            long length,
            long remoteLength,
            boolean canUpgrade,
            boolean uploading,
            boolean downloading,
            boolean hasManifest,
            boolean allowPush)
            implements ReplicationMessage {
        @Override
        public int type() {
            return 0;
        }
    }

    /**
     * Asks for a proof.
     *
     * @param id chosen by the requester, 0 for a probe that expects no ordinary answer
     * @param fork the fork number the request is about
     * @param proof what is asked for
     * @param priority 0 normal, 1 high, 2 very high
     */
    record Request(long id, long fork, ProofRequest proof, long priority) implements ReplicationMessage {
        @Override
        public int type() {
            return 1;
        }
    }

    /**
     * The answer to a request is no longer wanted.
     *
     * @param request id of the request
     */
    record Cancel(long request) implements ReplicationMessage {
        @Override
        public int type() {
            return 2;
        }
    }

    /**
     * The answer to a request.
     *
     * @param request id of the request, 0 when nobody asked
     * @param proof what was asked for
     */
    record Data(long request, Proof proof) implements ReplicationMessage {
        @Override
        public int type() {
            return 3;
        }
    }

    /**
     * A request cannot be answered.
     *
     * @param request id of the request
     * @param reason {@link #NOT_AVAILABLE}, {@link #INVALID_REQUEST}, or 0 when an older peer gives none
     */
    record NoData(long request, long reason) implements ReplicationMessage {
        /** The sender does not have it. */
        public static final long NOT_AVAILABLE = 1;
        /** The sender considers the request wrong. */
        public static final long INVALID_REQUEST = 2;

        @Override
        public int type() {
            return 4;
        }
    }

    /**
     * Asks to be told which blocks of a region the receiver has, now and later.
     *
     * @param start first block
     * @param length number of blocks
     * @param any whether one block of the region suffices
     */
    record Want(long start, long length, boolean any) implements ReplicationMessage {
        @Override
        public int type() {
            return 5;
        }
    }

    /**
     * Takes back a {@link Want} with the same fields.
     *
     * @param start first block
     * @param length number of blocks
     * @param any as in the want
     */
    record Unwant(long start, long length, boolean any) implements ReplicationMessage {
        @Override
        public int type() {
            return 6;
        }
    }

    /**
     * Which blocks of a region the sender has.
     *
     * @param start first block, a multiple of 32
     * @param words bits, least significant first; the receiver of this record must not modify them
     */
    @SuppressWarnings("ArrayRecordComponent") // up to 256 KiB, passed through without copies, never compared
    record Bitfield(long start, int[] words) implements ReplicationMessage {
        @Override
        public int type() {
            return 7;
        }
    }

    /**
     * Blocks the sender got or dropped.
     *
     * @param drop whether the sender no longer has them
     * @param start first block
     * @param length number of blocks
     */
    record Range(boolean drop, long start, long length) implements ReplicationMessage {
        @Override
        public int type() {
            return 8;
        }
    }

    /**
     * An application's own message next to the core's.
     *
     * @param name name of the extension, empty when it is the same as in the message before
     * @param message the application's bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Extension(String name, byte[] message) implements ReplicationMessage {
        @Override
        public int type() {
            return 9;
        }
    }

    /**
     * What the two sides say when a channel opens.
     *
     * @param seeks whether requests by byte offset are answered
     * @param capability proof that the sender knows the core's key, bound to the connection
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Handshake(boolean seeks, byte[] capability) {}

    /** The message of a type, or null for a type this version does not know, which stock peers skip. */
    static @Nullable ReplicationMessage decode(int type, CompactDecoder in) {
        return ReplicationCodec.decode(type, in);
    }
}
