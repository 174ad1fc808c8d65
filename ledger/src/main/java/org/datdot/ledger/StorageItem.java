package org.datdot.ledger;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An entry, or a map of entries, of the state: what clients need to know to find and read it. */
public sealed interface StorageItem permits StorageDoubleMap, StorageMap, StorageValue {
    /** Whose it is. */
    PalletId pallet();

    /** Its name in the pallet. */
    String item();

    /** What a map's keys are, each hashed with {@code blake2_128_concat}; none for a single value. */
    List<Shape> keyShapes();

    /** What the values are. */
    Shape valueShape();

    /** The bytes that stand for a value that was never put; nothing where readers are to see that there is none. */
    Optional<byte[]> fallback();

    /** The state's key of a value by the bytes of the map's keys; with fewer of them, what the keys of many values begin with. */
    default byte[] stateKey(List<byte[]> keys) {
        byte[] key = StorageKeys.item(pallet().palletName(), item());
        for (byte[] each : keys) {
            key = StorageKeys.entry(key, each);
        }
        return key;
    }

    /** All items that a class declares as constants, in the order of its text. */
    static List<StorageItem> declaredIn(Class<?> type) {
        List<StorageItem> items = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && StorageItem.class.isAssignableFrom(field.getType())) {
                try {
                    items.add((StorageItem) field.get(null));
                } catch (IllegalAccessException e) {
                    throw new IllegalArgumentException("cannot read the storage item " + field, e);
                }
            }
        }
        return List.copyOf(items);
    }
}
