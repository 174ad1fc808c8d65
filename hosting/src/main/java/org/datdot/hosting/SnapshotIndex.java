package org.datdot.hosting;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.Manifest;

/**
 * Where a log's snapshots are listed: a hypercore of the log's signers, linked to the log. Its key follows from the log's manifest, so that who follows the log knows it too. Each of its blocks is a {@link SnapshotEntry},
 * the newest last (docs/protocol.md 6).
 */
final class SnapshotIndex {
    private static final byte[] PURPOSE = "datdot/v1/snapshots".getBytes(StandardCharsets.US_ASCII);

    private SnapshotIndex() {}

    /**
     * The manifest of the index of a log's snapshots.
     *
     * @throws IllegalStateException when the log's manifest is not known yet: it comes with the first block
     */
    static Manifest of(Hypercore log) {
        Manifest manifest = log.manifest();
        if (manifest == null) throw new IllegalStateException("the manifest of " + log.key() + " is not known yet");
        List<CoreKey> linked = List.of(log.key());
        return new Manifest(2, false, manifest.quorum(), manifest.signers(), null, linked, PURPOSE.clone());
    }
}
