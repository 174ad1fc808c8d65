package org.datdot.hosting;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import org.datdot.hypercore.BlockSource;
import org.jspecify.annotations.Nullable;

/** The blocks of one feed out of the replicas that hold parts of it, decoded on demand. Safe for concurrent use. */
final class FeedSource implements BlockSource {
    private static final System.Logger LOG = System.getLogger(FeedSource.class.getName());
    private static final int CODECS_KEPT = 2;

    private final List<Part> parts;
    private final List<Decoder> decoders;
    private final Served counted;

    /** A segment of a replica. Replicas are compared by identity: one that was stored anew is another one. */
    record Part(Replica replica, int segmentIndex) {
        ReplicaSegment segment() {
            return replica.spec().segments().get(segmentIndex);
        }
    }

    /** A part with the codecs that wait for the next reader. */
    private static final class Decoder {
        final Part part;
        final ReplicaSegment segment;
        final int firstBlock;
        final LinkedBlockingQueue<ReplicaCodec> idle = new LinkedBlockingQueue<>(CODECS_KEPT);

        Decoder(Part part) {
            this.part = part;
            this.segment = part.segment();
            this.firstBlock = part.replica().firstBlock(part.segmentIndex());
        }

        byte[] read(long index) throws IOException {
            ReplicaCodec codec = idle.poll();
            if (codec == null) codec = part.replica().codec();
            try {
                return part.replica().block((int) (firstBlock + index - segment.start()), codec);
            } finally {
                if (!idle.offer(codec)) codec.close();
            }
        }
    }

    /** Counts what is read as served. */
    FeedSource(List<Part> parts, Served counted) {
        this.counted = counted;
        this.parts = List.copyOf(parts);
        this.decoders = this.parts.stream().map(Decoder::new).toList();
    }

    Set<Part> parts() {
        return Set.copyOf(parts);
    }

    /** The segment with the longest head. */
    ReplicaSegment longest() {
        ReplicaSegment longest = parts.getFirst().segment();
        for (Part part : parts) {
            if (part.segment().head().length() > longest.head().length()) longest = part.segment();
        }
        return longest;
    }

    @Override
    public byte[] read(long index) throws IOException {
        @Nullable IOException failure = null;
        for (Decoder decoder : decoders) {
            if (index < decoder.segment.start() || index >= decoder.segment.end()) continue;
            try {
                byte[] block = decoder.read(index);
                counted.add(decoder.part.replica().id(), block.length);
                return block;
            } catch (DamagedReplicaException | InvalidReplicaException e) {
                LOG.log(System.Logger.Level.ERROR, "ALERT: {0}; check the disk", e.getMessage());
                failure = new IOException("block " + index + " is damaged here", e);
            }
        }
        throw failure != null ? failure : new IOException("block " + index + " is not hosted here");
    }

    /** Gives the native memory back; readers that are at work give theirs back themselves. */
    void close() {
        for (Decoder decoder : decoders) {
            ReplicaCodec codec = decoder.idle.poll();
            while (codec != null) {
                codec.close();
                codec = decoder.idle.poll();
            }
        }
    }
}
