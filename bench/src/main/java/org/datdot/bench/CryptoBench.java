package org.datdot.bench;

import java.util.concurrent.TimeUnit;
import org.datdot.crypto.MerkleHash;
import org.datdot.crypto.SecretStreamCipher;
import org.datdot.crypto.TreeHash;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What each block costs in native code: its hash, and its way through an encrypted connection. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class CryptoBench {
    /** Bytes of a block. */
    @Param({"100", "4096", "65536"})
    public int blockBytes;

    private final byte[] key = new byte[32];
    private byte[] block = {};
    private byte[] sealed = {};
    private byte[] opened = {};
    private SecretStreamCipher.Push push = new SecretStreamCipher.Push(key);
    private SecretStreamCipher.Pull pull = new SecretStreamCipher.Pull(key, push.header());

    /** Makes the block and both ends of a stream. */
    @Setup
    public void prepare() {
        block = Workload.block(0, blockBytes);
        sealed = new byte[blockBytes + SecretStreamCipher.OVERHEAD_BYTES];
        opened = new byte[blockBytes];
        push = new SecretStreamCipher.Push(key);
        pull = new SecretStreamCipher.Pull(key, push.header());
    }

    /** The BLAKE2b hash of a block as a leaf of the tree. */
    @Benchmark
    public TreeHash leaf() {
        return MerkleHash.leaf(block);
    }

    /** Encrypting a block. */
    @Benchmark
    public int push() {
        return push.push(block, 0, blockBytes, sealed, 0);
    }

    /** Encrypting a block and decrypting it again: a stream cannot be decrypted twice, so the two come together. */
    @Benchmark
    public int pushAndPull() {
        push.push(block, 0, blockBytes, sealed, 0);
        return pull.pull(sealed, 0, sealed.length, opened, 0);
    }
}
