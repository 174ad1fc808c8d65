package org.datdot.dht;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The nodes a node knows, up to {@value #K} for each number of leading bits their ids share with its own (npm {@code
 * kademlia-routing-table}). A full row takes nobody in; whoever wants to may make room first.
 */
final class RoutingTable {
    /** How many nodes a row holds, and how many are asked to store something. */
    static final int K = 20;

    private final NodeId id;
    private final List<List<Contact>> rows = new ArrayList<>(Collections.nCopies(Position.BITS, List.of()));
    private int size;

    RoutingTable(NodeId id) {
        this.id = id;
    }

    NodeId id() {
        return id;
    }

    int size() {
        return size;
    }

    /** Adds a node, or replaces the one with its id. False when its row is full. */
    boolean add(Contact contact) {
        int index = id.commonBits(contact.id);
        List<Contact> row = rows.get(index);
        int at = find(row, contact.id);
        if (at >= 0) {
            row.set(at, contact);
            return true;
        }
        if (row.size() >= K) return false;
        if (row.isEmpty()) {
            row = new ArrayList<>();
            rows.set(index, row);
        }
        row.add(-at - 1, contact);
        size++;
        return true;
    }

    void remove(NodeId contact) {
        List<Contact> row = rows.get(id.commonBits(contact));
        int at = find(row, contact);
        if (at >= 0) {
            row.remove(at);
            size--;
        }
    }

    @Nullable
    Contact get(NodeId contact) {
        List<Contact> row = rows.get(id.commonBits(contact));
        int at = find(row, contact);
        return at < 0 ? null : row.get(at);
    }

    /** The nodes of the row a node belongs into. */
    List<Contact> row(NodeId contact) {
        return Collections.unmodifiableList(rows.get(id.commonBits(contact)));
    }

    @Nullable
    Contact random(RandomGenerator random) {
        if (size == 0) return null;
        int n = random.nextInt(size);
        for (List<Contact> row : rows) {
            if (n < row.size()) return row.get(n);
            n -= row.size();
        }
        throw new IllegalStateException("a table's size is the sum of its rows");
    }

    /**
     * Up to {@code max} nodes near a place: those of its row and of rows sharing fewer bits, then of rows sharing more. Not
     * strictly the closest ones, as in the stock table.
     */
    List<Contact> closest(Position place, int max) {
        List<Contact> result = new ArrayList<>(Math.min(max, size));
        int own = id.commonBits(place);
        for (int i = own; i >= 0 && result.size() < max; i--) take(rows.get(i), max, result);
        for (int i = own + 1; i < rows.size() && result.size() < max; i++) take(rows.get(i), max, result);
        return result;
    }

    /** All nodes, the closest first. */
    List<Contact> all() {
        return closest(id, Integer.MAX_VALUE);
    }

    private static void take(List<Contact> row, int max, List<Contact> result) {
        result.addAll(row.subList(0, Math.min(row.size(), max - result.size())));
    }

    private static int find(List<Contact> row, NodeId id) {
        int low = 0;
        int high = row.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = id.compareTo(row.get(middle).id);
            if (order == 0) return middle;
            if (order < 0) high = middle - 1;
            else low = middle + 1;
        }
        return -low - 1;
    }
}
