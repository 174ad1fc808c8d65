package org.datdot.ledger;

import org.datdot.crypto.CoreKey;

/** Says whether a tree head is signed by those whom a hypercore's key stands for. The one thing the pallet needs from Hypercore. Must be deterministic. */
public interface TreeHeadVerifier {
    /** Whether {@code manifest} belongs to {@code key} and {@code head} is signed as it asks; false for anything malformed, never an exception. */
    boolean verify(CoreKey key, Bytes manifest, FeedHead head);
}
