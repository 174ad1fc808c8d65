package org.datdot.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.datdot.chain.Extrinsic;
import org.datdot.crypto.Blake2b;
import org.datdot.crypto.Hash;
import org.datdot.crypto.KeyPair;
import org.datdot.crypto.Signature;
import org.datdot.ledger.Call;
import org.datdot.ledger.Outcome;
import org.datdot.ledger.ReplicaStatement;
import org.datdot.ledger.StorageProof;

/**
 * What a hosted TiB costs the ledger in a year ({@code bench/README.md}): bytes of the block log and seconds of verification, from real extrinsics: answers to storage challenges with paths as long as a contract's
 * size makes them, and the reports of its setup. Three copies, each hoster with one TiB, blocks of 64 KiB, a block of the chain each 6 s.
 */
public final class ProofCost {
    private static final int COPIES = 3;
    private static final int LEAVES = 4;
    private static final int LEAF_BYTES = 1_024;
    private static final int BLOCK_BYTES = 64 << 10;
    private static final int BLOCKS_A_DAY = 14_400;
    private static final int ROUNDS = 300;
    private static final List<Integer> CONTRACT_SIZES = List.of(256, 1_024, 4_096, 16_384, 65_536);
    private static final List<Integer> PERIODS = List.of(5, 50, 600, 3_600, 14_400);
    private static final Hash GENESIS = new Hash(new byte[32]);
    private static final KeyPair KEYS = KeyPair.fromSeed(new byte[32]);
    private static final PrintStream OUT = System.out;

    private ProofCost() {}

    /**
     * A thing of which there are many.
     *
     * @param bytes its extrinsic's
     * @param micros to decode it, check its signature and what is in it
     */
    private record Cost(int bytes, double micros) {}

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static Cost answer(int levels) {
        Random random = new Random(levels);
        List<StorageProof> proofs = new ArrayList<>();
        List<Hash> roots = new ArrayList<>();
        for (int i = 0; i < LEAVES; i++) {
            byte[] leaf = bytes(random, LEAF_BYTES);
            long index = random.nextLong(1L << levels);
            List<Hash> siblings = new ArrayList<>();
            byte[] hash = Blake2b.hash(new byte[] {0}, leaf);
            for (int level = 0; level < levels; level++) {
                byte[] sibling = bytes(random, Hash.BYTES);
                siblings.add(new Hash(sibling));
                boolean left = ((index >> level) & 1) == 0;
                hash = Blake2b.hash(new byte[] {1}, left ? hash : sibling, left ? sibling : hash);
            }
            proofs.add(new StorageProof(index, leaf, siblings));
            roots.add(new Hash(hash));
        }
        byte[] encoded = Extrinsic.sign(KEYS, 1_000_000, new Call.SubmitStorageChallenge(1 << 30, proofs), GENESIS)
                .encode();
        return new Cost(encoded.length, micros(() -> {
            Extrinsic read = Extrinsic.decode(encoded);
            boolean good = read.verify(GENESIS, GENESIS);
            List<StorageProof> shown = ((Call.SubmitStorageChallenge) read.call()).proofs();
            for (int i = 0; i < LEAVES; i++) {
                good &= shown.get(i).verify(roots.get(i), 1L << levels, (long) LEAF_BYTES << levels);
            }
            return good;
        }));
    }

    /** A report that all positions of a contract are hosted: encoder and hoster of each have signed. */
    private static Cost report() {
        Random random = new Random(1);
        List<Outcome> outcomes = new ArrayList<>();
        for (int position = 0; position < COPIES; position++) {
            ReplicaStatement statement = new ReplicaStatement(
                    1 << 20, 1 << 20, position, 5_000, new Hash(bytes(random, Hash.BYTES)), 1 << 18, 1 << 28);
            outcomes.add(new Outcome.Hosted(
                    position,
                    new Outcome.SignedStatement(statement, new Signature(bytes(random, 64))),
                    new Signature(bytes(random, 64))));
        }
        byte[] encoded = Extrinsic.sign(KEYS, 1_000_000, new Call.AmendmentReport(1 << 20, outcomes), GENESIS)
                .encode();
        double one = micros(() -> Extrinsic.decode(encoded).verify(GENESIS, GENESIS));
        return new Cost(encoded.length, one * (1 + 2 * COPIES));
    }

    private interface Check {
        boolean holds();
    }

    /** The least of some rounds: what the machine does beside only adds. */
    private static double micros(Check check) {
        double best = Double.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long began = System.nanoTime();
            for (int i = 0; i < ROUNDS; i++) {
                if (!check.holds()) throw new IllegalStateException("a proof that does not hold");
            }
            best = Math.min(best, (System.nanoTime() - began) / 1e3 / ROUNDS);
        }
        return best;
    }

    /** Runs it. */
    public static void main(String[] arguments) {
        report(); // compiled by then
        Cost report = report();
        OUT.printf(Locale.ROOT, "report of a setup: %d bytes, %.0f us%n", report.bytes, report.micros);
        OUT.println("ContractSetSize | contracts a TiB | answer | period: " + PERIODS + " blocks");
        for (int size : CONTRACT_SIZES) {
            long leaves = (long) size * BLOCK_BYTES / LEAF_BYTES;
            Cost answer = answer(Long.SIZE - Long.numberOfLeadingZeros(leaves - 1));
            long contracts = (1L << 40) / ((long) size * BLOCK_BYTES);
            StringBuilder row = new StringBuilder(String.format(
                    Locale.ROOT, "%,d | %,d | %,d B, %.0f us |", size, contracts, answer.bytes, answer.micros));
            for (int period : PERIODS) {
                double answers = COPIES * 365.0 * BLOCKS_A_DAY / period;
                double mib = (answers * answer.bytes + (double) contracts * report.bytes) / (1 << 20);
                double seconds = (answers * answer.micros + contracts * report.micros) / 1e6;
                row.append(String.format(Locale.ROOT, " %,.1f MiB, %,.1f s |", mib, seconds));
            }
            OUT.println(row);
        }
        OUT.flush();
    }
}
