package org.datdot.hosting;

import org.datdot.crypto.CoreKey;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.datdot.hypercore.BlockRange;
import org.datdot.hypercore.Manifest;
import org.datdot.hypercore.TreeHead;

/**
 * Blocks {@code [start, end)} of one feed at one signed head: what a contract is made of.
 *
 * @param key the feed's key
 * @param manifest the feed's manifest
 * @param head the tree head the ledger knows for this length
 * @param start first block
 * @param end one behind the last block
 */
public record ReplicaSegment(CoreKey key, Manifest manifest, TreeHead head, long start, long end) {

    /** Checks that the range lies inside the feed and is not empty. */
    public ReplicaSegment {
        if (start < 0 || end <= start || end > head.length()) {
            throw new IllegalArgumentException(
                    "blocks " + start + " to " + end + " of a feed with " + head.length() + " blocks");
        }
    }

    /** How many blocks. */
    public int lengthBlocks() {
        return Math.toIntExact(end - start);
    }

    /** The blocks as a range. */
    public BlockRange range() {
        return new BlockRange(start, end);
    }

    void encodeTo(CompactEncoder out) {
        out.fixed(key.bytes()).buffer(manifest.encode());
        out.uint(head.fork()).uint(head.length());
        TreeNodes.encode(out, head.roots());
        out.buffer(head.signature()).uint(start).uint(end);
    }

    static ReplicaSegment decode(CompactDecoder in) {
        CoreKey key = new CoreKey(in.fixed(32));
        Manifest manifest = Manifest.decode(in.buffer());
        TreeHead head = new TreeHead(in.uint(), in.uint(), TreeNodes.decode(in), in.buffer());
        try {
            return new ReplicaSegment(key, manifest, head, in.uint(), in.uint());
        } catch (IllegalArgumentException e) {
            throw new DecodingException("a segment that is none: " + e.getMessage());
        }
    }
}
