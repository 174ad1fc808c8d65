package org.datdot.hypercore;

import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of the messages of {@code hypercore/alpha}: the objects {@code wire.*} of npm hypercore lib/messages.js. Decoding
 * bounds every list by the bytes that are there and throws {@link DecodingException} for anything else that is wrong;
 * bytes behind a message are ignored, as stock does, so that later versions may add fields.
 */
final class ReplicationCodec {
    private static final int BLOCK = 1;
    private static final int HASH = 2;
    private static final int SEEK = 4;
    private static final int UPGRADE = 8;
    private static final int MANIFEST = 16;
    private static final int PRIORITY = 32;

    private ReplicationCodec() {}

    static byte[] encode(ReplicationMessage message) {
        CompactEncoder out = new CompactEncoder();
        switch (message) {
            case ReplicationMessage.Sync m -> encodeSync(out, m);
            case ReplicationMessage.Request m -> encodeRequest(out, m);
            case ReplicationMessage.Cancel m -> out.uint(m.request());
            case ReplicationMessage.Data m -> encodeData(out, m);
            case ReplicationMessage.NoData m -> {
                out.uint(m.request()).uint(m.reason() == 0 ? 0 : 1);
                if (m.reason() != 0) out.uint(m.reason());
            }
            case ReplicationMessage.Want m -> encodeWant(out, m.start(), m.length(), m.any());
            case ReplicationMessage.Unwant m -> encodeWant(out, m.start(), m.length(), m.any());
            case ReplicationMessage.Bitfield m -> {
                out.uint(m.start()).uint(m.words().length);
                for (int word : m.words()) out.uint32(Integer.toUnsignedLong(word));
            }
            case ReplicationMessage.Range m -> {
                out.uint((m.drop() ? 1 : 0) | (m.length() == 1 ? 2 : 0)).uint(m.start());
                if (m.length() != 1) out.uint(m.length());
            }
            case ReplicationMessage.Extension m -> out.string(m.name()).raw(m.message());
        }
        return out.toBytes();
    }

    /** The bytes in parts, a block's value being one of them as it is: it is not copied. */
    static byte[][] encodeParts(ReplicationMessage message) {
        if (!(message instanceof ReplicationMessage.Data data) || data.proof().block() == null) {
            return new byte[][] {encode(message)};
        }
        Proof.DataBlock block = data.proof().block();
        CompactEncoder head = new CompactEncoder();
        encodeDataStart(head, data);
        head.uint(block.index()).uint(block.value().length);
        CompactEncoder tail = new CompactEncoder();
        TreeNodeCodec.encodeList(tail, block.nodes());
        encodeDataRest(tail, data);
        return new byte[][] {head.toBytes(), block.value(), tail.toBytes()};
    }

    static @Nullable ReplicationMessage decode(int type, CompactDecoder in) {
        return switch (type) {
            case 0 -> decodeSync(in);
            case 1 -> decodeRequest(in);
            case 2 -> new ReplicationMessage.Cancel(in.uint());
            case 3 -> decodeData(in);
            case 4 -> {
                long request = in.uint();
                long flags = in.remaining() > 0 ? in.uint() : 0;
                yield new ReplicationMessage.NoData(request, (flags & 1) != 0 ? in.uint() : 0);
            }
            case 5 -> new ReplicationMessage.Want(in.uint(), in.uint(), decodeAny(in));
            case 6 -> new ReplicationMessage.Unwant(in.uint(), in.uint(), decodeAny(in));
            case 7 -> decodeBitfield(in);
            case 8 -> {
                long flags = in.uint();
                long start = in.uint();
                yield new ReplicationMessage.Range((flags & 1) != 0, start, (flags & 2) != 0 ? 1 : in.uint());
            }
            case 9 -> new ReplicationMessage.Extension(in.string(), in.raw());
            default -> null;
        };
    }

    static byte[] encodeHandshake(ReplicationMessage.Handshake handshake) {
        return new CompactEncoder()
                .uint(handshake.seeks() ? 1 : 0)
                .fixed(handshake.capability())
                .toBytes();
    }

    static ReplicationMessage.Handshake decodeHandshake(CompactDecoder in) {
        return new ReplicationMessage.Handshake((in.uint() & 1) != 0, in.fixed(32));
    }

    private static void encodeSync(CompactEncoder out, ReplicationMessage.Sync m) {
        int flags = (m.canUpgrade() ? 1 : 0)
                | (m.uploading() ? 2 : 0)
                | (m.downloading() ? 4 : 0)
                | (m.hasManifest() ? 8 : 0)
                | (m.allowPush() ? 16 : 0);
        out.uint(flags).uint(m.fork()).uint(m.length()).uint(m.remoteLength());
    }

    private static ReplicationMessage decodeSync(CompactDecoder in) {
        long flags = in.uint();
        return new ReplicationMessage.Sync(
                in.uint(),
                in.uint(),
                in.uint(),
                (flags & 1) != 0,
                (flags & 2) != 0,
                (flags & 4) != 0,
                (flags & 8) != 0,
                (flags & 16) != 0);
    }

    private static void encodeRequest(CompactEncoder out, ReplicationMessage.Request m) {
        ProofRequest.BlockRequest block = m.proof().block();
        ProofRequest.HashRequest hash = m.proof().hash();
        ProofRequest.SeekRequest seek = m.proof().seek();
        ProofRequest.UpgradeRequest upgrade = m.proof().upgrade();
        int flags = (block != null ? BLOCK : 0)
                | (hash != null ? HASH : 0)
                | (seek != null ? SEEK : 0)
                | (upgrade != null ? UPGRADE : 0)
                | (m.proof().manifest() ? MANIFEST : 0)
                | (m.priority() != 0 ? PRIORITY : 0);
        out.uint(flags).uint(m.id()).uint(m.fork());
        if (block != null) out.uint(block.index()).uint(block.nodes());
        if (hash != null) out.uint(hash.index()).uint(hash.nodes());
        if (seek != null) out.uint(seek.bytes()).uint(seek.padding());
        if (upgrade != null) out.uint(upgrade.start()).uint(upgrade.length());
        if (m.priority() != 0) out.uint(m.priority());
    }

    private static ReplicationMessage decodeRequest(CompactDecoder in) {
        long flags = in.uint();
        long id = in.uint();
        long fork = in.uint();
        ProofRequest proof = new ProofRequest(
                (flags & BLOCK) != 0 ? new ProofRequest.BlockRequest(in.uint(), in.uint()) : null,
                (flags & HASH) != 0 ? new ProofRequest.HashRequest(in.uint(), in.uint()) : null,
                (flags & SEEK) != 0 ? new ProofRequest.SeekRequest(in.uint(), in.uint()) : null,
                (flags & UPGRADE) != 0 ? new ProofRequest.UpgradeRequest(in.uint(), in.uint()) : null,
                (flags & MANIFEST) != 0);
        return new ReplicationMessage.Request(id, fork, proof, (flags & PRIORITY) != 0 ? in.uint() : 0);
    }

    private static void encodeData(CompactEncoder out, ReplicationMessage.Data m) {
        encodeDataStart(out, m);
        Proof.DataBlock block = m.proof().block();
        if (block != null) {
            out.uint(block.index()).buffer(block.value());
            TreeNodeCodec.encodeList(out, block.nodes());
        }
        encodeDataRest(out, m);
    }

    private static void encodeDataStart(CompactEncoder out, ReplicationMessage.Data m) {
        Proof proof = m.proof();
        int flags = (proof.block() != null ? BLOCK : 0)
                | (proof.hash() != null ? HASH : 0)
                | (proof.seek() != null ? SEEK : 0)
                | (proof.upgrade() != null ? UPGRADE : 0)
                | (proof.manifest() != null ? MANIFEST : 0);
        out.uint(flags).uint(m.request()).uint(proof.fork());
    }

    private static void encodeDataRest(CompactEncoder out, ReplicationMessage.Data m) {
        Proof.DataHash hash = m.proof().hash();
        Proof.DataSeek seek = m.proof().seek();
        Proof.DataUpgrade upgrade = m.proof().upgrade();
        Manifest manifest = m.proof().manifest();
        if (hash != null) {
            out.uint(hash.index());
            TreeNodeCodec.encodeList(out, hash.nodes());
        }
        if (seek != null) {
            out.uint(seek.bytes());
            TreeNodeCodec.encodeList(out, seek.nodes());
        }
        if (upgrade != null) {
            out.uint(upgrade.start()).uint(upgrade.length());
            TreeNodeCodec.encodeList(out, upgrade.nodes());
            TreeNodeCodec.encodeList(out, upgrade.additionalNodes());
            out.optionalBuffer(upgrade.signature());
        }
        if (manifest != null) manifest.encodeTo(out);
    }

    private static ReplicationMessage decodeData(CompactDecoder in) {
        long flags = in.uint();
        long request = in.uint();
        long fork = in.uint();
        Proof.DataBlock block = (flags & BLOCK) != 0 ? decodeBlock(in) : null;
        Proof.DataHash hash = (flags & HASH) != 0 ? new Proof.DataHash(in.uint(), TreeNodeCodec.decodeList(in)) : null;
        Proof.DataSeek seek = (flags & SEEK) != 0 ? new Proof.DataSeek(in.uint(), TreeNodeCodec.decodeList(in)) : null;
        Proof.DataUpgrade upgrade = (flags & UPGRADE) != 0
                ? new Proof.DataUpgrade(
                        in.uint(),
                        in.uint(),
                        TreeNodeCodec.decodeList(in),
                        TreeNodeCodec.decodeList(in),
                        in.optionalBuffer())
                : null;
        Manifest manifest = (flags & MANIFEST) != 0 ? Manifest.decode(in) : null;
        return new ReplicationMessage.Data(request, new Proof(fork, block, hash, seek, upgrade, manifest));
    }

    private static Proof.DataBlock decodeBlock(CompactDecoder in) {
        long index = in.uint();
        byte[] value = in.buffer();
        return new Proof.DataBlock(index, value, TreeNodeCodec.decodeList(in));
    }

    private static void encodeWant(CompactEncoder out, long start, long length, boolean any) {
        out.uint(start).uint(length);
        if (any) out.uint(1);
    }

    private static boolean decodeAny(CompactDecoder in) {
        return in.remaining() > 0 && (in.uint() & 1) != 0;
    }

    private static ReplicationMessage decodeBitfield(CompactDecoder in) {
        long start = in.uint();
        long words = in.uint();
        if (words < 0 || words > in.remaining() / 4) {
            throw new DecodingException("a bitfield of " + words + " words in " + in.remaining() + " bytes");
        }
        int[] bits = new int[(int) words];
        for (int i = 0; i < bits.length; i++) bits[i] = (int) in.uint32();
        return new ReplicationMessage.Bitfield(start, bits);
    }
}
