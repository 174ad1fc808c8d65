package org.datdot.ledger;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Who is cut off when. Nobody is cut off twice without a block in between, and nobody for longer than a short while twice in a week. */
final class Weather {
    /** Fewer blocks than an answer to a storage challenge may take. */
    private static final int SHORT = 2;
    /** More than that, and fewer than the allowance for absences. */
    static final int LONGEST = 10;

    private static final int REGIONS = 40;

    private final Random random;
    private final int blocksPerWeek;
    private final Map<Long, Cut> last = new HashMap<>();
    private long longCuts;

    private record Cut(long fromBlock, long untilBlock, long longBlock) {}

    private static final Cut NEVER = new Cut(0, 0, Long.MIN_VALUE / 2);

    Weather(Random random, int blocksPerWeek) {
        this.random = random;
        this.blocksPerWeek = blocksPerWeek;
    }

    boolean online(long user, long block) {
        return last.getOrDefault(user, NEVER).untilBlock() <= block;
    }

    /** Whether somebody is cut off, and was in another block already. */
    boolean awaySince(long user, long since, long block) {
        return !online(user, block) && last.getOrDefault(user, NEVER).fromBlock() <= since;
    }

    /** How often anybody was cut off for longer than an answer may take. */
    long longCuts() {
        return longCuts;
    }

    void pass(List<Long> users, long block) {
        for (int i = 0; i < Math.ceilDiv(users.size(), 100); i++) {
            cut(users.get(random.nextInt(users.size())), block, 1 + random.nextInt(SHORT));
        }
        for (int i = 0; i < Math.ceilDiv(users.size(), 1000); i++) {
            cut(users.get(random.nextInt(users.size())), block, SHORT + 1 + random.nextInt(LONGEST - SHORT));
        }
        if (random.nextInt(4) == 0) {
            long region = random.nextInt(REGIONS);
            int blocks = random.nextInt(20) == 0 ? LONGEST : SHORT;
            List<Long> there = new ArrayList<>(users);
            there.removeIf(user -> user % REGIONS != region);
            there.forEach(user -> cut(user, block, blocks));
        }
    }

    private void cut(long user, long block, int blocks) {
        Cut before = last.getOrDefault(user, NEVER);
        boolean tooSoon = blocks > SHORT && block - before.longBlock() < blocksPerWeek + 2 * LONGEST;
        if (before.untilBlock() >= block || tooSoon) {
            return;
        }
        if (blocks > SHORT) {
            longCuts++;
        }
        last.put(user, new Cut(block, block + blocks, blocks > SHORT ? block : before.longBlock()));
    }
}
