package org.datdot.ledger;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;

/**
 * How a type is written in SCALE, and what that looks like to who reads it without knowing the type.
 *
 * @param write appends a value
 * @param read takes a value off
 * @param shape describes what is written
 */
public record Codec<T>(BiConsumer<ScaleEncoder, T> write, Function<ScaleDecoder, T> read, Shape shape) {
    /** A compact unsigned integer in a positive long. */
    public static final Codec<Long> COMPACT =
            new Codec<>(ScaleEncoder::compact, ScaleDecoder::compact, new Shape.Compact(Shape.Primitive.U64));

    /** An unsigned integer of 16 bits. */
    public static final Codec<Integer> U16 = new Codec<>(ScaleEncoder::u16, ScaleDecoder::u16, Shape.Primitive.U16);

    /** An unsigned integer of 32 bits. */
    public static final Codec<Long> U32 = new Codec<>(ScaleEncoder::u32, ScaleDecoder::u32, Shape.Primitive.U32);

    /** An unsigned integer of 64 bits in a positive long. */
    public static final Codec<Long> U64 = new Codec<>(ScaleEncoder::u64, ScaleDecoder::u64, Shape.Primitive.U64);

    /** An unsigned integer of 128 bits in a positive long. */
    public static final Codec<Long> U128 = new Codec<>(
            (out, value) -> out.u64(value).u64Bits(0),
            in -> {
                long value = in.u64Bits();
                long high = in.u64Bits();
                if (value < 0 || high != 0) {
                    throw new DecodingException("expected a number below 2^63, found " + "0x" + Long.toHexString(high)
                            + " times 2^64 and 0x" + Long.toHexString(value));
                }
                return value;
            },
            Shape.Primitive.U128);

    /** Text. */
    public static final Codec<String> STRING =
            new Codec<>(ScaleEncoder::string, ScaleDecoder::string, Shape.Primitive.STR);

    /**
     * The codec of a type by its declaration, which is thereby the only place that says how it is written. A type with a static method {@code codec()} says so itself. Else
     *
     * <ul>
     *   <li>a record is its components in order: {@code long} compact, {@code int} a byte, {@code boolean}, {@code String}, {@code byte[]} with its length in front,
     *       {@link List}, {@link Optional}, and types of these kinds;
     *   <li>an enum is a byte, the ordinal: the order of constants is part of the format;
     *   <li>a sealed interface is the number of a record's {@link Variant} in a byte, then the record;
     *   <li>a subclass of {@code Bytes32}, a {@code Signature} is its bytes.
     * </ul>
     *
     * @throws IllegalArgumentException when the type is of no such kind
     */
    public static <T> Codec<T> of(Class<T> type) {
        return DerivedCodecs.of(type);
    }

    /** A value's bytes. */
    public byte[] encode(T value) {
        ScaleEncoder encoder = new ScaleEncoder();
        write.accept(encoder, value);
        return encoder.toBytes();
    }

    /**
     * The value of bytes, all of them.
     *
     * @throws DecodingException when they are no such value
     */
    public T decode(byte[] bytes) {
        ScaleDecoder decoder = new ScaleDecoder(bytes);
        T value = read.apply(decoder);
        decoder.requireEnd();
        return value;
    }

    /** Many of it. */
    public Codec<List<T>> list() {
        return new Codec<>(
                (encoder, items) -> encoder.list(items, write),
                decoder -> List.copyOf(decoder.list(read)),
                new Shape.Sequence(shape));
    }

    /** One or none of it. */
    public Codec<Optional<T>> optional() {
        return new Codec<>(
                (encoder, value) -> {
                    encoder.bool(value.isPresent());
                    value.ifPresent(present -> write.accept(encoder, present));
                },
                decoder -> decoder.bool() ? Optional.of(read.apply(decoder)) : Optional.empty(),
                Shape.optional(shape));
    }

    /** Another type, written as this one. */
    public <U> Codec<U> as(Function<U, T> to, Function<T, U> from) {
        return new Codec<>(
                (encoder, value) -> write.accept(encoder, to.apply(value)),
                decoder -> from.apply(read.apply(decoder)),
                shape);
    }
}
