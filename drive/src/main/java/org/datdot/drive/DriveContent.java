package org.datdot.drive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Namespaces;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.EncryptionKey;
import org.datdot.hypercore.Hypercore;
import org.datdot.hypercore.Manifest;
import org.datdot.hypercore.PeerSearch;
import org.jspecify.annotations.Nullable;

/**
 * The blobs core of a drive, opened when it is first needed: a reader must have seen the header of the db before. Its key
 * follows from the db's manifest (npm hyperdrive index.js, generateContentManifest), or is in the header of an old drive.
 */
final class DriveContent {

    private static final byte[] BLOBS = Namespaces.derive("hyperdrive", 0)[0];

    private final ReentrantLock lock = new ReentrantLock();
    private final Corestore store;
    private final Hypercore db;
    private final @Nullable KeyPair keyPair;
    private final @Nullable EncryptionKey secret;
    private @Nullable Open open;

    /** The core and the blobs in it. */
    record Open(Hypercore core, Hyperblobs blobs) {}

    DriveContent(Corestore store, Hypercore db, @Nullable KeyPair keyPair, @Nullable EncryptionKey secret) {
        this.store = store;
        this.db = db;
        this.keyPair = keyPair;
        this.secret = secret;
    }

    /** The core as it is, or the handle that encrypts and decrypts instead of the one given. */
    static Hypercore encrypted(Hypercore core, @Nullable EncryptionKey secret) {
        if (secret == null) {
            return core;
        }
        try (core) {
            return core.encrypted(secret);
        }
    }

    /** The blobs; the header is read from {@code bee}, which decides how long to wait for it. */
    Open open(Hyperbee bee) {
        lock.lock();
        try {
            Open known = open;
            if (known == null) {
                Hypercore opened = encrypted(openCore(bee), secret);
                known = new Open(opened, Hyperblobs.of(opened));
                open = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** Says that peers of the drive are being looked for. */
    PeerSearch findingPeers() {
        PeerSearch names = db.replicator().findingPeers();
        lock.lock();
        try {
            PeerSearch contents =
                    open == null ? () -> {} : open.core.replicator().findingPeers();
            return () -> {
                names.close();
                contents.close();
            };
        } finally {
            lock.unlock();
        }
    }

    private Hypercore openCore(Hyperbee bee) {
        BeeHeader header = bee.header();
        if (header == null && !db.writable()) {
            throw new DriveException(
                    "Nothing is known of drive " + db.key() + " yet: connect to a peer that has it, and update.");
        }
        byte[] contentFeed = header == null || header.metadata() == null
                ? null
                : header.metadata().contentFeed();
        if (contentFeed != null) {
            if (contentFeed.length < 32) {
                throw new CorruptDriveException(
                        "The header of drive " + db.key() + " has a blobs key of " + contentFeed.length + " bytes");
            }
            return store.get(new CoreKey(Arrays.copyOf(contentFeed, 32)));
        }
        Manifest manifest = db.manifest();
        if (manifest == null || !manifest.coreKey().equals(db.key())) {
            throw new CorruptDriveException("The header of drive " + db.key()
                    + " names no blobs core, and none can be derived: its key is not that of a manifest");
        }
        Manifest derived = manifest(manifest, db.key());
        return keyPair != null ? store.get(derived, keyPair) : store.get(derived.coreKey());
    }

    @SuppressWarnings("NullAway") // null is allowed for userData; the class file of a record loses @Nullable on arrays
    static Manifest manifest(Manifest db, CoreKey dbKey) {
        if (db.version() < 1) {
            throw new CorruptDriveException(
                    "A drive of manifest version " + db.version() + " has no derived blobs core");
        }
        List<Manifest.Signer> signers = new ArrayList<>();
        for (Manifest.Signer signer : db.signers()) {
            byte[] namespace =
                    Blake2b.hash(BLOBS, dbKey.bytes(), signer.namespace().bytes());
            signers.add(new Manifest.Signer(new Hash(namespace), signer.publicKey()));
        }
        return new Manifest(db.version(), db.allowPatch(), db.quorum(), signers, null, null, null);
    }

    void close() {
        lock.lock();
        try {
            if (open != null) {
                open.core.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
