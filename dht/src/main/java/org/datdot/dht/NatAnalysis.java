package org.datdot.dht;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.Call.Question;
import org.datdot.dht.DhtException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * What kind of address translation is in front of one socket, from how other nodes see it (npm {@code hyperdht}, {@code
 * lib/nat.js}): {@link Firewall#CONSISTENT} when three nodes saw the same address and port, {@link Firewall#RANDOM} when no two
 * did.
 */
final class NatAnalysis {
    private static final int SAMPLES = 4;
    /** A node that knows so many others does not ask those it last heard of: they are asked by everything else already. */
    private static final int MANY_NODES = 8;

    private static final int PASSED_OVER = 5;

    private static final class Sample {
        final PeerAddress address;
        int hits = 1;

        Sample(PeerAddress address) {
            this.address = address;
        }
    }

    private final DhtNode node;
    private final LocalSocket socket;
    private final List<Sample> hosts = new ArrayList<>();
    private final List<Sample> addresses = new ArrayList<>();
    private final Map<PeerAddress, Boolean> heardBy = new HashMap<>();
    private final List<Runnable> whenAnalyzed = new ArrayList<>();
    private Firewall firewall;
    private @Nullable List<PeerAddress> seenAs;
    private int samples;
    private int wanted = SAMPLES;
    private int pending;
    private boolean analyzed;
    private boolean frozen;

    NatAnalysis(DhtNode node, LocalSocket socket) {
        this.node = node;
        this.socket = socket;
        this.firewall = node.reachability().firewalled() ? Firewall.UNKNOWN : Firewall.OPEN;
    }

    /** What is known of it. */
    Firewall firewall() {
        return firewall;
    }

    /** Where the socket is seen; null while that is not known. */
    @Nullable
    List<PeerAddress> addresses() {
        return seenAs;
    }

    /** Asks some nodes how they see the socket. */
    void sample() {
        ask(true);
    }

    private void ask(boolean again) {
        int skipped = node.table().size() >= MANY_NODES ? PASSED_OVER : 0;
        List<PeerAddress> latest = node.latest(skipped + 4 * SAMPLES);
        pending++;
        for (PeerAddress each : latest.subList(Math.min(skipped, latest.size()), latest.size())) {
            if (samples + pending - 1 >= wanted) break;
            if (heardBy.putIfAbsent(each, false) == null) ping(each, again);
        }
        oneLess(again);
    }

    private void ping(PeerAddress to, boolean again) {
        pending++;
        Question question = new Question(to, null, null, true, Command.PING, null, null, 0, 0, true);
        node.call(socket, question, new Call.Listener() {
            @Override
            public void replied(Answer answer) {
                add(answer.message().to(), answer.from());
                oneLess(again);
            }

            @Override
            public void failed(Reason reason) {
                oneLess(again);
            }
        });
    }

    private void oneLess(boolean again) {
        if (--pending > 0 || samples >= wanted) return;
        if (again) ask(false);
        else finish();
    }

    /** A node sees the socket at an address; each node counts once. */
    void add(PeerAddress address, PeerAddress from) {
        if (Boolean.TRUE.equals(heardBy.put(from, true))) return;
        count(hosts, new PeerAddress(address.host(), 0));
        count(addresses, address);
        samples++;
        if ((samples >= 3 || !node.reachability().firewalled()) && !frozen) update();
        if (firewall.consistent() || samples >= wanted) finish();
    }

    /** From now on what the other side was told stays. */
    void freeze() {
        frozen = true;
    }

    /** Runs something when enough is known, or no more will be; at once if that is so. */
    void whenAnalyzed(Runnable action) {
        if (analyzed) action.run();
        else whenAnalyzed.add(action);
    }

    /** Nobody is interested any more. */
    void end() {
        wanted = 0;
        finish();
    }

    private void finish() {
        analyzed = true;
        List<Runnable> waiting = List.copyOf(whenAnalyzed);
        whenAnalyzed.clear();
        waiting.forEach(Runnable::run);
    }

    private void update() {
        firewall = node.reachability().firewalled() ? judge(firewall) : Firewall.OPEN;
        seenAs = switch (firewall) {
            case UNKNOWN -> null;
            case OPEN -> seenAs;
            case RANDOM -> List.of(hosts.getFirst().address);
            case CONSISTENT -> {
                List<PeerAddress> likely = new ArrayList<>();
                for (Sample sample : addresses) {
                    if (sample.hits >= 2 || likely.size() < 2) likely.add(sample.address);
                }
                yield List.copyOf(likely);
            }
        };
    }

    private Firewall judge(Firewall before) {
        Firewall soFar = before == Firewall.OPEN ? Firewall.UNKNOWN : before;
        if (samples < 3) return soFar;
        int most = addresses.getFirst().hits;
        if (most >= 3) return Firewall.CONSISTENT;
        if (most == 1 || (hosts.size() == 1 && samples > 3)) return Firewall.RANDOM;
        // Two hosts, each of which two nodes saw: as good as one.
        if (hosts.size() > 1 && addresses.get(1).hits > 1) return Firewall.CONSISTENT;
        return samples > 4 ? Firewall.RANDOM : soFar;
    }

    /** The most frequent first. */
    private static void count(List<Sample> samples, PeerAddress address) {
        for (int i = 0; i < samples.size(); i++) {
            Sample sample = samples.get(i);
            if (!sample.address.equals(address)) continue;
            sample.hits++;
            for (int at = i; at > 0 && samples.get(at - 1).hits < sample.hits; at--) {
                samples.set(at, samples.get(at - 1));
                samples.set(at - 1, sample);
            }
            return;
        }
        samples.add(new Sample(address));
    }
}
