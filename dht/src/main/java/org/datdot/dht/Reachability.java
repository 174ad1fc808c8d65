package org.datdot.dht;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.Call.Question;
import org.datdot.dht.DhtException.Reason;
import org.datdot.encoding.CompactEncoder;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows about its own address, and whether others may rely on it (npm {@code dht-rpc}, {@code index.js}).
 *
 * <p>Others may rely on a node, and it tells them its id, when its server socket can be reached: nodes are asked to answer to
 * that socket, from which nothing was sent to them; the answers must come from the same host, to the port it is bound to.
 */
final class Reachability {
    private static final long STABLE_TICKS = 240;
    private static final long MORE_STABLE_TICKS = 3 * STABLE_TICKS;
    private static final int ASKED = 5;

    /** What is needed of the node. */
    interface Owner {
        void call(Question question, Call.Listener listener);

        /** Some nodes it knows, the one last heard of first. */
        List<PeerAddress> latest(int max);

        List<PeerAddress> bootstrapNodes();

        /** Where the node stands from now on. */
        void moveTo(NodeId id);
    }

    private final Owner owner;
    private final DhtOptions.Mode mode;
    private int serverPort;
    private final Set<PeerAddress> strangers = new HashSet<>();
    private NatSampler nat = new NatSampler();
    private boolean ephemeral = true;
    private boolean firewalled;
    private long stableTicks = STABLE_TICKS;
    private @Nullable PeerAddress checkedHost;

    Reachability(Owner owner, DhtOptions options, int serverPort) {
        this.owner = owner;
        this.mode = options.mode();
        this.serverPort = serverPort;
        this.firewalled = options.firewalled();
        PeerAddress known = options.publicAddress();
        if (known != null) nat.add(known);
    }

    /** Whether others may not rely on this node. */
    boolean ephemeral() {
        return ephemeral;
    }

    /** Whether it is assumed that the server socket cannot be reached from outside. */
    boolean firewalled() {
        return firewalled;
    }

    /** Our address as others see it: port 0 when they disagree about it, null when nothing is known. */
    @Nullable
    PeerAddress address() {
        return nat.address();
    }

    /** Where everybody can reach the server socket; null when that is not known, or not so. */
    @Nullable
    PeerAddress openAddress() {
        PeerAddress seenAs = nat.address();
        return firewalled || seenAs == null || seenAs.port() != serverPort ? null : seenAs;
    }

    /** A node of the routing table told us our address. */
    void seenAs(PeerAddress address) {
        nat.add(address);
    }

    /** A node that does not tell its id told us our address; of those only as many count as there are bootstrap nodes. */
    void seenByStranger(PeerAddress from, PeerAddress address) {
        int max = Math.max(1, owner.bootstrapNodes().size());
        if (strangers.size() < max && strangers.add(from)) nat.add(address);
    }

    /** Once a tick. */
    void tick() {
        if (mode != DhtOptions.Mode.ADAPTIVE || !ephemeral || --stableTicks > 0) return;
        if (Objects.equals(checkedHost, host(nat.address()))) stableTicks = MORE_STABLE_TICKS;
        else update(false, changed -> {});
    }

    /** After the machine slept: it may be elsewhere now. */
    void wakeUp() {
        stableTicks = MORE_STABLE_TICKS;
        checkedHost = null;
        if (mode == DhtOptions.Mode.ADAPTIVE) ephemeral = true;
    }

    /** The server socket is bound now. Returns whether to another port: then what others say about the former one is void. */
    boolean bound(int port) {
        if (port == serverPort) return false;
        serverPort = port;
        ephemeral = true;
        nat = new NatSampler();
        strangers.clear();
        return true;
    }

    /**
     * Finds out whether the server socket can be reached, and unless {@code onlyFirewall} becomes a node others rely on if so.
     *
     * @param then told whether that was so
     */
    void update(boolean onlyFirewall, Consumer<Boolean> then) {
        PeerAddress address = nat.address();
        if (!ephemeral || (onlyFirewall && !firewalled)) {
            then.accept(false);
            return;
        }
        if (!onlyFirewall) {
            stableTicks = MORE_STABLE_TICKS;
            checkedHost = host(address);
        }
        if (address == null || address.port() == 0) {
            then.accept(false);
        } else if (firewalled) {
            new Check().run(sampler -> then.accept(becomeReachable(onlyFirewall, address, sampler)));
        } else {
            then.accept(becomeReachable(onlyFirewall, address, nat));
        }
    }

    /** Asks one node to answer to the server socket. */
    void probe(PeerAddress node, Runnable answered) {
        owner.call(question(node), new Call.Listener() {
            @Override
            public void replied(Answer answer) {
                answered.run();
            }

            @Override
            public void failed(Reason reason) {
                // Then it is found out later: the check is repeated when the node has been up for a while.
            }
        });
    }

    private Question question(PeerAddress node) {
        return Question.internal(
                node,
                Command.PING_NAT,
                null,
                new CompactEncoder(2).uint16(serverPort).toBytes());
    }

    private boolean becomeReachable(boolean onlyFirewall, PeerAddress checked, @Nullable NatSampler sampler) {
        if (sampler == null) return false;
        firewalled = false;
        PeerAddress seenAs = sampler.address();
        if (!ephemeral || !checked.equals(nat.address())) return false;
        if (seenAs == null || seenAs.host() != checked.host() || seenAs.port() == 0) return false;
        if (!onlyFirewall) ephemeral = false;
        if (sampler != nat) {
            strangers.clear();
            nat = sampler;
        }
        owner.moveTo(seenAs.id());
        return true;
    }

    private static @Nullable PeerAddress host(@Nullable PeerAddress address) {
        return address == null ? null : new PeerAddress(address.host(), 0);
    }

    /** One round of asking nodes to answer to the server socket. */
    private final class Check {
        private final NatSampler sampler = new NatSampler();
        private final List<PeerAddress> nodes = new ArrayList<>(owner.latest(ASKED));
        private int missing;
        private int came;

        void run(Consumer<@Nullable NatSampler> then) {
            if (nodes.size() < ASKED) nodes.addAll(owner.bootstrapNodes());
            missing = nodes.size();
            if (nodes.isEmpty()) then.accept(null);
            for (PeerAddress node : nodes) {
                owner.call(question(node), new Call.Listener() {
                    @Override
                    public void replied(Answer answer) {
                        if (answer.socket() == LocalSocket.SERVER) {
                            came++;
                            sampler.add(answer.message().to());
                        }
                        oneLess(then);
                    }

                    @Override
                    public void failed(Reason reason) {
                        oneLess(then);
                    }
                });
            }
        }

        private void oneLess(Consumer<@Nullable NatSampler> then) {
            if (--missing > 0) return;
            boolean enough = came >= (nodes.size() >= ASKED ? 3 : 1);
            then.accept(enough && isOurs(sampler.address()) ? sampler : null);
        }

        /** Whether that is the host others see us at, and the port nobody translated. */
        private boolean isOurs(@Nullable PeerAddress seenAs) {
            PeerAddress known = nat.address();
            return seenAs != null && known != null && seenAs.host() == known.host() && seenAs.port() == serverPort;
        }
    }
}
