package org.datdot.hosting;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * What apps tell a node that keeps their cores, and what it answers (npm {@code blind-peer-encodings}, {@code blind-peer-muxer}:
 * {@code spec/hyperschema/index.js}; npm {@code protomux-rpc}: {@code index.js}). Lengths and sizes are in blocks and bytes.
 */
sealed interface BlindPeerMessage {
    /** At most so many cores in one message. */
    int MAX_CORES = 1_024;

    /**
     * A request to keep a core.
     *
     * @param referrer the core or autobase it belongs to, if any
     * @param priority 0 for ordinary ones
     * @param announce whether readers should find it here by its key
     */
    record AddCore(CoreKey key, @Nullable CoreKey referrer, long priority, boolean announce)
            implements BlindPeerMessage {
        /**
         * @throws DecodingException when it is malformed
         */
        static AddCore decode(CompactDecoder decoder) {
            long flags = decoder.uint();
            CoreKey key = decodeKey(decoder);
            CoreKey referrer = (flags & 1) != 0 ? decodeKey(decoder) : null;
            if ((flags & 2) != 0) decoder.skip(CoreKey.BYTES); // an autobase, of an older version
            if ((flags & 4) != 0) decoder.skip(CoreKey.BYTES); // its encryption key, which was never used
            long priority = (flags & 8) != 0 ? decoder.uint() : 0;
            return new AddCore(key, referrer, priority, (flags & 16) != 0);
        }
    }

    /**
     * A request to keep several cores of one app.
     *
     * @param keys the cores
     */
    record Cores(@Nullable CoreKey referrer, long priority, boolean announce, List<CoreKey> keys)
            implements BlindPeerMessage {
        /** Copies the list. */
        public Cores {
            keys = List.copyOf(keys);
        }

        /**
         * @throws DecodingException when it is malformed
         */
        static Cores decode(CompactDecoder decoder) {
            long flags = decoder.uint();
            CoreKey referrer = (flags & 1) != 0 ? decodeKey(decoder) : null;
            long priority = (flags & 2) != 0 ? decoder.uint() : 0;
            int count = decoder.count(CoreKey.BYTES + 1);
            if (count > MAX_CORES) throw new DecodingException(count + " cores at once; at most " + MAX_CORES);
            List<CoreKey> keys = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                keys.add(decodeKey(decoder));
                decoder.uint(); // its length there, which the core itself tells, too
            }
            return new Cores(referrer, priority, (flags & 4) != 0, keys);
        }
    }

    /**
     * What is known of a core that is kept.
     *
     * @param length of its newest signed head
     * @param bytes of all its blocks
     */
    record Kept(
            CoreKey key,
            long length,
            long bytes,
            long priority,
            boolean announce,
            @Nullable CoreKey referrer) implements BlindPeerMessage {
        byte[] encode() {
            CompactEncoder encoder = new CompactEncoder(96);
            encoder.fixed(key.bytes()).uint(length).uint(bytes).uint(0).uint(0).uint(priority);
            encoder.uint((announce ? 1 : 0) | (referrer == null ? 0 : 2));
            if (referrer != null) encoder.fixed(referrer.bytes());
            return encoder.toBytes();
        }
    }

    /**
     * A call of a method.
     *
     * @param id by which it is answered; 0 for not at all
     * @param value what the method takes
     */
    record Request(long id, String method, CompactDecoder value) implements BlindPeerMessage {
        /**
         * @throws DecodingException when it is malformed
         */
        static Request decode(CompactDecoder decoder) {
            return new Request(decoder.uint(), decoder.string(), decoder);
        }
    }

    /** The answer to a call that went well. */
    static byte[] success(long id, byte[] value) {
        return new CompactEncoder(value.length + 16).uint(0).uint(id).raw(value).toBytes();
    }

    /**
     * The answer to a call that failed.
     *
     * @param code as npm {@code protomux-rpc} has them
     * @param cause what the method said; null when it did not come to that
     */
    static byte[] failure(long id, String code, String message, @Nullable String cause) {
        CompactEncoder encoder = new CompactEncoder(128);
        encoder.uint(cause == null ? 3 : 7).uint(id).string(message).string(code);
        if (cause != null) encoder.string(cause).string("");
        return encoder.toBytes();
    }

    private static CoreKey decodeKey(CompactDecoder decoder) {
        return new CoreKey(decoder.fixed(CoreKey.BYTES));
    }
}
