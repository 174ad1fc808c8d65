package org.datdot.ledger;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;

/**
 * How a type is written in SCALE.
 *
 * @param write appends a value
 * @param read takes a value off
 */
public record Codec<T>(BiConsumer<ScaleEncoder, T> write, Function<ScaleDecoder, T> read) {
    /** A compact unsigned integer in a positive long. */
    public static final Codec<Long> COMPACT = new Codec<>(ScaleEncoder::compact, ScaleDecoder::compact);

    /** Text. */
    public static final Codec<String> STRING = new Codec<>(ScaleEncoder::string, ScaleDecoder::string);

    /** A value's bytes. */
    public byte[] encode(T value) {
        ScaleEncoder encoder = new ScaleEncoder();
        write.accept(encoder, value);
        return encoder.toBytes();
    }

    /**
     * The value of bytes, all of them.
     *
     * @throws org.datdot.encoding.DecodingException when they are no such value
     */
    public T decode(byte[] bytes) {
        ScaleDecoder decoder = new ScaleDecoder(bytes);
        T value = read.apply(decoder);
        decoder.requireEnd();
        return value;
    }

    /** Many of it. */
    public Codec<List<T>> list() {
        return new Codec<>((encoder, items) -> encoder.list(items, write), decoder -> List.copyOf(decoder.list(read)));
    }

    /** One or none of it. */
    public Codec<Optional<T>> optional() {
        return new Codec<>(
                (encoder, value) -> {
                    encoder.bool(value.isPresent());
                    value.ifPresent(present -> write.accept(encoder, present));
                },
                decoder -> decoder.bool() ? Optional.of(read.apply(decoder)) : Optional.empty());
    }

    /** One of an enum's constants, by its ordinal in a byte: the order of constants is part of the format. */
    @SuppressWarnings("EnumOrdinal")
    public static <E extends Enum<E>> Codec<E> constant(Class<E> type) {
        E[] constants = type.getEnumConstants();
        return new Codec<>((encoder, value) -> encoder.u8(value.ordinal()), decoder -> {
            int ordinal = decoder.u8();
            if (ordinal >= constants.length) {
                throw new org.datdot.encoding.DecodingException(
                        "no " + type.getSimpleName() + " has number " + ordinal);
            }
            return constants[ordinal];
        });
    }

    /** Thirty-two bytes of some kind. */
    public static <B extends org.datdot.crypto.Bytes32> Codec<B> bytes32(Function<byte[], B> make) {
        return new Codec<>((encoder, value) -> encoder.fixed(value.bytes()), decoder -> make.apply(decoder.fixed(32)));
    }
}
