package org.datdot.chain;

import java.io.IOException;
import java.util.function.Function;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** A state that grows on the disk out of its entries, some of them in memory at a time. Not thread-safe. */
final class StateRestore {
    /** Entries in memory at once. */
    private static final int ENTRIES = 20_000;

    private final StateStore states;
    private final Writer writer;
    private final Function<RocksDBException, ChainException> failure;
    private StateTrie stored = StateTrie.EMPTY;
    private StateTrie.Builder building;
    private int count;

    /** Shows entries, best in the order of keys. */
    interface Entries {
        /** All of them. */
        void forEach(StateRestore to) throws IOException;
    }

    /** Writes to the database; it need not be synced. */
    interface Writer {
        void write(WriteBatch batch) throws RocksDBException;
    }

    StateRestore(StateStore states, Writer writer, Function<RocksDBException, ChainException> failure) {
        this.states = states;
        this.writer = writer;
        this.failure = failure;
        this.building = new StateTrie.Builder(states, stored);
    }

    /** Takes an entry; neither array may be changed afterwards. */
    void put(byte[] key, byte[] value) {
        building.put(key, value);
        if (++count % ENTRIES == 0) {
            flush();
        }
    }

    /** The state of all entries so far, stored. */
    StateTrie flush() {
        try (WriteBatch batch = new WriteBatch()) {
            StateStore.Saved saved = states.saveNodes(batch, stored, building.build());
            // Nobody reads the states in between.
            states.delete(batch, saved.stale());
            writer.write(batch);
            stored = saved.state();
            building = new StateTrie.Builder(states, stored);
            return stored;
        } catch (RocksDBException e) {
            throw failure.apply(e);
        }
    }
}
