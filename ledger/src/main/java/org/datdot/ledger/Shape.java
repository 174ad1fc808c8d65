package org.datdot.ledger;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Codec} writes, described so that a program which knows nothing of the ledger can read and write it: the type definitions of the
 * crate {@code scale-info} ({@code src/ty/mod.rs}), without documentation. Two equal shapes are the same type.
 */
public sealed interface Shape {
    /** Types without parts. Their order here is ours; the number is the one in metadata. */
    enum Primitive implements Shape {
        /** One byte, 0 or 1. */
        BOOL(0),
        /** UTF-8 with its length in front. */
        STR(2),
        /** Unsigned, one byte. */
        U8(3),
        /** Unsigned, two bytes, little-endian as all that follow. */
        U16(4),
        /** Unsigned, four bytes. */
        U32(5),
        /** Unsigned, eight bytes. */
        U64(6),
        /** Unsigned, sixteen bytes. */
        U128(7);

        private final int number;

        Primitive(int number) {
            this.number = number;
        }

        /** The number of this type in metadata. */
        public int number() {
            return number;
        }
    }

    /** An unsigned integer of one of those widths, in as few bytes as it needs. */
    record Compact(Shape of) implements Shape {}

    /** Any number of one type, the count in front. */
    record Sequence(Shape of) implements Shape {}

    /** A fixed number of one type. */
    record Array(int length, Shape of) implements Shape {}

    /** Some types one after the other; none of them is nothing. */
    record Tuple(List<Shape> of) implements Shape {}

    /** Fields one after the other. */
    record Composite(List<String> path, List<Parameter> parameters, List<Field> fields) implements Shape {
        /** A composite without parameters. */
        public static Composite of(String path, Field... fields) {
            return new Composite(List.of(path.split("::")), List.of(), List.of(fields));
        }
    }

    /** A byte that tells which, then its fields. */
    record Variant(List<String> path, List<Parameter> parameters, List<Option> options) implements Shape {
        /** A variant without parameters. */
        public static Variant of(String path, List<Option> options) {
            return new Variant(List.of(path.split("::")), List.of(), options);
        }
    }

    /** A type that another one is made of, under the name its reader knows it by. */
    record Parameter(String name, Shape shape) {}

    /** A part of a composite or an option. Without a name it goes by its place. */
    record Field(@Nullable String name, Shape shape) {
        /** A field that goes by its place. */
        public static Field unnamed(Shape shape) {
            return new Field(null, shape);
        }
    }

    /** One of the possibilities of a variant. */
    record Option(int index, String name, List<Field> fields) {}

    /** Bytes with their length in front. */
    Shape BYTES = new Sequence(Primitive.U8);

    /** One or none. */
    static Shape optional(Shape of) {
        return new Variant(
                List.of("Option"),
                List.of(new Parameter("T", of)),
                List.of(new Option(0, "None", List.of()), new Option(1, "Some", List.of(Field.unnamed(of)))));
    }
}
