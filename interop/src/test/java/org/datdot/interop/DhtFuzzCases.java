package org.datdot.interop;

import java.util.Random;
import org.datdot.encoding.CompactEncoder;

/** Well-formed values of what DHT nodes and peers that connect through them say to each other. */
final class DhtFuzzCases {
    private final Random random;

    DhtFuzzCases(Random random) {
        this.random = random;
    }

    private byte[] noise(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private void addresses(CompactEncoder out) {
        int count = random.nextInt(4) == 0 ? random.nextInt(30) : random.nextInt(4);
        out.uint(count).raw(noise(6 * count));
    }

    private void peer(CompactEncoder out) {
        out.raw(noise(32));
        addresses(out);
    }

    /** The value of a type, as {@code dhtMessage}. */
    byte[] make(String type) {
        CompactEncoder out = new CompactEncoder();
        int flags = random.nextInt(256);
        switch (type) {
            case "dhtMessage" -> message(out, flags);
            case "dhtHandshake" -> {
                out.uint(flags & 3).uint(random.nextInt(5)).buffer(noise(random.nextInt(80)));
                out.raw(noise(6 * Integer.bitCount(flags & 3)));
            }
            case "dhtHolepunch" -> {
                out.uint(flags & 1)
                        .uint(random.nextInt(5))
                        .uint(random.nextInt(9))
                        .buffer(noise(random.nextInt(80)));
                out.raw(noise(6 * (flags & 1)));
            }
            case "dhtHolepunchPayload" -> {
                out.uint(flags & 63)
                        .uint(random.nextInt(3))
                        .uint(random.nextInt(6))
                        .uint(random.nextInt(300));
                if ((flags & 4) != 0) addresses(out);
                if ((flags & 8) != 0) out.raw(noise(6));
                out.raw(noise(32 * Integer.bitCount(flags & 48)));
            }
            case "dhtNoisePayload" -> noisePayload(out, flags & 127);
            case "dhtPeer" -> peer(out);
            case "dhtLookupReply" -> {
                int count = random.nextInt(4);
                out.uint(count);
                for (int i = 0; i < count; i++) peer(out);
                if (random.nextBoolean()) out.uint(random.nextLong(1L << 53));
            }
            case "dhtAnnounce" -> {
                out.uint(flags & 15);
                if ((flags & 1) != 0) peer(out);
                if ((flags & 2) != 0) out.raw(noise(32));
                if ((flags & 4) != 0) out.raw(noise(64));
                if ((flags & 8) != 0) out.uint(random.nextLong(1L << 53));
            }
            case "dhtMutable" ->
                out.uint(random.nextInt(400)).buffer(noise(random.nextInt(300))).raw(noise(64));
            default -> throw new IllegalArgumentException(type);
        }
        return out.toBytes();
    }

    private void message(CompactEncoder out, int flags) {
        boolean request = random.nextBoolean();
        out.raw(new byte[] {(byte) (request ? 3 : 0x13)}).uint(flags & 31).raw(noise(8));
        out.raw(noise(32 * Integer.bitCount(flags & 3)));
        if (request) {
            out.uint(random.nextInt(20));
            if ((flags & 8) != 0) out.raw(noise(32));
        } else {
            if ((flags & 4) != 0) addresses(out);
            if ((flags & 8) != 0) out.uint(random.nextInt(300));
        }
        if ((flags & 16) != 0) out.buffer(noise(random.nextInt(100)));
    }

    private void noisePayload(CompactEncoder out, int flags) {
        out.uint(random.nextInt(20) == 0 ? 2 : 1)
                .uint(flags)
                .uint(random.nextInt(3))
                .uint(random.nextInt(6));
        if ((flags & 1) != 0) {
            int relays = random.nextInt(4);
            out.uint(random.nextInt(300)).uint(relays).raw(noise(12 * relays));
        }
        if ((flags & 2) != 0) addresses(out);
        if ((flags & 4) != 0) {
            int count = random.nextInt(3);
            out.uint(count).raw(noise(18 * count));
        }
        if ((flags & 8) != 0) {
            out.uint(1).uint(random.nextInt(3)).uint(random.nextLong(1L << 32)).uint(random.nextInt(3));
        }
        if ((flags & 16) != 0) out.uint(1);
        if ((flags & 32) != 0) out.uint(1).uint(0).raw(noise(64));
        if ((flags & 64) != 0) addresses(out);
    }
}
