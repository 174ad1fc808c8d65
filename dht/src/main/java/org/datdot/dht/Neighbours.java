package org.datdot.dht;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.datdot.dht.Call.Answer;
import org.datdot.dht.Call.Question;
import org.datdot.dht.DhtException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * The nodes a node knows and keeps in touch with: the routing table, and the same nodes in the order they were last heard of
 * (npm {@code dht-rpc}, {@code index.js}).
 */
final class Neighbours {
    /** After so many ticks a node counts as old (30 minutes). */
    static final long OLD_TICKS = 360;

    private static final long RECENT_TICKS = 12;
    private static final int MAX_REPINGS = 3;
    private static final int MAX_CHECKS = 10;

    /** What neighbours need of the node they are neighbours of. */
    interface Owner {
        long tick();

        boolean bootstrapped();

        void call(Question question, Call.Listener listener);

        /** A node told us our own address. */
        void seenAs(PeerAddress address);
    }

    private final Owner owner;
    private final Set<Contact> oldestFirst = new LinkedHashSet<>();
    private RoutingTable table;
    private int repinging;
    private int checks;

    Neighbours(Owner owner, NodeId id) {
        this.owner = owner;
        this.table = new RoutingTable(id);
    }

    RoutingTable table() {
        return table;
    }

    int size() {
        return oldestFirst.size();
    }

    /** Up to {@code max} nodes, the one last heard of first. */
    List<PeerAddress> latest(int max) {
        return new ArrayList<>(oldestFirst)
                .reversed().stream().limit(max).map(contact -> contact.address).toList();
    }

    /** A node that told its id sent something; {@code expected} when it came where answers are expected. */
    void heardFrom(PeerAddress from, NodeId id, PeerAddress seenAs, boolean expected) {
        long tick = owner.tick();
        Contact known = table.get(id);
        if (known == null) {
            add(new Contact(id, from, seenAs));
            return;
        }
        if (expected && (known.sampled == 0 || tick - known.sampled >= OLD_TICKS)) {
            known.sampled = tick;
            owner.seenAs(seenAs);
        }
        known.pinged = tick;
        known.seen = tick;
        oldestFirst.remove(known);
        oldestFirst.add(known);
    }

    /** A node did not answer. */
    void unanswered(NodeId id) {
        Contact contact = table.get(id);
        if (contact != null) remove(contact);
    }

    /** Another node says that this one, which it knows from us, does not answer: we see for ourselves. */
    void hintedDown(PeerAddress node) {
        if (checks >= MAX_CHECKS) return;
        Contact contact = table.get(node.id());
        if (contact == null || (contact.pinged >= owner.tick() && contact.downHints > 0)) return;
        contact.downHints++;
        check(contact);
    }

    /** Asks some of those not heard of for long whether they are there. */
    void pingSome(boolean busy) {
        List<Contact> contacts = new ArrayList<>(oldestFirst);
        if (contacts.isEmpty()) return;
        int count = busy ? 3 : 5;
        if (owner.tick() - contacts.getFirst().pinged < RECENT_TICKS) count = 2;
        for (Contact contact : contacts.subList(0, Math.min(count, contacts.size()))) {
            if (contact.pinged != owner.tick()) check(contact);
        }
    }

    /** Takes another place in the DHT, and the nodes along that still fit. */
    void moveTo(NodeId id) {
        List<Contact> all = table.all();
        table = new RoutingTable(id);
        for (Contact contact : all) {
            if (contact.id.equals(id) || !table.add(contact)) oldestFirst.remove(contact);
        }
    }

    private void add(Contact contact) {
        if (contact.id.equals(table.id())) return;
        contact.added = owner.tick();
        contact.pinged = contact.added;
        contact.seen = contact.added;
        if (table.get(contact.id) != null) return;
        if (!table.add(contact)) {
            makeRoom(contact);
            return;
        }
        oldestFirst.add(contact);
        contact.sampled = owner.tick();
        owner.seenAs(contact.seenAs);
    }

    private void remove(Contact contact) {
        if (oldestFirst.remove(contact)) table.remove(contact.id);
    }

    /** Asks the node of a full row that was silent longest whether it is there; if not, the newcomer takes its place. */
    private void makeRoom(Contact newcomer) {
        if (!owner.bootstrapped() || repinging >= MAX_REPINGS) return;
        Contact oldest = oldest(table.row(newcomer.id));
        if (oldest == null) return;
        long tick = owner.tick();
        if (tick - oldest.pinged < RECENT_TICKS && tick - oldest.added > OLD_TICKS) return;
        repinging++;
        ping(oldest, isThere -> {
            repinging--;
            if (!isThere) add(newcomer);
        });
    }

    private @Nullable Contact oldest(List<Contact> row) {
        Contact oldest = null;
        for (Contact contact : row) {
            if (contact.pinged == owner.tick()) continue;
            if (oldest == null
                    || oldest.pinged > contact.pinged
                    || (oldest.pinged == contact.pinged && oldest.added > contact.added)) {
                oldest = contact;
            }
        }
        return oldest;
    }

    private void check(Contact contact) {
        checks++;
        ping(contact, isThere -> checks--);
    }

    /** Pings a node and removes it when it does not answer as itself. */
    private void ping(Contact contact, Consumer<Boolean> then) {
        contact.pinged = owner.tick();
        owner.call(Question.internal(contact.address, Command.PING, null, null), new Call.Listener() {
            @Override
            public void replied(Answer answer) {
                NodeId id = answer.id();
                boolean isThere = id != null && id.equals(contact.id);
                if (!isThere) remove(contact);
                then.accept(isThere);
            }

            @Override
            public void failed(Reason reason) {
                boolean isGone = reason == Reason.TIMEOUT;
                if (isGone) remove(contact);
                then.accept(!isGone);
            }
        });
    }
}
