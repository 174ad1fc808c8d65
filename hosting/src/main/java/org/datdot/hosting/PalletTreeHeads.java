package org.datdot.hosting;

import org.datdot.crypto.CoreKey;
import org.datdot.encoding.DecodingException;
import org.datdot.hypercore.Manifest;
import org.datdot.hypercore.TreeHead;
import org.datdot.ledger.Bytes;
import org.datdot.ledger.FeedHead;
import org.datdot.ledger.TreeHeadVerifier;

/**
 * Tells the ledger by Hypercore's own rules whether a tree head is signed by those whom a feed's key stands for. Without
 * state, deterministic.
 */
public final class PalletTreeHeads implements TreeHeadVerifier {

    @Override
    public boolean verify(CoreKey key, Bytes manifest, FeedHead head) {
        try {
            return Manifest.decode(manifest.bytes()).verify(key, treeHead(head));
        } catch (DecodingException | IllegalArgumentException _) {
            return false; // malformed: nobody signed that
        }
    }

    /** The ledger's tree head as Hypercore's. */
    static TreeHead treeHead(FeedHead head) {
        return new TreeHead(
                head.fork(), head.length(), head.roots(), head.signature().bytes());
    }

    /** Hypercore's tree head as the ledger's. */
    static FeedHead feedHead(TreeHead head) {
        return new FeedHead(head.fork(), head.length(), head.roots(), new Bytes(head.signature()));
    }
}
