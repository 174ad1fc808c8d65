package org.datdot.chain;

import java.util.List;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;
import org.datdot.ledger.Event;

/**
 * An event and what caused it, in Substrate's encoding (crate {@code frame-system}, {@code EventRecord}): the phase, the event,
 * no topics.
 *
 * @param extrinsicIndex the place in the block of the extrinsic that caused it, or {@link #INITIALIZATION}
 * @param event what happened
 */
public record EventRecord(int extrinsicIndex, Event event) {
    /** Caused by time, before any extrinsic of the block. */
    public static final int INITIALIZATION = -1;

    private static final int PHASE_APPLY_EXTRINSIC = 0;
    private static final int PHASE_INITIALIZATION = 2;

    /** The bytes of a block's events. */
    static byte[] encodeAll(List<EventRecord> records) {
        return new ScaleEncoder().list(records, EventRecord::encodeTo).toBytes();
    }

    /** The events of a block's bytes. */
    static List<EventRecord> decodeAll(byte[] bytes) {
        ScaleDecoder in = new ScaleDecoder(bytes);
        List<EventRecord> records = in.list(EventRecord::decode);
        in.requireEnd();
        return records;
    }

    private static void encodeTo(ScaleEncoder out, EventRecord record) {
        if (record.extrinsicIndex == INITIALIZATION) {
            out.u8(PHASE_INITIALIZATION);
        } else {
            out.u8(PHASE_APPLY_EXTRINSIC).u32(record.extrinsicIndex);
        }
        out.fixed(record.event.encode()).compact(0);
    }

    private static EventRecord decode(ScaleDecoder in) {
        int phase = in.u8();
        if (phase != PHASE_APPLY_EXTRINSIC && phase != PHASE_INITIALIZATION) {
            throw new DecodingException("expected the phase of an event (0 or 2), found " + phase);
        }
        int index = phase == PHASE_INITIALIZATION ? INITIALIZATION : (int) in.u32();
        Event event = Event.decode(in);
        if (in.compact() != 0) {
            throw new DecodingException("expected an event without topics");
        }
        return new EventRecord(index, event);
    }
}
