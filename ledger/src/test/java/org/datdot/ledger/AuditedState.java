package org.datdot.ledger;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A state that counts what all accounts own as it is written, so that a large market can be audited after every block. */
final class AuditedState implements State {
    private static final byte[] ACCOUNTS =
            Arrays.copyOf(Balances.ACCOUNTS.key(World.keys("anybody").accountId()), 32);

    private final MapState entries = new MapState();
    private long units;

    /** What all accounts own together. */
    long units() {
        return units;
    }

    private static long owned(byte @Nullable [] value) {
        if (value == null) {
            return 0;
        }
        AccountData data = AccountData.CODEC.decode(value);
        if (data.free() < 0 || data.reserved() < 0) {
            throw new IllegalStateException("a negative balance: " + data);
        }
        return data.free() + data.reserved();
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return entries.get(key);
    }

    @Override
    public void forEach(byte[] prefix, Visitor visitor) {
        entries.forEach(prefix, visitor);
    }

    @Override
    public void put(byte[] key, byte[] value) {
        if (StorageKeys.startsWith(key, ACCOUNTS)) {
            units += owned(value) - owned(entries.get(key));
        }
        entries.put(key, value);
    }

    @Override
    public void delete(byte[] key) {
        if (StorageKeys.startsWith(key, ACCOUNTS)) {
            units -= owned(entries.get(key));
        }
        entries.delete(key);
    }
}
