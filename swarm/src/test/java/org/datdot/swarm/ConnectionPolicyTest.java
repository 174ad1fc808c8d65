package org.datdot.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.datdot.crypto.PublicKey;
import org.datdot.dht.Target;
import org.datdot.swarm.ConnectionPolicy.Action;
import org.datdot.swarm.ConnectionPolicy.Arrival;
import org.datdot.swarm.ConnectionPolicy.Verdict;
import org.junit.jupiter.api.Test;

/** Whom a swarm dials and when, on simulated time. */
class ConnectionPolicyTest {
    private static final Target TOPIC = new Target(new byte[32]);
    private static final long MINUTE = 60_000;

    private final List<Action> done = new ArrayList<>();
    private long now = 1_000_000;

    private static PublicKey key(int number) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) (number >> 8);
        bytes[1] = (byte) number;
        return new PublicKey(bytes);
    }

    private static ConnectionPolicy policy(int own, HyperswarmOptions options) {
        ConnectionPolicy policy = new ConnectionPolicy(key(own), options, new Random(own));
        policy.joined(TOPIC);
        return policy;
    }

    private static ConnectionPolicy policy() {
        return policy(1_000, HyperswarmOptions.defaults());
    }

    private void find(ConnectionPolicy policy, int peer) {
        policy.found(key(peer), List.of(), TOPIC, now);
    }

    /** The dials that were asked for since the last time. */
    private List<Action.Dial> dials(ConnectionPolicy policy) {
        List<Action.Dial> dials = new ArrayList<>();
        for (Action next = policy.poll(); next != null; next = policy.poll()) {
            done.add(next);
            if (next instanceof Action.Dial dial) dials.add(dial);
        }
        return dials;
    }

    private Action.Dial onlyDial(ConnectionPolicy policy) {
        List<Action.Dial> dials = dials(policy);
        assertThat(dials).hasSize(1);
        return dials.getFirst();
    }

    /** Runs until a dial is wanted; how long that took, -1 for not within twenty minutes. */
    private long waitForDial(ConnectionPolicy policy, List<Action.Dial> found) {
        long began = now;
        while (policy.nextWakeMs() - began <= 20 * MINUTE) {
            now = Math.max(now, policy.nextWakeMs());
            policy.wake(now);
            found.addAll(dials(policy));
            if (!found.isEmpty()) return now - began;
        }
        return -1;
    }

    @Test
    void shouldForceARelayAtTheNextDialWhenThereIsNoDirectWayAndRelaysAreKnown() {
        for (boolean known : new boolean[] {true, false}) {
            RelayChoice relays = known ? RelayChoice.whenNeeded(List.of(key(9))) : RelayChoice.NOBODY;
            ConnectionPolicy policy = policy(1_000, HyperswarmOptions.defaults().withRelayThrough(relays));
            policy.joined(TOPIC);
            find(policy, 2);
            Action.Dial first = onlyDial(policy);
            assertThat(first.forceRelay()).isFalse();
            policy.unreachable(first.link());
            policy.closed(first.link(), now);
            List<Action.Dial> again = new ArrayList<>();
            waitForDial(policy, again);
            assertThat(again).as("relays known: %s", known).singleElement().matches(dial -> dial.forceRelay() == known);
        }
    }

    @Test
    void shouldTryAPeerThatNeverAnswersThreeMoreTimesAndForgetIt() {
        for (int seed = 0; seed < 50; seed++) {
            ConnectionPolicy policy = new ConnectionPolicy(key(1), HyperswarmOptions.defaults(), new Random(seed));
            policy.joined(TOPIC);
            find(policy, 2);
            List<Action.Dial> dial = dials(policy);
            // About 5, 15 and 15 seconds, each between two thirds and four thirds.
            for (long waitMs : new long[] {5_000, 15_000, 15_000}) {
                assertThat(dial).hasSize(1);
                policy.closed(dial.getFirst().link(), now);
                dial = new ArrayList<>();
                assertThat(waitForDial(policy, dial))
                        .as("seed %s, %s ms", seed, waitMs)
                        .isBetween(waitMs * 66 / 100 - 1, (waitMs + 2_500) * 132 / 100);
            }
            policy.closed(dial.getFirst().link(), now);
            assertThat(waitForDial(policy, new ArrayList<>()))
                    .as("seed %s", seed)
                    .isEqualTo(-1);
            assertThat(policy.peers()).as("seed %s", seed).isEmpty();
        }
    }

    @Test
    void shouldTryAPeerSoonWhenTheConnectionWorkedBefore() {
        ConnectionPolicy policy = policy();
        find(policy, 2);
        for (int round = 0; round < 10; round++) {
            Action.Dial dial = round == 0 ? onlyDial(policy) : null;
            if (dial == null) {
                List<Action.Dial> again = new ArrayList<>();
                assertThat(waitForDial(policy, again)).isBetween(600L, 2_700L);
                dial = again.getFirst();
            }
            assertThat(policy.opened(dial.link(), now)).isTrue();
            now += PeerInfo.MIN_CONNECTION_MS;
            policy.closed(dial.link(), now);
        }
    }

    @Test
    void shouldKeepTryingAPeerThatWasAskedForByItsKey() {
        ConnectionPolicy policy = policy();
        policy.joinPeer(key(2), now);
        List<Action.Dial> dial = dials(policy);
        long longest = 0;
        for (int i = 0; i < 12; i++) {
            assertThat(dial).as("attempt %s", i).hasSize(1);
            policy.closed(dial.getFirst().link(), now);
            dial = dials(policy);
            if (!dial.isEmpty()) continue;
            longest = Math.max(longest, waitForDial(policy, dial));
        }
        assertThat(longest).isBetween(6 * MINUTE, 16 * MINUTE);
        policy.leavePeer(key(2));
        policy.closed(dial.getFirst().link(), now);
        assertThat(waitForDial(policy, new ArrayList<>())).isEqualTo(-1);
    }

    @Test
    void shouldDialThreeAtATimeAndStopAtTheMostPeers() {
        ConnectionPolicy policy = policy(1_000, HyperswarmOptions.defaults().withMaxPeers(10));
        IntStream.range(0, 100).forEach(peer -> find(policy, peer));
        List<Action.Dial> dials = dials(policy);
        assertThat(dials).hasSize(3);
        int connected = 0;
        while (!dials.isEmpty()) {
            assertThat(policy.dialling()).isLessThanOrEqualTo(3);
            assertThat(policy.opened(dials.removeFirst().link(), now)).isTrue();
            connected++;
            dials.addAll(dials(policy));
        }
        assertThat(connected).isEqualTo(10);
        policy.joinPeer(key(500), now);
        assertThat(dials(policy))
                .as("one that is asked for is dialled in any case")
                .hasSize(1);
    }

    @Test
    void shouldDialThoseThatNearlyWorkedFirstAndOthersInRandomOrder() {
        Set<List<PublicKey>> orders = new HashSet<>();
        for (int seed = 0; seed < 20; seed++) {
            PeerQueue queue = new PeerQueue(new Random(seed));
            for (int i = 0; i < 20; i++) {
                PeerInfo peer = new PeerInfo(key(i), List.of());
                peer.attempts = i % 4;
                assertThat(peer.updatePriority()).isTrue();
                queue.add(peer);
            }
            List<PublicKey> order = new ArrayList<>();
            List<Integer> attempts = new ArrayList<>();
            for (PeerInfo next = queue.poll(); next != null; next = queue.poll()) {
                order.add(next.key);
                attempts.add(next.attempts);
            }
            // One attempt, then two, then none, then three.
            List<Integer> ranks = attempts.stream()
                    .map(count -> List.of(2, 0, 1, 3).get(count))
                    .toList();
            assertThat(ranks).as("seed %s", seed).isSorted().hasSize(20);
            orders.add(order);
        }
        assertThat(orders).hasSizeGreaterThan(15);
    }

    @Test
    void shouldAgreeOnOneConnectionWhenTwoDialEachOtherInWhateverOrder() {
        for (int seed = 0; seed < 1_000; seed++) {
            Random random = new Random(seed);
            int a = random.nextInt(500);
            int b = 500 + random.nextInt(500);
            ConnectionPolicy one = policy(a, HyperswarmOptions.defaults());
            ConnectionPolicy two = policy(b, HyperswarmOptions.defaults());
            find(one, b);
            find(two, a);
            long dialOfOne = onlyDial(one).link();
            long dialOfTwo = onlyDial(two).link();
            // Each dial arrives at the other side before any of them has carried a byte.
            Arrival atTwo = two.arrived(key(a), _ -> false);
            Arrival atOne = one.arrived(key(b), _ -> false);
            List<Runnable> events =
                    new ArrayList<>(List.of(() -> settle(two, atTwo, dialOfTwo), () -> settle(one, atOne, dialOfOne)));
            if (random.nextBoolean()) events = events.reversed();
            events.forEach(Runnable::run);
            // The one with the greater key keeps its dial; the other one gives its own up.
            assertThat(two.opened(dialOfTwo, now)).as("seed %s", seed).isTrue();
            assertThat(one.opened(dialOfOne, now)).as("seed %s", seed).isFalse();
            assertThat(one.connected(key(b)) && two.connected(key(a)))
                    .as("seed %s", seed)
                    .isTrue();
        }
    }

    private void settle(ConnectionPolicy policy, Arrival arrival, long ownDial) {
        Verdict verdict = policy.accept(arrival, _ -> false);
        if (!(verdict instanceof Verdict.Instead instead)) return;
        assertThat(instead.existing()).isEqualTo(ownDial);
        policy.closed(ownDial, now);
        assertThat(policy.accept(arrival, _ -> false)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void shouldTakeTheNewConnectionOfAPeerWhoseOldOneCarriedBytes() {
        ConnectionPolicy policy = policy(1_000, HyperswarmOptions.defaults());
        Verdict first = policy.accept(policy.arrived(key(1), _ -> false), _ -> false);
        assertThat(first).isInstanceOf(Verdict.Accepted.class);
        Arrival again = policy.arrived(key(1), _ -> true);
        assertThat(policy.accept(again, _ -> true)).isEqualTo(new Verdict.Instead(((Verdict.Accepted) first).link()));
        Arrival quick = policy.arrived(key(1), _ -> false);
        assertThat(policy.accept(quick, _ -> false)).isInstanceOf(Verdict.Refused.class);
        dials(policy);
        assertThat(done).contains(new Action.Probe(((Verdict.Accepted) first).link()));
    }

    @Test
    void shouldNeitherDialNorTakeAPeerWhenItIsBannedOrTheFirewallSaysNo() {
        HyperswarmOptions options = HyperswarmOptions.defaults().withFirewall(key(3)::equals);
        ConnectionPolicy policy = policy(1_000, options);
        policy.ban(key(2), true);
        find(policy, 2);
        find(policy, 3);
        find(policy, 1_000);
        assertThat(dials(policy)).isEmpty();
        assertThat(done).contains(new Action.Ban(key(2)), new Action.Ban(key(3)));
        for (int peer : new int[] {2, 3, 1_000}) {
            assertThat(policy.accept(policy.arrived(key(peer), _ -> false), _ -> false))
                    .isInstanceOf(Verdict.Refused.class);
        }
        policy.ban(key(2), false);
        find(policy, 2);
        assertThat(onlyDial(policy).peer()).isEqualTo(key(2));
        assertThat(policy.stats().banned()).isEqualTo(2);
    }

    @Test
    void shouldTellThatAFlushIsOverWhenEachPeerOfThenWasTried() {
        ConnectionPolicy policy = policy();
        long empty = policy.flush();
        assertThat(flushed(policy)).containsExactly(empty);
        for (int peer = 0; peer < 5; peer++) find(policy, peer);
        List<Action.Dial> dials = dials(policy);
        long flush = policy.flush();
        find(policy, 6);
        for (int ended = 0; ended < 5; ended++) {
            assertThat(flushed(policy)).as("%s dials ended", ended).doesNotContain(flush);
            Action.Dial next = dials.stream()
                    .filter(dial -> !dial.peer().equals(key(6)))
                    .findFirst()
                    .orElseThrow();
            dials.remove(next);
            if (ended % 2 == 0) assertThat(policy.opened(next.link(), now)).isTrue();
            else policy.closed(next.link(), now);
            dials.addAll(dials(policy));
        }
        dials(policy);
        assertThat(done).contains(new Action.Flushed(flush, true));
    }

    private List<Long> flushed(ConnectionPolicy policy) {
        List<Long> flushed = new ArrayList<>();
        for (Action next = policy.poll(); next != null; next = policy.poll()) {
            if (next instanceof Action.Flushed one) flushed.add(one.flush());
        }
        return flushed;
    }

    @Test
    void shouldEndEverythingWhenSuspendedAndBeginAgainWhenResumed() {
        ConnectionPolicy policy = policy();
        for (int peer = 0; peer < 8; peer++) find(policy, peer);
        List<Action.Dial> dials = dials(policy);
        assertThat(policy.opened(dials.getFirst().link(), now)).isTrue();
        dials.addAll(dials(policy));
        policy.suspend();
        dials(policy);
        for (Action.Dial dial : dials) {
            assertThat(done).contains(new Action.Drop(dial.link()));
            policy.closed(dial.link(), now);
        }
        find(policy, 9);
        assertThat(policy.nextWakeMs()).isEqualTo(RetryTimer.NEVER);
        policy.wake(now + 20 * MINUTE);
        assertThat(dials(policy)).isEmpty();
        assertThat(policy.accept(policy.arrived(key(7), _ -> false), _ -> false))
                .isInstanceOf(Verdict.Refused.class);
        policy.resume(now);
        for (int peer = 0; peer < 8; peer++) find(policy, peer);
        assertThat(dials(policy)).hasSize(3);
    }

    @Test
    void shouldRememberNoMorePeersThanABudgetWhenManyAreMadeUp() {
        ConnectionPolicy policy = policy(30_000, HyperswarmOptions.defaults());
        for (int peer = 0; peer < 20_000; peer++) find(policy, peer);
        assertThat(policy.peers()).hasSize(ConnectionPolicy.MAX_KNOWN);
        // None of them answers: all are forgotten in the end, and the next ones have their turn.
        List<Action.Dial> dials = dials(policy);
        Map<PublicKey, Integer> tried = new HashMap<>();
        while (!dials.isEmpty()) {
            Action.Dial dial = dials.removeFirst();
            tried.merge(dial.peer(), 1, Integer::sum);
            policy.closed(dial.link(), now);
            dials.addAll(dials(policy));
            if (dials.isEmpty()) waitForDial(policy, dials);
        }
        assertThat(policy.peers()).isEmpty();
        assertThat(tried).hasSize(ConnectionPolicy.MAX_KNOWN);
        assertThat(tried.values()).allMatch(count -> count == 4);
    }

    @Test
    void shouldNotDialAgainWhenTheTopicWasLeft() {
        ConnectionPolicy policy = policy();
        find(policy, 2);
        Action.Dial dial = onlyDial(policy);
        assertThat(policy.opened(dial.link(), now)).isTrue();
        policy.left(TOPIC);
        assertThat(policy.connected(key(2))).isTrue();
        policy.closed(dial.link(), now);
        assertThat(waitForDial(policy, new ArrayList<>())).isEqualTo(-1);
        assertThat(policy.peers()).isEmpty();
    }

    @Test
    void shouldLookAgainEveryTenMinutesAndAtOnceWhenItsPartChanges() {
        for (int seed = 0; seed < 50; seed++) {
            TopicDiscovery discovery = new TopicDiscovery(new Random(seed), false);
            discovery.sessions(0, 1);
            TopicDiscovery.Refresh first = Objects.requireNonNull(discovery.refresh());
            assertThat(first.query()).isEqualTo(TopicDiscovery.Query.LOOKUP);
            assertThat(discovery.refresh()).as("one is under way").isNull();
            discovery.finished(first, true, now);
            long due = discovery.nextWakeMs() - now;
            assertThat(due).as("seed %s", seed).isBetween(10 * MINUTE, 12 * MINUTE);
            discovery.sessions(1, 0);
            TopicDiscovery.Refresh second = Objects.requireNonNull(discovery.refresh());
            assertThat(second.query()).isEqualTo(TopicDiscovery.Query.ANNOUNCE);
            assertThat(second.clear() && second.dialling()).isTrue();
            discovery.announcing();
            discovery.sessions(-1, 0);
            TopicDiscovery.Refresh third = Objects.requireNonNull(discovery.refresh());
            assertThat(third.query()).isEqualTo(TopicDiscovery.Query.UNANNOUNCE);
            assertThat(discovery.current(second)).isFalse();
            discovery.finished(second, true, now);
            assertThat(discovery.announced()).isTrue();
            discovery.finished(third, true, now);
            assertThat(discovery.announced()).isFalse();
            // After a sleep not all machines come back in the same second.
            long woken = discovery.nextWakeMs() + 3_600_000;
            assertThat(discovery.wake(woken)).isNull();
            assertThat(discovery.nextWakeMs() - woken).as("seed %s", seed).isBetween(0L, 2 * MINUTE);
            assertThat(discovery.wake(discovery.nextWakeMs())).isNotNull();
        }
    }

    @Test
    void shouldRefuseOptionsThatMakeNoSense() {
        assertThatThrownBy(() -> new JoinOptions(false, false, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> JoinOptions.BOTH.withLimit(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HyperswarmOptions.defaults().withDials(5, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
