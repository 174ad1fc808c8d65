package org.datdot.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class DriveEntryTest {

    private static DriveEntry decode(String json) {
        return DriveEntry.decode("/a", new BeeEntry(4, new byte[0], json.getBytes(StandardCharsets.UTF_8)));
    }

    /** Texts as in the blocks of npm hyperdrive 13.3.4. */
    @Test
    void shouldWriteTheTextOfStockWhenEncoding() {
        assertThat(DriveEntry.encode(false, null, new BlobId(1, 2, 3, 4, false), null))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(
                        "{\"executable\":false,\"linkname\":null,\"blob\":{\"blockOffset\":1,\"byteOffset\":2,\"blockLength\":3,"
                                + "\"byteLength\":4},\"metadata\":null}");
        ObjectNode metadata = JsonNodeFactory.instance.objectNode().put("mime", "ä/\"☃");
        assertThat(DriveEntry.encode(true, "/ö\n", null, metadata))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("{\"executable\":true,\"linkname\":\"/ö\\n"
                        + "\",\"blob\":null,\"metadata\":{\"mime\":\"ä/\\\"☃\"}}");
        assertThat(DriveEntry.encode(false, null, new BlobId(1, 2, 3, 4, true), null))
                .asString(StandardCharsets.UTF_8)
                .contains("\"byteLength\":4,\"blockMap\":true}");
    }

    @Test
    void shouldReadItsOwnTextWhenDecoding() {
        BlobId blob = new BlobId(1, 2, 3, (1L << 53) - 10, true);
        byte[] value = DriveEntry.encode(true, null, blob, null);
        assertThat(DriveEntry.decode("/x", new BeeEntry(9, new byte[0], value)))
                .isEqualTo(new DriveEntry("/x", 9, true, null, blob, null));
    }

    @Test
    void shouldTakeDefaultsWhenFieldsAreMissingOrUnknown() {
        assertThat(decode("{}")).isEqualTo(new DriveEntry("/a", 4, false, null, null, null));
        assertThat(decode("{\"future\":[1],\"executable\":1}"))
                .isEqualTo(new DriveEntry("/a", 4, false, null, null, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "nope",
                "{\"blob\":1}",
                "{\"blob\":{}}",
                "{\"blob\":{\"blockOffset\":-1,\"byteOffset\":0,\"blockLength\":0,\"byteLength\":0}}",
                "{\"blob\":{\"blockOffset\":1.5,\"byteOffset\":0,\"blockLength\":0,\"byteLength\":0}}",
                "{\"blob\":{\"blockOffset\":9007199254740991,\"byteOffset\":0,\"blockLength\":1,\"byteLength\":0}}",
                "{\"blob\":{\"blockOffset\":99999999999999999999,\"byteOffset\":0,\"blockLength\":0,\"byteLength\":0}}"
            })
    void shouldRefuseAnEntryWhenItMakesNoSense(String json) {
        assertThatThrownBy(() -> decode(json)).isInstanceOf(CorruptDriveException.class);
    }
}
