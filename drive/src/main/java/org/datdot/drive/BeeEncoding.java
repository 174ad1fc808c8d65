package org.datdot.drive;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/**
 * How keys or values of a {@link TypedBee} are written as bytes. Keys sort by those bytes. The constants give the bytes of
 * the codecs of the same names in npm codecs.
 *
 * @param <T> what is written; never null
 */
public interface BeeEncoding<T> {

    /** Bytes as they are ({@code "binary"}). */
    BeeEncoding<byte[]> BINARY = new BeeEncoding<>() {
        @Override
        public byte[] encode(byte[] value) {
            return value;
        }

        @Override
        public byte[] decode(byte[] bytes) {
            return bytes;
        }
    };

    /** Text ({@code "utf-8"}). A lone surrogate becomes U+FFFD, as in JavaScript. */
    BeeEncoding<String> UTF8 = new BeeEncoding<>() {
        @Override
        public byte[] encode(String value) {
            return JsonText.utf8(value);
        }

        @Override
        public String decode(byte[] bytes) {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new CorruptDriveException("A key or value of the hyperbee is not UTF-8", e);
            }
        }
    };

    /** JSON ({@code "json"}), written as {@code JSON.stringify} does. */
    BeeEncoding<JsonNode> JSON = new BeeEncoding<>() {
        @Override
        public byte[] encode(JsonNode value) {
            return JsonText.encode(value);
        }

        @Override
        public JsonNode decode(byte[] bytes) {
            return JsonText.decode(bytes, "A key or value of the hyperbee");
        }
    };

    byte[] encode(T value);

    /** Throws {@link CorruptDriveException} when the bytes are not what {@link #encode} gives. */
    T decode(byte[] bytes);
}
