package org.datdot.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.encoding.ScaleDecoder;
import org.datdot.ledger.Call;
import org.datdot.ledger.StorageProof;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the ledger does to verify a hoster's answer for one period: four leaves of 1,024 bytes of replicas of 2^26 leaves, the most a contract of the default size
 * can have. However much the hoster stores, it is four leaves.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class StorageProofBench {
    private static final int LEVELS = 26;
    private static final int LEAVES = 4;
    private static final int LEAF_BYTES = 1024;

    private final List<StorageProof> proofs = new ArrayList<>();
    private final List<Hash> roots = new ArrayList<>();
    private byte[] call = new byte[0];

    /** Makes leaves and paths, and the roots they lead to. */
    @Setup
    public void prepare() {
        Random random = new Random(1);
        for (int i = 0; i < LEAVES; i++) {
            byte[] leaf = bytes(random, LEAF_BYTES);
            long index = random.nextInt(1 << LEVELS);
            List<Hash> siblings = new ArrayList<>();
            byte[] hash = Blake2b.hash(new byte[] {0}, leaf);
            for (int level = 0; level < LEVELS; level++) {
                byte[] sibling = bytes(random, 32);
                siblings.add(new Hash(sibling));
                boolean left = ((index >> level) & 1) == 0;
                hash = Blake2b.hash(new byte[] {1}, left ? hash : sibling, left ? sibling : hash);
            }
            proofs.add(new StorageProof(index, leaf, siblings));
            roots.add(new Hash(hash));
        }
        call = new Call.SubmitStorageChallenge(1, proofs).encode();
        if (!verify() || call.length > 8192) {
            throw new IllegalStateException("no proof of at most 8 KiB: " + call.length + " bytes");
        }
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Hashing leaves and paths. */
    @Benchmark
    public boolean verify() {
        boolean good = true;
        for (int i = 0; i < LEAVES; i++) {
            good &= proofs.get(i).verify(roots.get(i), 1L << LEVELS, (long) LEAF_BYTES << LEVELS);
        }
        return good;
    }

    /** Taking the call off its bytes first. */
    @Benchmark
    public boolean decodeAndVerify() {
        Call.SubmitStorageChallenge read = (Call.SubmitStorageChallenge) Call.decode(new ScaleDecoder(call));
        boolean good = true;
        for (int i = 0; i < LEAVES; i++) {
            good &= read.proofs().get(i).verify(roots.get(i), 1L << LEVELS, (long) LEAF_BYTES << LEVELS);
        }
        return good;
    }
}
