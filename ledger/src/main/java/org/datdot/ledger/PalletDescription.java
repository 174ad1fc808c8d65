package org.datdot.ledger;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that clients can see of a pallet, taken from the declarations themselves: calls from {@link Call}, events from {@link Event}, errors from
 * {@link LedgerError}, constants from {@link Parameters}, storage from the classes that declare it.
 *
 * @param id which
 * @param storage its entries, in the order of their declaration
 * @param calls a variant, nothing when it has no calls
 * @param events a variant, nothing when it has no events
 * @param errors a variant, nothing when it has no errors
 * @param constants numbers that never change in a chain
 */
public record PalletDescription(
        PalletId id,
        List<StorageItem> storage,
        Optional<Shape> calls,
        Optional<Shape> events,
        Optional<Shape> errors,
        List<Constant> constants) {
    /** The classes of this module that declare storage. */
    private static final List<Class<?>> STORAGE = List.of(Storage.class, Balances.class);

    /**
     * A named value that never changes in a chain.
     *
     * @param value its bytes, not copied
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Constant(String name, Shape shape, byte[] value) {
        /** A constant written by a codec. */
        public static <T> Constant of(String name, Codec<T> codec, T value) {
            return new Constant(name, codec.shape(), codec.encode(value));
        }
    }

    /**
     * The pallets of a chain, in the order of their numbers.
     *
     * @param parameters become the constants of {@link PalletId#DATDOT}
     * @param moreStorage classes outside this module that declare storage
     * @param moreConstants those the chain itself has
     */
    public static List<PalletDescription> all(
            Parameters parameters, List<Class<?>> moreStorage, Map<PalletId, List<Constant>> moreConstants) {
        List<StorageItem> items = new ArrayList<>();
        STORAGE.forEach(each -> items.addAll(StorageItem.declaredIn(each)));
        moreStorage.forEach(each -> items.addAll(StorageItem.declaredIn(each)));
        return Arrays.stream(PalletId.values())
                .map(id -> {
                    List<Constant> constants = new ArrayList<>(moreConstants.getOrDefault(id, List.of()));
                    if (id == PalletId.DATDOT) {
                        constants.addAll(constants(parameters));
                    }
                    return new PalletDescription(
                            id,
                            items.stream().filter(item -> item.pallet() == id).toList(),
                            inner(Call.CODEC.shape(), id),
                            inner(Event.CODEC.shape(), id),
                            id == PalletId.DATDOT ? Optional.of(LedgerError.shape()) : Optional.empty(),
                            List.copyOf(constants));
                })
                .toList();
    }

    /** The calls or events of one pallet. */
    private static Optional<Shape> inner(Shape outer, PalletId id) {
        return ((Shape.Variant) outer)
                .options().stream()
                        .filter(option -> option.index() == id.index())
                        .map(option -> option.fields().getFirst().shape())
                        .findFirst();
    }

    /** Each parameter under its name, in the order of the records. */
    private static List<Constant> constants(Record parameters) {
        List<Constant> constants = new ArrayList<>();
        for (RecordComponent component : parameters.getClass().getRecordComponents()) {
            Object value = value(component, parameters);
            if (value instanceof Record group) {
                constants.addAll(constants(group));
            } else {
                constants.add(constant(constantName(component), Codec.of(component.getType()), value));
            }
        }
        return constants;
    }

    private static String constantName(RecordComponent component) {
        String name = component.getName();
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    /** Parameters with another number under a constant's name; nothing when there is none of that name. */
    static Optional<Record> replace(Record parameters, String name, long number) {
        RecordComponent[] components = parameters.getClass().getRecordComponents();
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        boolean found = false;
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = value(components[i], parameters);
            Optional<?> replaced = values[i] instanceof Record group
                    ? replace(group, name, number)
                    : constantName(components[i]).equals(name) ? Optional.of(number) : Optional.empty();
            if (replaced.isPresent()) {
                values[i] = replaced.get();
                found = true;
            }
        }
        if (!found) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    parameters.getClass().getDeclaredConstructor(types).newInstance(values));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot set the parameter " + name, e);
        }
    }

    @SuppressWarnings("unchecked") // the codec is the one of the value's type
    private static <T> Constant constant(String name, Codec<T> codec, Object value) {
        return Constant.of(name, codec, (T) value);
    }

    private static Object value(RecordComponent component, Record parameters) {
        try {
            return component.getAccessor().invoke(parameters);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read the parameter " + component.getName(), e);
        }
    }
}
