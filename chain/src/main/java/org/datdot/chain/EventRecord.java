package org.datdot.chain;

import java.util.List;
import org.datdot.crypto.Hash;
import org.datdot.ledger.Codec;
import org.datdot.ledger.Event;
import org.datdot.ledger.Scale;
import org.datdot.ledger.TypePath;
import org.datdot.ledger.Variant;

/**
 * An event and what caused it.
 *
 * @param extrinsicIndex the place in the block of the extrinsic that caused it, or {@link #INITIALIZATION}
 * @param event what happened
 */
public record EventRecord(int extrinsicIndex, Event event) {
    /** Caused by time, before any extrinsic of the block. */
    public static final int INITIALIZATION = -1;

    /** SCALE: as the crate {@code frame-system} writes its {@code EventRecord}: the phase, the event, no topics. */
    public static final Codec<EventRecord> CODEC = Codec.of(Encoded.class).as(EventRecord::encoded, Encoded::decoded);

    private static final Codec<List<EventRecord>> LIST = CODEC.list();

    /** When in a block something happened. */
    @TypePath("frame_system::Phase")
    public sealed interface Phase {
        /** While an extrinsic was applied. */
        @Variant(0)
        record ApplyExtrinsic(
                @Scale(bits = 32, unnamed = true) long index) implements Phase {}

        /** After all extrinsics. */
        @Variant(1)
        record Finalization() implements Phase {}

        /** Before all extrinsics. */
        @Variant(2)
        record Initialization() implements Phase {}
    }

    /** A record's fields as they are written. */
    @TypePath(
            value = "frame_system::EventRecord",
            parameters = {"event", "topics"})
    public record Encoded(Phase phase, Event event, List<Hash> topics) {
        /** Refuses what no block of ours has. */
        public Encoded {
            if (!topics.isEmpty() || phase instanceof Phase.Finalization) {
                throw new IllegalArgumentException("an event has no topics, and none happens after the extrinsics");
            }
        }

        private EventRecord decoded() {
            return new EventRecord(
                    phase instanceof Phase.ApplyExtrinsic apply ? (int) apply.index() : INITIALIZATION, event);
        }
    }

    private Encoded encoded() {
        Phase phase = extrinsicIndex == INITIALIZATION
                ? new Phase.Initialization()
                : new Phase.ApplyExtrinsic(extrinsicIndex);
        return new Encoded(phase, event, List.of());
    }

    /** The bytes of a block's events. */
    static byte[] encodeAll(List<EventRecord> records) {
        return LIST.encode(records);
    }

    /** The events of a block's bytes. */
    static List<EventRecord> decodeAll(byte[] bytes) {
        return LIST.decode(bytes);
    }
}
