package org.datdot.drive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Block 0 of a hyperbee (npm hyperbee lib/messages.js, Header): who uses the core for what.
 *
 * @param protocol {@code "hyperbee"}
 * @param metadata null when the field is absent, as a bee of its own has it; a drive always writes one
 */
public record BeeHeader(String protocol, @Nullable Metadata metadata) {

    /** The protocol name of a hyperbee. */
    public static final String HYPERBEE = "hyperbee";

    /**
     * What belongs to the bee.
     *
     * @param contentFeed key of the blobs core of an old ("compat") drive, or null; shared, do not modify
     * @param userData free bytes, or null; shared, do not modify
     */
    @SuppressWarnings("ArrayRecordComponent") // equals below compares the content
    public record Metadata(byte @Nullable [] contentFeed, byte @Nullable [] userData) {

        /** What stock hyperdrive writes for a drive whose blobs core is derived. */
        public static final Metadata EMPTY = new Metadata(null, null);

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Metadata that
                    && Arrays.equals(contentFeed, that.contentFeed)
                    && Arrays.equals(userData, that.userData);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(contentFeed) + Arrays.hashCode(userData);
        }
    }

    byte[] encode() {
        ProtoWriter out = new ProtoWriter().bytes(1, protocol.getBytes(StandardCharsets.UTF_8));
        if (metadata != null) {
            ProtoWriter inner = new ProtoWriter();
            if (metadata.contentFeed() != null) {
                inner.bytes(1, metadata.contentFeed());
            }
            if (metadata.userData() != null) {
                inner.bytes(2, metadata.userData());
            }
            out.message(2, inner);
        }
        return out.toBytes();
    }

    /** Throws {@link CorruptDriveException} when the block is no hyperbee header. */
    static BeeHeader decode(byte[] block) {
        ProtoReader in = new ProtoReader(block);
        String protocol = null;
        Metadata metadata = null;
        while (in.hasMore()) {
            switch (in.field()) {
                case 1 -> protocol = new String(in.bytes(), StandardCharsets.UTF_8);
                case 2 -> metadata = decodeMetadata(in.message());
                default -> in.skip();
            }
        }
        if (protocol == null || !protocol.equals(HYPERBEE)) {
            throw new CorruptDriveException(
                    "Block 0 is not a hyperbee header: the core holds something else than a bee");
        }
        return new BeeHeader(protocol, metadata);
    }

    private static Metadata decodeMetadata(ProtoReader in) {
        byte[] contentFeed = null;
        byte[] userData = null;
        while (in.hasMore()) {
            switch (in.field()) {
                case 1 -> contentFeed = in.bytes();
                case 2 -> userData = in.bytes();
                default -> in.skip();
            }
        }
        return new Metadata(contentFeed, userData);
    }
}
