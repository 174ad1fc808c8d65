package org.datdot.hosting;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import org.datdot.chain.Block;
import org.datdot.chain.ChainException;
import org.datdot.chain.ChainRestore;
import org.datdot.chain.ChainSpec;
import org.datdot.chain.Header;
import org.datdot.crypto.Hash;
import org.datdot.encoding.DecodingException;
import org.datdot.hypercore.BlockNotAvailableException;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.Download;
import org.datdot.hypercore.Hypercore;
import org.jspecify.annotations.Nullable;

/**
 * Begins a follower's chain with the newest snapshot that is published beside a log ({@link SnapshotPublisher}), from whoever has it. Believed is what the chain's authority signed: the header is the log's, it is
 * sealed, and the entries lead to its state root.
 */
final class SnapshotFetch {
    private final Corestore store;
    private final Hypercore log;
    private final Duration patience;

    SnapshotFetch(Corestore store, Hypercore log, Duration patience) {
        this.store = store;
        this.log = log;
        this.patience = patience;
    }

    /**
     * Begins the chain in a directory that has none.
     *
     * @param least the number of the first block whose snapshot is worth it
     * @return the header it begins after; null when there is no such snapshot
     * @throws ChainException of kind INVALID_BLOCK when the snapshot is not what it is said to be; nothing of it is kept
     * @throws BlockNotAvailableException when nobody has all of it
     */
    @Nullable
    Header begin(Path directory, ChainSpec spec, long least) {
        try (Hypercore index = store.get(SnapshotIndex.of(log))) {
            if (index.length() == 0) index.update(patience);
            if (index.length() == 0) return null;
            SnapshotEntry entry = SnapshotEntry.decode(index.get(index.length() - 1, patience));
            if (entry.number() < least) return null;
            return begin(directory, spec, entry);
        } catch (DecodingException e) {
            throw ChainException.notTheChain("the list of snapshots of " + log.key() + " is none: " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Header begin(Path directory, ChainSpec spec, SnapshotEntry entry) throws IOException {
        Header header = Block.decode(log.get(entry.number(), patience)).header();
        Hash named = entry.block();
        if (!header.hash().equals(named)) {
            throw ChainException.notTheChain("the snapshot is said to be after block " + entry.number() + " " + named
                    + ", the log has another one, " + header.hash());
        }
        try (Hypercore core = store.get(entry.manifest());
                Download _ = core.download(0, entry.length());
                InputStream bytes = new Bytes(core, entry.length(), patience)) {
            return ChainRestore.begin(directory, bytes, spec, header, new PalletTreeHeads());
        }
    }

    /** The blocks of a core as bytes. */
    private static final class Bytes extends InputStream {
        private final Hypercore core;
        private final long blocks;
        private final Duration patience;
        private byte[] block = new byte[0];
        private int at;
        private long next;

        Bytes(Hypercore core, long blocks, Duration patience) {
            this.core = core;
            this.blocks = blocks;
            this.patience = patience;
        }

        /** False at the end. */
        private boolean fill() {
            while (at == block.length) {
                if (next == blocks) return false;
                block = core.get(next++, patience);
                at = 0;
            }
            return true;
        }

        @Override
        public int read() {
            return fill() ? block[at++] & 0xff : -1;
        }

        @Override
        public int read(byte[] to, int from, int count) {
            if (count == 0) return 0;
            if (!fill()) return -1;
            int part = Math.min(count, block.length - at);
            System.arraycopy(block, at, to, from, part);
            at += part;
            return part;
        }
    }
}
