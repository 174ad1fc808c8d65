package org.datdot.drive;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One file or symbolic link of a drive. Stored as JSON with the keys in the order of npm hyperdrive: executable, linkname,
 * blob, metadata.
 *
 * @param path absolute name in the drive
 * @param seq block of the db core that wrote it
 * @param executable whether the file may be run
 * @param linkname target text of a symbolic link, else null
 * @param blob where the content is, or null: a link, or a bare entry without any
 * @param metadata anything the writer attached, or null
 */
public record DriveEntry(
        String path,
        long seq,
        boolean executable,
        @Nullable String linkname,
        @Nullable BlobId blob,
        @Nullable JsonNode metadata) {

    static byte[] encode(
            boolean executable, @Nullable String linkname, @Nullable BlobId blob, @Nullable JsonNode metadata) {
        ObjectNode value = JsonNodeFactory.instance.objectNode();
        value.put("executable", executable);
        value.put("linkname", linkname);
        if (blob == null) {
            value.putNull("blob");
        } else {
            ObjectNode id = value.putObject("blob");
            id.put("blockOffset", blob.blockOffset());
            id.put("byteOffset", blob.byteOffset());
            id.put("blockLength", blob.blockLength());
            id.put("byteLength", blob.byteLength());
            if (blob.blockMap()) {
                id.put("blockMap", true);
            }
        }
        if (metadata == null) {
            value.putNull("metadata");
        } else {
            value.set("metadata", metadata);
        }
        return JsonText.encode(value);
    }

    /** Reads a stored entry; missing fields are as if false or null, unknown ones are passed over, bytes that are no UTF-8 become U+FFFD. */
    static DriveEntry decode(String path, BeeEntry entry) {
        byte[] bytes = entry.value();
        if (bytes == null) {
            throw new CorruptDriveException("The entry " + path + " of the drive has no value");
        }
        JsonNode value = JsonText.decode(bytes, "The entry " + path + " of the drive");
        if (!value.isObject()) {
            throw new CorruptDriveException("The entry " + path + " of the drive is not a JSON object");
        }
        JsonNode executable = value.path("executable");
        JsonNode linkname = value.path("linkname");
        JsonNode metadata = value.path("metadata");
        return new DriveEntry(
                path,
                entry.seq(),
                executable.isBoolean() && executable.booleanValue(),
                linkname.isString() ? linkname.stringValue() : null,
                decodeBlob(path, value.path("blob")),
                metadata.isNull() || metadata.isMissingNode() ? null : metadata);
    }

    private static @Nullable BlobId decodeBlob(String path, JsonNode blob) {
        if (blob.isNull() || blob.isMissingNode()) {
            return null;
        }
        try {
            JsonNode map = blob.path("blockMap");
            return new BlobId(
                    number(path, blob, "blockOffset"),
                    number(path, blob, "byteOffset"),
                    number(path, blob, "blockLength"),
                    number(path, blob, "byteLength"),
                    map.isBoolean() && map.booleanValue());
        } catch (IllegalArgumentException e) {
            throw new CorruptDriveException("The entry " + path + " of the drive has an impossible blob id", e);
        }
    }

    private static long number(String path, JsonNode blob, String name) {
        JsonNode number = blob.path(name);
        if (!number.isIntegralNumber() || !number.canConvertToLong()) {
            throw new CorruptDriveException(
                    "The entry " + path + " of the drive has no whole number \"" + name + "\" in its blob id");
        }
        return number.longValue();
    }
}
