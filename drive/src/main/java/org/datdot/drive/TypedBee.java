package org.datdot.drive;

import java.util.Iterator;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Hyperbee} whose keys and values are not bytes but something that {@link BeeEncoding}s make bytes of (npm
 * hyperbee's keyEncoding and valueEncoding). Everything else is as there; {@link #raw()} is the bee below, for histories,
 * differences and watchers, whose entries {@link #decode} turns into typed ones.
 */
public final class TypedBee<K, V> {

    private final Hyperbee bee;
    private final BeeEncoding<K> keys;
    private final BeeEncoding<V> values;

    TypedBee(Hyperbee bee, BeeEncoding<K> keys, BeeEncoding<V> values) {
        this.bee = bee;
        this.keys = keys;
        this.values = values;
    }

    /** The bee of bytes. */
    public Hyperbee raw() {
        return bee;
    }

    /** The bytes of a key, to make a {@link BeeRange} of. */
    public byte[] encode(K key) {
        return keys.encode(key);
    }

    /** An entry of the bee of bytes as one of this. */
    public TypedEntry<K, V> decode(BeeEntry entry) {
        byte[] value = entry.value();
        return new TypedEntry<>(entry.seq(), keys.decode(entry.key()), value == null ? null : values.decode(value));
    }

    private @Nullable TypedEntry<K, V> decodeNullable(@Nullable BeeEntry entry) {
        return entry == null ? null : decode(entry);
    }

    private byte @Nullable [] encodeValue(@Nullable V value) {
        return value == null ? null : values.encode(value);
    }

    private BeeCas decoded(BiPredicate<TypedEntry<K, V>, TypedEntry<K, V>> cas) {
        return (previous, next) -> cas.test(decode(previous), decode(next));
    }

    /** The entry of a key, or null. */
    public @Nullable TypedEntry<K, V> get(K key) {
        return decodeNullable(bee.get(keys.encode(key)));
    }

    /** As {@link Hyperbee#getBySeq}. */
    public TypedEntry<K, V> getBySeq(long seq) {
        return decode(bee.getBySeq(seq));
    }

    /** The first entry of a range, or null. */
    public @Nullable TypedEntry<K, V> peek(BeeRange range) {
        return decodeNullable(bee.peek(range));
    }

    /** Entries in order, of the version of now. */
    public Iterable<TypedEntry<K, V>> range(BeeRange range) {
        return () -> map(bee.iterator(range), this::decode);
    }

    private static <A, B> Iterator<B> map(Iterator<A> source, Function<A, B> mapping) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return source.hasNext();
            }

            @Override
            public B next() {
                return mapping.apply(source.next());
            }
        };
    }

    /** Puts one key, durable when it returns. */
    public void put(K key, @Nullable V value) {
        bee.put(keys.encode(key), encodeValue(value));
    }

    /** As {@link Hyperbee#put(byte[], byte[], BeeCas)}: {@code cas} is given the entry there is and the one to be. */
    public boolean put(K key, @Nullable V value, BiPredicate<TypedEntry<K, V>, TypedEntry<K, V>> cas) {
        return bee.put(keys.encode(key), encodeValue(value), decoded(cas));
    }

    /** Removes one key; false when there was none. */
    public boolean del(K key) {
        return bee.del(keys.encode(key));
    }

    /** As {@link Hyperbee#del(byte[], BeeCas)}: {@code cas} is given the entry there is and one without a value. */
    public boolean del(K key, BiPredicate<TypedEntry<K, V>, TypedEntry<K, V>> cas) {
        return bee.del(keys.encode(key), decoded(cas));
    }

    /** Starts a batch, as {@link Hyperbee#batch}. */
    public Batch batch() {
        return new Batch(bee.batch());
    }

    /** The sub-database of a name, as {@link Hyperbee#sub(String)}, with the same encodings. */
    public TypedBee<K, V> sub(String name) {
        return new TypedBee<>(bee.sub(name), keys, values);
    }

    /** A read-only view of a version. */
    public TypedBee<K, V> checkout(long version) {
        return new TypedBee<>(bee.checkout(version), keys, values);
    }

    /** A read-only view of the version of now. */
    public TypedBee<K, V> snapshot() {
        return new TypedBee<>(bee.snapshot(), keys, values);
    }

    /** A {@link BeeBatch} of typed keys and values. */
    public final class Batch implements AutoCloseable {

        private final BeeBatch batch;

        private Batch(BeeBatch batch) {
            this.batch = batch;
        }

        /** The entry of a key as of this batch's writes so far, or null. */
        public @Nullable TypedEntry<K, V> get(K key) {
            return decodeNullable(batch.get(keys.encode(key)));
        }

        /** Entries in order, as of this batch's writes so far. */
        public Iterable<TypedEntry<K, V>> range(BeeRange range) {
            return () -> map(batch.iterator(range), TypedBee.this::decode);
        }

        public void put(K key, @Nullable V value) {
            batch.put(keys.encode(key), encodeValue(value));
        }

        /** Puts a key if it is not there, or if {@code cas} lets it; whether something is written. */
        public boolean put(K key, @Nullable V value, BiPredicate<TypedEntry<K, V>, TypedEntry<K, V>> cas) {
            return batch.put(keys.encode(key), encodeValue(value), decoded(cas));
        }

        /** Removes a key; false when there is none. */
        public boolean del(K key) {
            return batch.del(keys.encode(key));
        }

        /** Removes a key if it is there and {@code cas} lets it; whether something is written. */
        public boolean del(K key, BiPredicate<TypedEntry<K, V>, TypedEntry<K, V>> cas) {
            return batch.del(keys.encode(key), decoded(cas));
        }

        /** How many blocks {@link #flush} will write. */
        public int length() {
            return batch.length();
        }

        /** Appends everything, durable when it returns, and closes the batch. */
        public void flush() {
            batch.flush();
        }

        @Override
        public void close() {
            batch.close();
        }
    }
}
