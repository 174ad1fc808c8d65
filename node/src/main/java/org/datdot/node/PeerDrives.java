package org.datdot.node;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.datdot.crypto.CoreKey;
import org.datdot.drive.BlobId;
import org.datdot.drive.DriveEntry;
import org.datdot.drive.Hyperdrive;
import org.datdot.drive.PutOptions;
import org.datdot.hypercore.Corestore;
import org.datdot.hypercore.EncryptionKey;
import org.jspecify.annotations.Nullable;

/** The operations of {@code datdot peer} on drives. */
final class PeerDrives {
    private static final String DRIVE = "drive";
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final PeerHandles handles;

    PeerDrives(PeerHandles handles) {
        this.handles = handles;
    }

    void register(PeerSession session) {
        session.register(DRIVE, List.of(PeerCores.STORE, "namespace", "key", "encryptionKey"), this::open);
        session.register("drive-info", List.of(DRIVE), this::info);
        session.register("drive-update", List.of(DRIVE), this::update);
        session.register("drive-put", List.of(DRIVE, "path", "blocks", "fill", "executable", "metadata"), this::put);
        session.register("drive-symlink", List.of(DRIVE, "path", "target"), this::symlink);
        session.register("drive-del", List.of(DRIVE, "path"), this::del);
        session.register("drive-get", List.of(DRIVE, "path"), this::get);
        session.register("drive-list", List.of(DRIVE, "folder"), this::list);
    }

    private Hyperdrive drive(PeerRequest request) {
        return handles.get(request, DRIVE, Hyperdrive.class);
    }

    private Map<String, @Nullable Object> open(PeerRequest request) {
        Corestore store = handles.get(request, PeerCores.STORE, Corestore.class);
        EncryptionKey secret = request.has("encryptionKey") ? EncryptionKey.of(request.key("encryptionKey")) : null;
        Hyperdrive drive;
        if (request.has("key")) drive = Hyperdrive.open(store, new CoreKey(request.key("key")), secret);
        else if (request.has("namespace")) drive = Hyperdrive.open(store.namespace(request.text("namespace")), secret);
        else drive = Hyperdrive.open(store, secret);
        return Json.object(
                DRIVE,
                handles.add(DRIVE, drive, drive::close),
                "key",
                drive.key().hex(),
                "version",
                drive.version(),
                "writable",
                drive.writable());
    }

    private Map<String, @Nullable Object> info(PeerRequest request) {
        Hyperdrive drive = drive(request);
        return Json.object(
                "key", drive.key().hex(),
                "version", drive.version(),
                "blobsKey", drive.blobsCore().key().hex(),
                "blobsLength", drive.blobsCore().length());
    }

    private Map<String, @Nullable Object> version(PeerRequest request) {
        return Json.object("version", drive(request).version());
    }

    private Map<String, @Nullable Object> update(PeerRequest request) {
        drive(request).update(PATIENCE);
        return version(request);
    }

    private Map<String, @Nullable Object> put(PeerRequest request) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] block : request.blocks()) content.writeBytes(block);
        PutOptions options = new PutOptions(request.flag("executable", false), request.any("metadata"));
        drive(request).put(request.text("path"), new ByteArrayInputStream(content.toByteArray()), options);
        return version(request);
    }

    private Map<String, @Nullable Object> symlink(PeerRequest request) {
        drive(request).symlink(request.text("path"), request.text("target"));
        return version(request);
    }

    private Map<String, @Nullable Object> del(PeerRequest request) {
        drive(request).del(request.text("path"));
        return version(request);
    }

    private Map<String, @Nullable Object> get(PeerRequest request) {
        byte[] content = drive(request).get(request.text("path"));
        return content == null
                ? Json.object("byteLength", null, "sha256", null)
                : Json.object(
                        "byteLength",
                        content.length,
                        "sha256",
                        PeerCores.hex(PeerCores.sha256().digest(content)));
    }

    private Map<String, @Nullable Object> list(PeerRequest request) {
        List<Object> entries = new ArrayList<>();
        for (DriveEntry entry : drive(request).list(request.text("folder", "/"))) {
            entries.add(Json.object(
                    "path", entry.path(),
                    "seq", entry.seq(),
                    "executable", entry.executable(),
                    "linkname", entry.linkname(),
                    "blob", blob(entry.blob()),
                    "metadata", entry.metadata()));
        }
        return Json.object("entries", entries);
    }

    private static @Nullable Map<String, @Nullable Object> blob(@Nullable BlobId blob) {
        if (blob == null) return null;
        Map<String, @Nullable Object> answer = Json.object(
                "blockOffset", blob.blockOffset(),
                "byteOffset", blob.byteOffset(),
                "blockLength", blob.blockLength(),
                "byteLength", blob.byteLength());
        if (blob.blockMap()) answer.put("blockMap", true);
        return answer;
    }
}
