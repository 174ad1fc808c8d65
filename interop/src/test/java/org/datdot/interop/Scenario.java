package org.datdot.interop;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/**
 * What one run of {@link DifferentialTest} does; everything follows from the seed.
 *
 * @param seed what it was drawn from
 * @param content what is written
 * @param writer who writes
 * @param reader who reads
 * @param writerListens whether the writer is the server
 * @param writerHangsUp who ends the connection
 * @param wholeStore whether the connection carries the store or the one core
 * @param sparse whether the reader takes single blocks only
 * @param live whether the writer goes on while the reader is connected
 * @param encrypted whether the blocks are encrypted, with a key the reader has as well
 * @param manifestVersion of the core
 * @param batches sizes in bytes of the blocks of each append
 */
record Scenario(
        long seed,
        Content content,
        PeerProcess.Kind writer,
        PeerProcess.Kind reader,
        boolean writerListens,
        boolean writerHangsUp,
        boolean wholeStore,
        boolean sparse,
        boolean live,
        boolean encrypted,
        int manifestVersion,
        List<List<Integer>> batches) {
    private static final int MAX_BYTES = 400_000;

    /** What a scenario is about. */
    enum Content {
        LOG,
        BEE,
        DRIVE
    }

    static Scenario draw(long seed) {
        Random random = new Random(seed);
        int kind = random.nextInt(10);
        Content content = kind < 7 ? Content.LOG : kind < 9 ? Content.BEE : Content.DRIVE;
        Random more = new Random(seed ^ 9);
        return new Scenario(
                seed,
                content,
                random.nextBoolean() ? PeerProcess.Kind.NODE : PeerProcess.Kind.JAVA,
                random.nextBoolean() ? PeerProcess.Kind.NODE : PeerProcess.Kind.JAVA,
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean() || content == Content.DRIVE,
                random.nextBoolean(),
                random.nextBoolean(),
                more.nextInt(4) == 0,
                random.nextInt(3),
                batches(random));
    }

    private static List<List<Integer>> batches(Random random) {
        int count = 1 + (int) Math.exp(random.nextDouble() * Math.log(400));
        int most = new int[] {3, 100, 1000, 20_000, 66_000}[random.nextInt(5)];
        boolean oneSize = random.nextBoolean();
        int longest = random.nextInt(4) == 0 ? 1 : 1 + random.nextInt(60);
        List<List<Integer>> batches = new ArrayList<>();
        int bytes = 0;
        for (int done = 0; done < count; ) {
            List<Integer> batch = new ArrayList<>();
            int size = 1 + random.nextInt(longest);
            for (int i = 0; i < size && done < count; i++, done++) {
                int block = bytes > MAX_BYTES ? random.nextInt(4) : oneSize ? most : random.nextInt(most + 1);
                batch.add(block);
                bytes += block;
            }
            batches.add(batch);
        }
        return batches;
    }

    long lengthBlocks() {
        return batches.stream().mapToInt(List::size).sum();
    }

    /** How many of the batches are appended before anybody connects: all, unless the scenario is live. */
    int batchesBefore() {
        return live ? new Random(seed ^ 1).nextInt(batches.size()) : batches.size();
    }

    /** Whether a log is cut before a batch, so that the one before is written again. */
    boolean truncates(int batch) {
        return batch > 0 && new Random(seed ^ 8 ^ ((long) batch << 32)).nextInt(12) == 0;
    }

    /** How many blocks no cut takes away that is made while somebody reads. */
    long neverCut() {
        long length = 0;
        for (int batch = 0; batch < batches.size(); batch++) {
            if (batch >= batchesBefore() && truncates(batch)) {
                return length - batches.get(batch - 1).size();
            }
            length += batches.get(batch).size();
        }
        return length;
    }

    /** The blocks a sparse reader takes, ascending; the last one always, it brings the newest head. */
    List<Long> wanted() {
        Random random = new Random(seed ^ 2);
        TreeSet<Long> wanted = new TreeSet<>();
        int count = 1 + random.nextInt(20);
        for (int i = 0; i < count; i++) wanted.add(random.nextLong(lengthBlocks()));
        wanted.add(lengthBlocks() - 1);
        return List.copyOf(wanted);
    }

    /** The same in the order it takes them. */
    List<Long> wantedShuffled() {
        List<Long> shuffled = new ArrayList<>(wanted());
        Collections.shuffle(shuffled, new Random(seed ^ 3));
        return shuffled;
    }

    @Override
    public String toString() {
        long bytes = batches.stream()
                .flatMap(List::stream)
                .mapToLong(Integer::longValue)
                .sum();
        return "seed " + seed + " (" + content + " of " + lengthBlocks() + " blocks, " + bytes + " bytes in "
                + batches.size() + " batches, manifest " + manifestVersion + ", " + writer + " writes, " + reader
                + " reads" + (sparse ? " some" : " all") + (live ? " while it is written, " : ", ")
                + (encrypted ? "encrypted, " : "")
                + (writerListens ? "writer" : "reader") + " listens, "
                + (wholeStore ? "the store" : "the core") + " is carried, "
                + (writerHangsUp ? "writer" : "reader") + " hangs up)";
    }
}
