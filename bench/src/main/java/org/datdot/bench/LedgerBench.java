package org.datdot.bench;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.datdot.chain.ChainSpec;
import org.datdot.chain.Extrinsic;
import org.datdot.chain.PoolLimits;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.ledger.AccountId;
import org.datdot.ledger.Call;
import org.datdot.ledger.Genesis;
import org.datdot.ledger.Parameters;

/** What the measurements of the ledger have in common: a chain with people who have units, and how time is taken. */
final class LedgerBench {
    static final KeyPair AUTHORITY = KeyPair.fromSeed(seed(1));
    static final int PEOPLE = 200;
    static final PoolLimits LIMITS = new PoolLimits(1 << 20, 10_000, 64L << 20, 4L << 20, 64, 64, 10_000, 8L << 20);
    private static final PrintStream OUT = System.out;

    private final List<KeyPair> people = new ArrayList<>();
    private final ChainSpec spec;
    private final long[] nonces = new long[PEOPLE];

    LedgerBench() {
        for (int i = 0; i < PEOPLE; i++) people.add(KeyPair.fromSeed(seed(1_000 + i)));
        List<Genesis.Endowment> endowments = new ArrayList<>();
        endowments.add(new Genesis.Endowment(id(AUTHORITY), 1_000_000_000_000_000L));
        people.forEach(each -> endowments.add(new Genesis.Endowment(id(each), 1_000_000_000_000L)));
        spec = new ChainSpec(
                "bench",
                1_790_000_000_000L,
                AUTHORITY.publicKey(),
                Parameters.defaults(),
                new Genesis(id(AUTHORITY), endowments));
    }

    static byte[] seed(int number) {
        byte[] seed = new byte[32];
        seed[0] = (byte) number;
        seed[1] = (byte) (number >> 8);
        return seed;
    }

    static AccountId id(KeyPair keys) {
        return AccountId.of(keys.publicKey());
    }

    ChainSpec spec() {
        return spec;
    }

    /** The next transfers, signed, of all people in turn. */
    List<Extrinsic> transfers(int count, Hash genesis) {
        List<Extrinsic> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = i % PEOPLE;
            AccountId to = id(people.get((i * 7 + 1) % PEOPLE));
            all.add(Extrinsic.sign(people.get(from), nonces[from]++, new Call.Transfer(to, 5), genesis));
        }
        return all;
    }

    static void say(String format, Object... values) {
        OUT.printf(Locale.ROOT, format + "%n", values);
        OUT.flush();
    }

    /** Processor time of all threads of this process, nanoseconds: what others do on the machine is not in it. */
    static long processorNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /** Processor time of this thread, nanoseconds. */
    static long threadNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
