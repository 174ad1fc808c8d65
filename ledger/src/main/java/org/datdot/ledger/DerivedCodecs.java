package org.datdot.ledger;

import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.datdot.crypto.Bytes32;
import org.datdot.crypto.Hash;
import org.datdot.crypto.Signature;
import org.datdot.encoding.DecodingException;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.encoding.ScaleEncoder;
import org.jspecify.annotations.Nullable;

/** Makes the codecs of {@link Codec#of} out of the declarations of types, once each. Thread-safe. */
final class DerivedCodecs {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
    /** Two threads may make the same codec; the two are alike. No lock is held meanwhile: making one may load classes that ask for others. */
    private static final ClassValue<Codec<?>> KNOWN = new ClassValue<>() {
        @Override
        protected Codec<?> computeValue(Class<?> type) {
            return derive(type);
        }
    };

    private DerivedCodecs() {}

    @SuppressWarnings("unchecked")
    static <T> Codec<T> of(Class<T> type) {
        return (Codec<T>) KNOWN.get(type);
    }

    private static Codec<?> derive(Class<?> type) {
        Codec<?> own = ownCodec(type);
        if (own != null) {
            return own;
        }
        if (type == long.class) {
            return Codec.COMPACT;
        }
        if (type == int.class) {
            return new Codec<Integer>(ScaleEncoder::u8, ScaleDecoder::u8, Shape.Primitive.U8);
        }
        if (type == boolean.class) {
            return new Codec<Boolean>(ScaleEncoder::bool, ScaleDecoder::bool, Shape.Primitive.BOOL);
        }
        if (type == String.class) {
            return Codec.STRING;
        }
        if (type == byte[].class) {
            return new Codec<byte[]>(ScaleEncoder::bytes, ScaleDecoder::bytes, Shape.BYTES);
        }
        if (type == Signature.class) {
            return new Codec<Signature>(
                    (out, value) -> out.fixed(value.bytes()),
                    in -> new Signature(in.fixed(Signature.BYTES)),
                    newtype(type, Signature.BYTES));
        }
        if (Bytes32.class.isAssignableFrom(type)) {
            return bytes32(type.asSubclass(Bytes32.class));
        }
        if (type.isEnum()) {
            return constant(type);
        }
        if (type.isRecord()) {
            return record(type).codec();
        }
        if (type.isSealed() && type.isInterface()) {
            return variant(type);
        }
        throw new IllegalArgumentException("nothing says how " + type + " is written: give it a static method codec()");
    }

    private static @Nullable Codec<?> ownCodec(Class<?> type) {
        try {
            Method own = type.getDeclaredMethod("codec");
            return (Codec<?>) own.invoke(null);
        } catch (NoSuchMethodException e) {
            return null;
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("the method codec() of " + type + " fails", e);
        }
    }

    private static <B extends Bytes32> Codec<B> bytes32(Class<B> type) {
        MethodHandle make = constructor(type, byte[].class);
        return new Codec<>(
                (out, value) -> out.fixed(value.bytes()),
                in -> type.cast(call(make, in.fixed(Bytes32.BYTES))),
                newtype(type, Bytes32.BYTES));
    }

    private static Shape newtype(Class<?> type, int length) {
        return Shape.Composite.of(path(type), Shape.Field.unnamed(new Shape.Array(length, Shape.Primitive.U8)));
    }

    @SuppressWarnings("EnumOrdinal")
    private static Codec<Enum<?>> constant(Class<?> type) {
        Enum<?>[] constants = (Enum<?>[]) type.getEnumConstants();
        List<Shape.Option> options = Arrays.stream(constants)
                .map(each -> new Shape.Option(each.ordinal(), pascal(each.name()), List.of()))
                .toList();
        return new Codec<>(
                (out, value) -> out.u8(value.ordinal()),
                in -> {
                    int ordinal = in.u8();
                    if (ordinal >= constants.length) {
                        throw new DecodingException("no " + type.getSimpleName() + " has number " + ordinal);
                    }
                    return constants[ordinal];
                },
                Shape.Variant.of(path(type), options));
    }

    /** A record's codec, and its parts for who puts them elsewhere. */
    private record Fields(Codec<Object> codec, List<Shape.Field> fields) {}

    private static Fields record(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        List<Shape.Field> fields = new ArrayList<>();
        List<Codec<Object>> codecs = new ArrayList<>();
        List<Function<Object, Object>> accessors = new ArrayList<>();
        for (RecordComponent component : components) {
            Codec<Object> codec = component(component);
            codecs.add(codec);
            fields.add(new Shape.Field(fieldName(component), codec.shape()));
            accessors.add(accessor(component));
        }
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        MethodHandle make = constructor(type, types).asSpreader(Object[].class, types.length);
        Codec<Object> codec = new Codec<>(
                (out, value) -> {
                    for (int i = 0; i < codecs.size(); i++) {
                        codecs.get(i).write().accept(out, accessors.get(i).apply(value));
                    }
                },
                in -> {
                    Object[] values = new Object[codecs.size()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = codecs.get(i).read().apply(in);
                    }
                    try {
                        return call(make, values);
                    } catch (IllegalArgumentException e) {
                        throw new DecodingException(
                                "these bytes are no " + type.getSimpleName() + ": " + e.getMessage());
                    }
                },
                new Shape.Composite(List.of(path(type).split("::")), parameters(type, fields), List.copyOf(fields)));
        return new Fields(codec, List.copyOf(fields));
    }

    private static List<Shape.Parameter> parameters(Class<?> type, List<Shape.Field> fields) {
        TypePath path = type.getAnnotation(TypePath.class);
        List<Shape.Parameter> parameters = new ArrayList<>();
        for (String name : path == null ? new String[0] : path.parameters()) {
            Shape.Field field = fields.stream()
                    .filter(each -> name.equals(each.name()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(type + " has no component " + name));
            Shape shape = field.shape() instanceof Shape.Sequence(Shape of) ? of : field.shape();
            parameters.add(new Shape.Parameter(name, shape));
        }
        return List.copyOf(parameters);
    }

    @SuppressWarnings("unchecked")
    private static Codec<Object> component(RecordComponent component) {
        Scale scale = component.getAnnotation(Scale.class);
        if (scale != null && scale.bits() != 0) {
            Codec<?> fixed = fixed(component.getType(), scale.bits());
            return (Codec<Object>) fixed;
        }
        return (Codec<Object>) of(component.getGenericType());
    }

    private static Codec<?> of(Type type) {
        if (type instanceof ParameterizedType generic) {
            Codec<?> argument = of(generic.getActualTypeArguments()[0]);
            if (generic.getRawType() == List.class) {
                return argument.list();
            }
            if (generic.getRawType() == Optional.class) {
                return argument.optional();
            }
        }
        if (type == Long.class) {
            return Codec.COMPACT;
        }
        if (type instanceof Class<?> plain) {
            return of(plain);
        }
        throw new IllegalArgumentException("nothing says how " + type + " is written");
    }

    private static Codec<?> fixed(Class<?> type, int bits) {
        if (type == int.class) {
            return switch (bits) {
                case 8 -> new Codec<Integer>(ScaleEncoder::u8, ScaleDecoder::u8, Shape.Primitive.U8);
                case 16 -> Codec.U16;
                default -> throw new IllegalArgumentException("an int is written in 8 or 16 bits, not " + bits);
            };
        }
        if (type != long.class) {
            throw new IllegalArgumentException("only int and long have a width, not " + type);
        }
        return switch (bits) {
            case 32 -> Codec.U32;
            case 64 -> Codec.U64;
            case 128 -> Codec.U128;
            default -> throw new IllegalArgumentException("a long is written in 32, 64 or 128 bits, not " + bits);
        };
    }

    /** The records of a sealed interface, with their numbers. */
    private static List<Class<?>> variants(Class<?> type) {
        List<Class<?>> records = new ArrayList<>(List.of(type.getPermittedSubclasses()));
        for (Class<?> each : records) {
            if (!each.isRecord() || each.getAnnotation(Variant.class) == null) {
                throw new IllegalArgumentException(each + " is no record with a number: give it @Variant");
            }
        }
        records.sort(Comparator.comparingInt(each -> number(each).value()));
        return records;
    }

    private static Variant number(Class<?> type) {
        Variant variant = type.getAnnotation(Variant.class);
        if (variant == null) {
            throw new IllegalArgumentException(type + " has no @Variant");
        }
        return variant;
    }

    private static Codec<Object> variant(Class<?> type) {
        return numbered(type.getSimpleName(), path(type), variants(type), false);
    }

    private static Codec<Object> numbered(String what, String path, List<Class<?>> records, boolean snakeCase) {
        Map<Integer, Codec<Object>> byIndex = new HashMap<>();
        Map<Class<?>, Integer> indexes = new HashMap<>();
        List<Shape.Option> options = new ArrayList<>();
        for (Class<?> each : records) {
            Variant variant = number(each);
            Fields fields = record(each);
            if (byIndex.put(variant.value(), fields.codec()) != null) {
                throw new IllegalArgumentException("two of " + path + " have the number " + variant.value());
            }
            indexes.put(each, variant.value());
            String name = variant.name().isEmpty() ? each.getSimpleName() : variant.name();
            options.add(new Shape.Option(variant.value(), snakeCase ? snake(name) : name, fields.fields()));
        }
        return new Codec<>(
                (out, value) -> {
                    int index = indexes.getOrDefault(value.getClass(), -1);
                    codec(byIndex, index, what).write().accept(out.u8(index), value);
                },
                in -> codec(byIndex, in.u8(), what).read().apply(in),
                Shape.Variant.of(path, options));
    }

    private static Codec<Object> codec(Map<Integer, Codec<Object>> byIndex, int index, String what) {
        Codec<Object> codec = byIndex.get(index);
        if (codec == null) {
            throw new DecodingException("no " + what.toLowerCase(Locale.ROOT) + " has number " + index);
        }
        return codec;
    }

    /**
     * The codec of calls or events: the number of the pallet, then the number in the pallet, then the record.
     *
     * @param kind {@code "Call"} or {@code "Event"}
     */
    @SuppressWarnings("unchecked")
    static <T> Codec<T> dispatched(Class<T> type, String kind) {
        Map<PalletId, List<Class<?>>> byPallet = new TreeMap<>();
        for (Class<?> each : variants(type)) {
            byPallet.computeIfAbsent(number(each).pallet(), _ -> new ArrayList<>())
                    .add(each);
        }
        Map<Integer, Codec<Object>> byIndex = new HashMap<>();
        Map<Class<?>, PalletId> pallets = new HashMap<>();
        List<Shape.Option> options = new ArrayList<>();
        byPallet.forEach((pallet, records) -> {
            String path = "pallet_" + pallet.palletName().toLowerCase(Locale.ROOT) + "::pallet::" + kind;
            Codec<Object> codec = numbered(kind, path, records, kind.equals("Call"));
            byIndex.put(pallet.index(), codec);
            records.forEach(each -> pallets.put(each, pallet));
            options.add(
                    new Shape.Option(pallet.index(), pallet.palletName(), List.of(Shape.Field.unnamed(codec.shape()))));
        });
        Codec<Object> codec = new Codec<>(
                (out, value) -> {
                    PalletId pallet = pallets.get(value.getClass());
                    int index = pallet == null ? -1 : pallet.index();
                    codec(byIndex, index, "pallet").write().accept(out.u8(index), value);
                },
                in -> codec(byIndex, in.u8(), "pallet").read().apply(in),
                Shape.Variant.of("datdot_runtime::Runtime" + kind, options));
        return (Codec<T>) (Codec<?>) codec;
    }

    /** As if it were written as a method reference: state is written so often that a call through a method handle shows. */
    @SuppressWarnings("unchecked")
    private static Function<Object, Object> accessor(RecordComponent component) {
        try {
            MethodHandle accessor = LOOKUP.unreflect(component.getAccessor());
            return (Function<Object, Object>) LambdaMetafactory.metafactory(
                            LOOKUP,
                            "apply",
                            MethodType.methodType(Function.class),
                            MethodType.methodType(Object.class, Object.class),
                            accessor,
                            accessor.type().wrap())
                    .getTarget()
                    .invoke();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalArgumentException("cannot read the component " + component, e);
        }
    }

    private static MethodHandle constructor(Class<?> type, Class<?>... parameters) {
        try {
            MethodHandle found = LOOKUP.findConstructor(type, MethodType.methodType(void.class, parameters));
            return found.asType(found.type().changeReturnType(Object.class));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            throw new IllegalArgumentException(type + " has no constructor of " + Arrays.toString(parameters), e);
        }
    }

    private static Object call(MethodHandle handle, Object argument) {
        try {
            return handle.invoke(argument);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a constructor or accessor threw a checked exception", e);
        }
    }

    private static Object call(MethodHandle handle, Object[] arguments) {
        try {
            return handle.invoke(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a constructor or accessor threw a checked exception", e);
        }
    }

    private static String path(Class<?> type) {
        if (type == AccountId.class) {
            return "sp_core::crypto::AccountId32";
        }
        if (type == Hash.class) {
            return "primitive_types::H256";
        }
        TypePath path = type.getAnnotation(TypePath.class);
        return path == null ? "datdot::" + type.getSimpleName() : path.value();
    }

    private static @Nullable String fieldName(RecordComponent component) {
        Scale scale = component.getAnnotation(Scale.class);
        if (scale != null && scale.unnamed()) {
            return null;
        }
        return scale == null || scale.name().isEmpty() ? snake(component.getName()) : scale.name();
    }

    /** {@code untilMs} and {@code UntilMs} become {@code until_ms}. */
    static String snake(String name) {
        return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    /** {@code KEY_IN_USE} becomes {@code KeyInUse}. */
    static String pascal(String name) {
        StringBuilder out = new StringBuilder();
        for (String part : name.split("_", -1)) {
            out.append(part.charAt(0)).append(part.substring(1).toLowerCase(Locale.ROOT));
        }
        return out.toString();
    }
}
