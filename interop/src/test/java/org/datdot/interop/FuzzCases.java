package org.datdot.interop;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.datdot.crypto.KeyPair;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.IndexEncoder;
import org.datdot.hypercore.FuzzTrees;
import org.datdot.wire.NoiseHandshake;

/** Makes up bytes for decoders: mostly a well-formed value of the type, then broken in a few places. */
final class FuzzCases {
    private static final long[] EDGES = {
        0, 1, 2, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, 0x100, 0xffff, 0x10000, 0xffffffffL, 0x100000000L, (1L << 53) - 1
    };
    private static final int[] BYTES = {0, 1, 2, 7, 0x0a, 0x12, 0x1a, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff};

    /** The records of a store. */
    static final List<String> RECORDS = List.of(
            "storeHead", "storeCore", "storeAuth", "storeTree", "storeHints", "storeDependency", "storeSessions");

    /** Who is called in a handshake. */
    static final KeyPair RESPONDER = KeyPair.fromSeed(filled(1));

    private static final KeyPair CALLER = KeyPair.fromSeed(filled(2));
    private static final List<String> NAMES =
            List.of("a", "/", "//", "\\", ".", "..", "C:", "file:", "http:", "ü", " ", "long name", "\ud83d\ude00");

    private final Random random;

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    FuzzCases(long seed) {
        random = new Random(seed);
    }

    /**
     * One case.
     *
     * @param wellFormed whether nothing of it was broken
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Case(byte[] bytes, boolean wellFormed) {}

    Case next(String type) {
        boolean noise = random.nextInt(10) == 0;
        byte[] bytes = noise ? noise(random.nextInt(80)) : make(type);
        int breaks = random.nextInt(4);
        for (int i = 0; i < breaks; i++) bytes = mutate(bytes);
        return new Case(bytes, !noise && breaks == 0);
    }

    private byte[] mutate(byte[] from) {
        int at = from.length == 0 ? 0 : random.nextInt(from.length);
        byte[] to = from.clone();
        switch (random.nextInt(6)) {
            case 0 -> {
                if (to.length > 0) to[at] ^= (byte) (1 << random.nextInt(8));
            }
            case 1 -> {
                if (to.length > 0) to[at] = (byte) BYTES[random.nextInt(BYTES.length)];
            }
            case 2 -> to = Arrays.copyOf(to, at);
            case 3 -> to = join(Arrays.copyOf(from, at), noise(1 + random.nextInt(9)), tail(from, at));
            case 4 -> to = join(Arrays.copyOf(from, at), tail(from, Math.min(from.length, at + 1 + random.nextInt(9))));
            default -> to = join(Arrays.copyOf(from, at), tail(from, Math.max(0, at - 1 - random.nextInt(40))));
        }
        return to;
    }

    private static byte[] tail(byte[] bytes, int from) {
        return Arrays.copyOfRange(bytes, from, bytes.length);
    }

    private static byte[] join(byte[]... parts) {
        CompactEncoder out = new CompactEncoder();
        for (byte[] part : parts) out.raw(part);
        return out.toBytes();
    }

    private byte[] noise(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private long number() {
        return switch (random.nextInt(4)) {
            case 0 -> EDGES[random.nextInt(EDGES.length)];
            case 1 -> random.nextLong(1L << 53);
            default -> random.nextInt(300);
        };
    }

    private byte[] make(String type) {
        if (type.startsWith("dht")) return new DhtFuzzCases(random).make(type);
        CompactEncoder out = new CompactEncoder();
        switch (type) {
            case "buffer", "optionalBuffer", "string" -> out.buffer(noise(random.nextInt(40)));
            case "fixed32" -> out.raw(noise(32));
            case "uint64" -> {
                long value = number();
                for (int i = 0; i < Long.BYTES; i++) out.raw(new byte[] {(byte) (value >>> (8 * i))});
            }
            case "handshake" -> out.uint(number()).raw(noise(32));
            case "sync" -> numbers(out, 4);
            case "request" -> request(out);
            case "data" -> data(out);
            case "cancel" -> numbers(out, 1);
            case "noData", "want", "unwant", "range" -> numbers(out, 2 + random.nextInt(2));
            case "bitfield" -> {
                int words = random.nextInt(9);
                out.uint(number()).uint(words).raw(noise(4 * words));
            }
            case "extension" ->
                out.uint(number()).buffer(noise(random.nextInt(9))).raw(noise(random.nextInt(9)));
            case "manifest" -> manifest(out);
            case "multisig" -> multisig(out);
            case "beeNode" -> out.raw(beeNode());
            case "beeHeader" -> out.raw(beeHeader());
            case "beeHint" -> out.raw(beeHint());
            case "blockMap" -> {
                int entries = random.nextInt(6);
                out.uint(0).uint(entries);
                for (int i = 0; i < entries; i++) out.uint(number()).uint(random.nextInt(70_000));
            }
            case "driveEntry" -> out.raw(driveEntry());
            case "drivePath" -> out.raw(path());
            case "proof" -> out.raw(FuzzTrees.proofCase(random));
            case "verify" -> out.raw(FuzzTrees.verifyCase(random));
            case "signature" -> out.raw(FuzzTrees.signatureCase(random));
            case "indexUint" -> out.raw(new IndexEncoder().uint(number()).toBytes());
            case "indexString" ->
                out.raw(new IndexEncoder().buffer(noise(random.nextInt(9))).toBytes())
                        .raw(noise(random.nextInt(3)));
            case "noise" ->
                out.raw(new NoiseHandshake(
                                NoiseHandshake.Pattern.IK,
                                true,
                                CALLER,
                                new byte[0],
                                RESPONDER.publicKey(),
                                bytes -> random.nextBytes(bytes))
                        .send(noise(random.nextInt(20))));
            case "iterator" -> out.raw(noise(5 + random.nextInt(20)));
            case "storeHead", "storeCore", "storeAuth", "storeTree", "storeHints", "storeDependency", "storeSessions" ->
                record(out, type);
            default -> out.raw(noise(8)).uint(number());
        }
        return out.toBytes();
    }

    private void numbers(CompactEncoder out, int count) {
        for (int i = 0; i < count; i++) out.uint(number());
    }

    private void nodes(CompactEncoder out) {
        int count = random.nextInt(4);
        out.uint(count);
        for (int i = 0; i < count; i++) out.uint(number()).uint(number()).raw(noise(32));
    }

    private void request(CompactEncoder out) {
        int flags = random.nextInt(64);
        out.uint(flags);
        numbers(out, 2 + 2 * Integer.bitCount(flags & 15) + (flags >>> 5));
    }

    private void data(CompactEncoder out) {
        int flags = random.nextInt(32);
        out.uint(flags).uint(number()).uint(number());
        if ((flags & 1) != 0) {
            out.uint(number()).buffer(noise(random.nextInt(20)));
            nodes(out);
        }
        if ((flags & 2) != 0) {
            out.uint(number());
            nodes(out);
        }
        if ((flags & 4) != 0) {
            out.uint(number());
            nodes(out);
        }
        if ((flags & 8) != 0) {
            out.uint(number()).uint(number());
            nodes(out);
            nodes(out);
            out.buffer(noise(random.nextInt(3) * 34));
        }
        if ((flags & 16) != 0) manifest(out);
    }

    private void signers(CompactEncoder out, int count) {
        for (int i = 0; i < count; i++) out.uint(0).raw(noise(64));
    }

    private void manifest(CompactEncoder out) {
        int version = random.nextInt(4);
        int signers = random.nextInt(3);
        out.uint(version);
        if (version == 0) {
            int type = random.nextInt(3);
            out.uint(0).uint(type);
            if (type == 0) out.raw(noise(32));
            if (type == 1) signers(out, 1);
            if (type == 2) {
                out.uint(random.nextInt(4)).uint(number()).uint(signers);
                signers(out, signers);
            }
            return;
        }
        fields(out, signers);
    }

    /** A manifest as it is stored: the newer layout whatever the version. */
    private void storedManifest(CompactEncoder out) {
        out.uint(random.nextInt(4));
        fields(out, random.nextInt(3));
    }

    private void fields(CompactEncoder out, int signers) {
        int flags = random.nextInt(16);
        out.uint(flags).uint(0).uint(number()).uint(signers);
        signers(out, signers);
        if ((flags & 2) != 0) out.raw(noise(32)).uint(number());
        if ((flags & 4) != 0) {
            int linked = random.nextInt(3);
            out.uint(linked).raw(noise(32 * linked));
        }
        if ((flags & 8) != 0) out.buffer(noise(random.nextInt(20)));
    }

    private void record(CompactEncoder out, String kind) {
        int flags = random.nextInt(8);
        switch (kind) {
            case "storeHead" -> {
                int version = 1 + random.nextInt(2);
                out.uint(version);
                if (version == 2) numbers(out, 3);
                out.uint(flags);
                int at = version == 2 ? flags << 1 : flags;
                if (version == 1 && (flags & 1) != 0) numbers(out, 2);
                if ((at & 2) != 0) out.raw(noise(32));
                if ((at & 4) != 0) out.raw(noise(32));
            }
            case "storeCore" -> {
                out.uint(1 + random.nextInt(2));
                numbers(out, 2);
                out.uint(flags);
                if ((flags & 1) != 0) out.buffer(noise(random.nextInt(9))).raw(noise(32));
            }
            case "storeAuth" -> {
                out.raw(noise(64)).uint(flags);
                if ((flags & 1) != 0) {
                    CompactEncoder manifest = new CompactEncoder();
                    storedManifest(manifest);
                    out.buffer(manifest.toBytes());
                }
                if ((flags & 2) != 0) {
                    byte[] publicKey = noise(32);
                    out.buffer(publicKey).buffer(random.nextInt(8) == 0 ? noise(0) : join(noise(32), publicKey));
                }
                if ((flags & 4) != 0) out.buffer(noise(32));
            }
            case "storeTree" -> {
                numbers(out, 2);
                out.raw(noise(32)).buffer(noise(random.nextInt(70)));
                if (random.nextBoolean()) out.uint(flags).raw(noise(8));
            }
            case "storeHints" -> {
                out.uint(flags);
                numbers(out, 3);
            }
            case "storeDependency" -> numbers(out, 2);
            default -> {
                int sessions = random.nextInt(4);
                out.uint(sessions);
                for (int i = 0; i < sessions; i++)
                    out.buffer(noise(random.nextInt(9))).uint(number());
            }
        }
    }

    private byte[] path() {
        StringBuilder path = new StringBuilder();
        int parts = random.nextInt(8);
        for (int i = 0; i < parts; i++) {
            path.append(NAMES.get(random.nextInt(NAMES.size())));
            if (random.nextBoolean()) path.append('/');
        }
        return path.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void multisig(CompactEncoder out) {
        int count = random.nextInt(4);
        out.uint(count);
        for (int i = 0; i < count; i++) out.uint(number()).raw(noise(64)).uint(number());
        nodes(out);
    }

    private byte[] varint(long value) {
        byte[] out = new byte[0];
        long left = value;
        while (left > 0x7f) {
            out = join(out, new byte[] {(byte) (left | 0x80)});
            left >>>= 7;
        }
        return join(out, new byte[] {(byte) left});
    }

    private byte[] field(int number, byte[] content) {
        return join(varint(number << 3 | 2), varint(content.length), content);
    }

    private byte[] packed() {
        byte[] packed = new byte[0];
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) packed = join(packed, varint(number()));
        return packed;
    }

    private byte[] beeNode() {
        byte[] index = new byte[0];
        int levels = random.nextInt(4);
        for (int i = 0; i < levels; i++) index = join(index, field(1, join(field(1, packed()), field(2, packed()))));
        byte[] node = join(field(1, index), field(2, noise(random.nextInt(9))));
        return random.nextBoolean() ? node : join(node, field(3, noise(random.nextInt(9))));
    }

    private byte[] beeHeader() {
        byte[] header = field(1, "hyperbee".getBytes(StandardCharsets.UTF_8));
        return random.nextBoolean()
                ? header
                : join(header, field(2, join(field(1, noise(32)), field(2, noise(random.nextInt(9))))));
    }

    private byte[] numberField(int field, long value) {
        return join(varint((long) field << 3), varint(value));
    }

    private byte[] beeHint() {
        return switch (random.nextInt(3)) {
            case 0 -> field(1, join(numberField(1, number()), numberField(2, number()), field(3, packed())));
            case 1 -> field(2, join(numberField(1, number()), field(2, noise(random.nextInt(9)))));
            default ->
                field(
                        3,
                        join(
                                numberField(1, number()),
                                field(2 + random.nextInt(2), noise(random.nextInt(9))),
                                field(4 + random.nextInt(2), noise(random.nextInt(9))),
                                numberField(6, number()),
                                numberField(7, random.nextInt(2)),
                                field(8, packed())));
        };
    }

    private byte[] driveEntry() {
        String blob = random.nextInt(4) == 0
                ? "null"
                : "{\"blockOffset\":" + number() + ",\"byteOffset\":" + number() + ",\"blockLength\":"
                        + random.nextInt(99) + ",\"byteLength\":" + random.nextInt(9999)
                        + (random.nextBoolean() ? "}" : ",\"blockMap\":true}");
        String link = random.nextBoolean() ? "null" : "\"/to/\\u00e9 é\"";
        return ("{\"executable\":" + random.nextBoolean() + ",\"linkname\":" + link + ",\"blob\":" + blob
                        + ",\"metadata\":" + (random.nextBoolean() ? "null" : "{\"a\":[1,2.5e3]}") + "}")
                .getBytes(StandardCharsets.UTF_8);
    }
}
