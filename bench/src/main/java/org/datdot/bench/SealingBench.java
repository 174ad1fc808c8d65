package org.datdot.bench;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.datdot.crypto.Entropy;
import org.datdot.crypto.Hash;
import org.datdot.hosting.ReplicaId;
import org.datdot.hosting.Sealing;
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
 * A block of 64 KiB sealed by its encoder, and opened by who reads it; on one core. Without the property each uses all cores of the machine, as a node does.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.util.concurrent.ForkJoinPool.common.parallelism=0"
        })
public class SealingBench {
    private static final int BLOCK = 65_536;

    private final Sealing sealing =
            Sealing.fresh(Sealing.TRAPDOOR, Entropy.system(), new Hash(new byte[32]), new ReplicaId(1, 0), 1);
    private final byte[] content = new byte[BLOCK];
    private byte[] sealed = new byte[0];

    /** Seals one block to open. */
    @Setup
    public void prepare() {
        new Random(1).nextBytes(content);
        sealed = seal();
        if (!Arrays.equals(content, Arrays.copyOf(open(), BLOCK))) {
            throw new IllegalStateException("what was sealed does not open");
        }
    }

    /** By the encoder, who has the primes. */
    @Benchmark
    public byte[] seal() {
        byte[] buffer = Arrays.copyOf(content, sealing.sealedLength(BLOCK));
        sealing.seal(0, buffer, 0, BLOCK);
        return buffer;
    }

    /** By attestor, hoster and whoever is served. */
    @Benchmark
    public byte[] open() {
        byte[] buffer = sealed.clone();
        sealing.open(0, buffer, 0, buffer.length);
        return buffer;
    }
}
