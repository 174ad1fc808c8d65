package org.datdot.chain;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.datdot.crypto.Hash;
import org.datdot.ledger.StateReader;

/**
 * A whole state and the block it is after: enough to go on from there without the blocks before. The block's header commits to every entry; whether that header is the chain's
 * is for the reader to check, by its seal or by what others say.
 *
 * <p>Bytes: {@code "DDSNAP01"}; the chain's specification, the block and its events, each with its length in four bytes, big-endian, in front; then each entry in the order of keys, as a 1, its key and
 * its value with their lengths; a 0 at the end.
 */
public final class StateSnapshot {
    static final byte[] MAGIC = "DDSNAP01".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    /** More than any record of ours has. */
    static final int MAX_RECORD_BYTES = 64 << 20;

    private final ChainSpec spec;
    private final Block block;
    private final byte[] events;
    private final StateTrie state;

    StateSnapshot(ChainSpec spec, Block block, byte[] events, StateTrie state) {
        this.spec = spec;
        this.block = block;
        this.events = events;
        this.state = state;
    }

    /** What chain it is of. */
    public ChainSpec spec() {
        return spec;
    }

    /** The block it is after. */
    public Block block() {
        return block;
    }

    /** The entries. */
    public StateReader state() {
        return state;
    }

    /** The root of the entries, which is the header's. */
    public Hash stateRoot() {
        return state.root();
    }

    /** The bytes of the block's events. */
    byte[] events() {
        return events;
    }

    /** The entries with their root. */
    StateTrie trie() {
        return state;
    }

    /** Writes all of it; the stream stays open. */
    public void write(OutputStream stream) throws IOException {
        DataOutputStream out = new DataOutputStream(stream);
        out.write(MAGIC);
        record(out, spec.encode());
        record(out, block.encode());
        record(out, events);
        try {
            state.forEach(new byte[0], (key, value) -> {
                try {
                    out.writeByte(1);
                    record(out, key);
                    record(out, value);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return true;
            });
        } catch (UncheckedIOException e) {
            throw new IOException(e.getCause());
        }
        out.writeByte(0);
        out.flush();
    }

    private static void record(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /**
     * Reads a snapshot into memory (of which {@link ChainRestore} needs none) and checks that its entries are those its header commits to.
     *
     * @throws ChainException of kind INVALID_BLOCK when they are not, or it is no snapshot
     */
    public static StateSnapshot read(InputStream stream) throws IOException {
        SnapshotReader in = new SnapshotReader(stream);
        StateTrie.Builder entries = new StateTrie.Builder();
        for (SnapshotReader.Entry entry = in.next(); entry != null; entry = in.next()) {
            entries.put(entry.key(), entry.value());
        }
        StateTrie state = entries.build();
        if (!state.root().equals(in.block().header().stateRoot())
                || !Arrays.equals(
                        EventRecord.encodeAll(ChainStorage.EVENTS.get(state).orElse(List.of())), in.events())) {
            throw SnapshotReader.broken("its entries or events are not those its header commits to");
        }
        return new StateSnapshot(in.spec(), in.block(), in.events(), state);
    }
}
