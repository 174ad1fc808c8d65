package org.datdot.hypercore;

import java.util.ArrayList;
import java.util.List;
import org.datdot.crypto.CoreKey;
import org.datdot.crypto.DiscoveryKey;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.PublicKey;
import org.datdot.crypto.SecretKey;
import org.datdot.crypto.TreeHash;
import org.datdot.encoding.CompactDecoder;
import org.datdot.encoding.CompactEncoder;
import org.datdot.encoding.DecodingException;
import org.jspecify.annotations.Nullable;

/** The small records of the store's database. Source: npm hypercore-storage encoding/spec/hyperschema. */
sealed interface StoreRecord {

    /** The format this program writes. */
    int VERSION = 2;

    /** The database value. */
    byte[] encode();

    /** Counters of the store and the seed of all its key pairs. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record StoreHead(long cores, long datas, long groups, byte @Nullable [] seed, byte @Nullable [] defaultCore)
            implements StoreRecord {

        @Override
        public byte[] encode() {
            CompactEncoder out = new CompactEncoder();
            out.uint(VERSION).uint(cores).uint(datas).uint(groups);
            out.uint((seed != null ? 1 : 0) | (defaultCore != null ? 2 : 0));
            if (seed != null) out.fixed(seed);
            if (defaultCore != null) out.fixed(defaultCore);
            return out.toBytes();
        }

        /** Reads the newest and the one before; {@code version 0} is a store of loose files and is refused earlier. */
        static StoreHead decode(byte[] bytes) {
            CompactDecoder in = new CompactDecoder(bytes);
            long version = in.uint();
            if (version == 2) {
                long cores = in.uint();
                long datas = in.uint();
                long groups = in.uint();
                long flags = in.uint();
                return new StoreHead(
                        cores,
                        datas,
                        groups,
                        (flags & 1) != 0 ? in.fixed(32) : null,
                        (flags & 2) != 0 ? in.fixed(32) : null);
            }
            if (version != 1) throw unknownVersion("store", version);
            long flags = in.uint();
            long cores = (flags & 1) != 0 ? in.uint() : 0;
            long datas = (flags & 1) != 0 ? in.uint() : 0;
            return new StoreHead(
                    cores, datas, 0, (flags & 2) != 0 ? in.fixed(32) : null, (flags & 4) != 0 ? in.fixed(32) : null);
        }
    }

    /** Where a core's records are, the version they are in, and the name it was opened by. Written as the newest version. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record CorePointers(
            long version,
            long corePointer,
            long dataPointer,
            @Nullable String alias,
            byte @Nullable [] aliasNamespace) implements StoreRecord {

        CorePointers(long corePointer, long dataPointer, @Nullable String alias, byte @Nullable [] aliasNamespace) {
            this(VERSION, corePointer, dataPointer, alias, aliasNamespace);
        }

        /**
         * Throws when the core's blocks are not in this store: the stock software converts the cores of a store of version
         * 0 one by one, as they are opened.
         */
        void requireConverted() {
            if (version == 0) throw unknownVersion("core", version);
        }

        @Override
        public byte[] encode() {
            CompactEncoder out = new CompactEncoder();
            out.uint(VERSION).uint(corePointer).uint(dataPointer);
            out.uint(alias != null ? 1 : 0);
            if (alias != null && aliasNamespace != null) out.string(alias).fixed(aliasNamespace);
            return out.toBytes();
        }

        static CorePointers decode(byte[] bytes) {
            CompactDecoder in = new CompactDecoder(bytes);
            long version = in.uint();
            if (version > VERSION) throw unknownVersion("core", version);
            long corePointer = in.uint();
            long dataPointer = in.uint();
            boolean named = (in.uint() & 1) != 0;
            return new CorePointers(
                    version, corePointer, dataPointer, named ? in.string() : null, named ? in.fixed(32) : null);
        }
    }

    /** Keys and manifest of a core. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record CoreAuth(
            CoreKey key,
            DiscoveryKey discoveryKey,
            @Nullable Manifest manifest,
            @Nullable KeyPair keyPair,
            byte @Nullable [] encryptionKey)
            implements StoreRecord {

        @Override
        public byte[] encode() {
            CompactEncoder out = new CompactEncoder();
            out.fixed(key.bytes()).fixed(discoveryKey.bytes());
            out.uint((manifest != null ? 1 : 0) | (keyPair != null ? 2 : 0) | (encryptionKey != null ? 4 : 0));
            if (manifest != null) {
                CompactEncoder frame = new CompactEncoder();
                manifest.encodeStoredTo(frame);
                out.buffer(frame.toBytes());
            }
            if (keyPair != null) {
                out.buffer(keyPair.publicKey().bytes());
                out.optionalBuffer(keyPair.secretKey().bytes());
            }
            if (encryptionKey != null) out.buffer(encryptionKey);
            return out.toBytes();
        }

        static CoreAuth decode(byte[] bytes) {
            CompactDecoder in = new CompactDecoder(bytes);
            CoreKey key = new CoreKey(in.fixed(32));
            DiscoveryKey discoveryKey = new DiscoveryKey(in.fixed(32));
            long flags = in.uint();
            Manifest manifest = (flags & 1) != 0 ? Manifest.decodeStored(new CompactDecoder(in.buffer())) : null;
            KeyPair keyPair = null;
            if ((flags & 2) != 0) {
                byte[] publicKey = in.buffer();
                byte[] secret = in.optionalBuffer();
                if (secret != null) keyPair = together(publicKey, secret);
            }
            byte[] encryptionKey = (flags & 4) != 0 ? in.buffer() : null;
            return new CoreAuth(key, discoveryKey, manifest, keyPair, encryptionKey);
        }
    }

    private static KeyPair together(byte[] publicKey, byte[] secret) {
        try {
            return new KeyPair(new PublicKey(publicKey), new SecretKey(secret));
        } catch (IllegalArgumentException e) {
            throw new DecodingException("no key pair: " + e.getMessage());
        }
    }

    /** The signed head without its roots, which are tree nodes. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record StoredHead(long fork, long length, TreeHash treeHash, byte[] signature, long millis) implements StoreRecord {

        static StoredHead of(TreeHead head) {
            return of(head, 0);
        }

        /** With when it came to be, in milliseconds since 1970; 0 when nobody needs to know. */
        static StoredHead of(TreeHead head, long millis) {
            return new StoredHead(head.fork(), head.length(), head.treeHash(), head.signature(), millis);
        }

        @Override
        public byte[] encode() {
            CompactEncoder out = new CompactEncoder();
            out.uint(fork).uint(length).fixed(treeHash.bytes());
            out.optionalBuffer(signature.length == 0 ? null : signature).uint(millis != 0 ? 1 : 0);
            if (millis != 0) out.uint64(millis);
            return out.toBytes();
        }

        static StoredHead decode(byte[] bytes) {
            CompactDecoder in = new CompactDecoder(bytes);
            long fork = in.uint();
            long length = in.uint();
            TreeHash treeHash = new TreeHash(in.fixed(32));
            byte[] signature = in.optionalBuffer();
            boolean timed = in.remaining() > 0 && (in.uint() & 1) != 0;
            long millis = timed ? in.uint64() : 0;
            return new StoredHead(fork, length, treeHash, signature == null ? new byte[0] : signature, millis);
        }
    }

    /** The group a core belongs to. */
    record GroupPlace(Hash topic, long pointer) implements StoreRecord {

        @Override
        public byte[] encode() {
            CompactEncoder out = new CompactEncoder();
            out.uint(1 | (pointer != 0 ? 2 : 0)).fixed(topic.bytes());
            if (pointer != 0) out.uint(pointer);
            return out.toBytes();
        }

        static GroupPlace decode(byte[] bytes) {
            CompactDecoder in = new CompactDecoder(bytes);
            long flags = in.uint();
            if ((flags & 1) == 0) throw new DecodingException("a group without a topic");
            Hash topic = new Hash(in.fixed(32));
            return new GroupPlace(topic, (flags & 2) != 0 ? in.uint() : 0);
        }
    }

    /** What speeds up opening, and whether the writer must be careful after a crash recovery. */
    record CoreHints(long contiguousLength, long remoteContiguousLength, long recovering) implements StoreRecord {

        @Override
        public byte[] encode() {
            CompactEncoder out = new CompactEncoder();
            out.uint((contiguousLength != 0 ? 1 : 0)
                    | (remoteContiguousLength != 0 ? 2 : 0)
                    | (recovering != 0 ? 4 : 0));
            if (contiguousLength != 0) out.uint(contiguousLength);
            if (remoteContiguousLength != 0) out.uint(remoteContiguousLength);
            if (recovering != 0) out.uint(recovering);
            return out.toBytes();
        }

        CoreHints withContiguousLength(long length) {
            return new CoreHints(length, remoteContiguousLength, recovering);
        }

        CoreHints cutTo(long length) {
            return new CoreHints(
                    Math.min(contiguousLength, length), Math.min(remoteContiguousLength, length), recovering);
        }

        static CoreHints decode(byte @Nullable [] bytes) {
            if (bytes == null) return new CoreHints(0, 0, 0);
            CompactDecoder in = new CompactDecoder(bytes);
            long flags = in.uint();
            return new CoreHints(
                    (flags & 1) != 0 ? in.uint() : 0,
                    (flags & 2) != 0 ? in.uint() : 0,
                    (flags & 4) != 0 ? in.uint() : 0);
        }
    }

    /** Blocks and tree nodes below a length live under another data pointer (a session that was forked off). */
    record Dependency(long dataPointer, long length) implements StoreRecord {

        @Override
        public byte[] encode() {
            return new CompactEncoder().uint(dataPointer).uint(length).toBytes();
        }

        static Dependency decode(byte[] bytes) {
            CompactDecoder in = new CompactDecoder(bytes);
            return new Dependency(in.uint(), in.uint());
        }
    }

    /** Where the named sessions of a core keep their data. */
    record Sessions(List<Named> all) implements StoreRecord {

        public Sessions {
            all = List.copyOf(all);
        }

        record Named(String name, long dataPointer) {}

        /** The data pointer of a name, -1 when there is none. */
        long find(String name) {
            for (Named each : all) if (each.name().equals(name)) return each.dataPointer();
            return -1;
        }

        Sessions without(String name) {
            return new Sessions(
                    all.stream().filter(each -> !each.name().equals(name)).toList());
        }

        Sessions with(String name, long dataPointer) {
            List<Named> more = new ArrayList<>(all);
            more.add(new Named(name, dataPointer));
            return new Sessions(more);
        }

        @Override
        public byte[] encode() {
            CompactEncoder out = new CompactEncoder().uint(all.size());
            for (Named each : all) out.string(each.name()).uint(each.dataPointer());
            return out.toBytes();
        }

        static Sessions decode(byte @Nullable [] bytes) {
            if (bytes == null) return new Sessions(List.of());
            CompactDecoder in = new CompactDecoder(bytes);
            List<Named> all = new ArrayList<>();
            for (int left = in.count(2); left > 0; left--) all.add(new Named(in.string(), in.uint()));
            return new Sessions(all);
        }
    }

    private static StorageException unknownVersion(String what, long version) {
        String advice = version == 0
                ? "it was written by a release of the stock software before version 11; open it once with that"
                        + " software's newest release, which converts it, or download the cores into a new store"
                : "it was written by a newer release; update this program";
        return new StorageException(
                StorageException.Kind.UNKNOWN_VERSION,
                "the " + what + " has format version " + version + ": " + advice);
    }
}
